// What is left of what libtorch's exceptions say.
#include "backend/torch/torch_error.h"

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "ATen/Functions.h"
#include "c10/util/Exception.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

std::string Plain(const std::string& text) {
  return PlainMessage(std::runtime_error(text));
}

TEST(TorchErrorTest, LeavesPlacesOut) {
  EXPECT_EQ(Plain("cannot open (/home/ann/net.py), line 3"),
            "cannot open (...), line 3");
  EXPECT_EQ(Plain("no C:\\models\\net.pt here"), "no ... here");
  EXPECT_EQ(Plain("storage at 0x7f00dead is gone"), "storage at ... is gone");
}

TEST(TorchErrorTest, KeepsTheFirstLineAloneAndNotAllOfIt) {
  EXPECT_EQ(Plain("\n  first\nsecond"), "first");
  EXPECT_EQ(Plain(std::string(1000, 'x')), std::string(400, 'x'));
}

TEST(TorchErrorTest, SaysThatThereIsNoReason) {
  EXPECT_EQ(Plain(""), "no reason given");
  // Whose back-trace would be next.
  const c10::Error error({"function", "file.cc", 7}, "");
  EXPECT_EQ(PlainMessage(error), "no reason given");
}

TEST(TorchErrorTest, TakesWhatAnInterpreterSaysLast) {
  EXPECT_EQ(Plain("The following operation failed in the interpreter.\n"
                  "Traceback of TorchScript (most recent call last):\n"
                  "  File \"code/net.py\", line 4, in forward\n"
                  "    raise ValueError(\"Error: quoted\")\n"
                  "ValueError: the reason\n"
                  "KeyError: another\n"),
            "the reason");
  EXPECT_EQ(Plain("Traceback\ntorch.jit.Exception: raised"), "raised");
  EXPECT_EQ(Plain("Error: it stands first"), "Error: it stands first");
}

TorchContext OnMps() { return {.model = "net", .device = "mps:0"}; }

std::string Said(const std::string& text, const TorchContext& context) {
  return std::string(StatusOf(std::runtime_error(text), context).message());
}

TEST(TorchErrorTest, NamesAnOperatorThatIsMissing) {
  const std::string sentence =
      "model \"net\": operator aten::erfinv is missing on mps:0. Set device: "
      "cpu";
  EXPECT_EQ(Said("The operator 'aten::erfinv.out' is not currently implemented "
                 "for the MPS device.",
                 OnMps()),
            sentence);
  EXPECT_EQ(Said("Could not run 'aten::erfinv' with arguments from the 'MPS' "
                 "backend.",
                 OnMps()),
            sentence);
}

TEST(TorchErrorTest, SaysThatThereIsNoFp64) {
  EXPECT_EQ(Said("Cannot convert a MPS Tensor to float64 dtype as the MPS "
                 "framework doesn't support float64.",
                 OnMps()),
            NoFp64("net", "mps:0"));
  EXPECT_EQ(Said("expected float64 here", OnMps()),
            "model \"net\": expected float64 here");
}

TEST(TorchErrorTest, NamesAFixedDeviceWhereThatIsAtFault) {
  const std::string fault = "Expected all tensors to be on the same device";
  TorchContext context = OnMps();
  EXPECT_EQ(Said(fault, context), "model \"net\": " + fault);
  context.fixed_device = "cpu";
  EXPECT_EQ(Said(fault, context),
            "model \"net\": traced with a fixed device \"cpu\"; it cannot run "
            "on mps:0. Export again for mps, or set device: cpu");
  EXPECT_EQ(Said("another fault", context), "model \"net\": another fault");
}

absl::StatusCode CodeOf(const std::function<void()>& call, bool is_alone) {
  try {
    call();
  } catch (const std::exception& error) {
    return StatusOf(error,
                    {.model = "net", .device = "cpu", .is_alone = is_alone})
        .code();
  }
  return absl::StatusCode::kOk;
}

// What a request may have wrong, in the words of this libtorch.
TEST(TorchErrorTest, BlamesARequestForItsShapesAndTypes) {
  const at::Tensor x = at::ones({2, 3});
  const at::Tensor ids = at::full({1}, 9, at::kLong);
  const at::Tensor image = at::ones({1, 3, 4, 4});
  const at::Tensor kernel = at::ones({1, 2, 1, 1});
  const std::vector<std::function<void()>> faults = {
      [&] {
        (void)at::add(x, at::ones({2, 2}));
      },
      [&] {
        (void)at::cat({x, at::ones({1, 2})});
      },
      [&] { (void)at::mm(x, x); },
      [&] { (void)x.view({5}); },
      [&] { (void)x.select(3, 0); },
      [&] { (void)x.select(0, 7); },
      [&] {
        (void)at::mm(x, at::ones({3, 2}, at::kDouble));
      },
      [&] { (void)at::embedding(x, x); },
      [&] { (void)at::embedding(x, ids); },
      [&] { (void)at::index_select(x, 0, ids); },
      [&] {
        (void)x.gather(0, ids.view({1, 1}));
      },
      [&] { (void)at::conv2d(image, kernel); },
      [&] {
        (void)at::stack({x, ids});
      },
      [&] {
        (void)at::linear(x, at::ones({2, 2}));
      },
      [&] { (void)at::bmm(image, image); },
      [&] { (void)at::mm(image, x); },
  };
  for (size_t i = 0; i < faults.size(); ++i) {
    EXPECT_EQ(CodeOf(faults[i], true), absl::StatusCode::kInvalidArgument) << i;
    EXPECT_EQ(CodeOf(faults[i], false), absl::StatusCode::kInternal) << i;
  }
}

TEST(TorchErrorTest, BlamesNoRequestForWhatIsTheModels) {
  const auto fails = [] { (void)at::linalg_cholesky(-at::eye(3)); };
  EXPECT_EQ(CodeOf(fails, true), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace weir
