#include <ATen/Functions.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <vector>

#include "tests/support/twin/twin_rig.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kNoFloat64[] =
    "Cannot convert a TWIN Tensor to float64 dtype as the TWIN framework "
    "doesn't support float64. Please use float32 instead.";
constexpr char kMixed[] =
    "Expected all tensors to be on the same device, but found at least two "
    "devices, twin:0 and cpu!";
constexpr char kPoisoned[] = "TWIN error: device-side assert triggered";

class TwinRulesTest : public TwinTest {
 protected:
  static at::TensorOptions OnTwin(c10::ScalarType type) {
    return at::TensorOptions(Device()).dtype(type);
  }
  static at::Tensor Ones(c10::IntArrayRef sizes) {
    return at::ones(sizes, OnTwin(c10::kFloat));
  }
  static at::Tensor Indices(int64_t last) {
    return at::tensor({int64_t{0}, last}).to(Device());
  }
};

TEST_F(TwinRulesTest, RefusesFloat64WhereverItWouldComeToBe) {
  const at::Tensor wide = at::ones({2}, c10::kDouble);
  EXPECT_EQ(Thrown<c10::TypeError>([&] { wide.to(Device()); }), kNoFloat64);
  EXPECT_EQ(
      Thrown<c10::TypeError>([] { at::empty({2}, OnTwin(c10::kDouble)); }),
      kNoFloat64);
  EXPECT_EQ(Thrown<c10::TypeError>([] { Ones({2}).to(c10::kDouble); }),
            kNoFloat64);
  EXPECT_EQ(Ones({2}).mul(2.5).cpu().sum().item<float>(), 5);
  Configure("no_fp64=off");
  EXPECT_EQ(wide.to(Device()).sum().item<double>(), 2);
}

TEST_F(TwinRulesTest, LacksTheOperatorsThatItIsTold) {
  Configure("missing=aten::erfinv,missing=aten::tanh.out");
  const at::Tensor x = Ones({2});
  EXPECT_THAT(Thrown<c10::NotImplementedError>([&] { at::erfinv(x); }),
              AllOf(StartsWith("The operator 'aten::erfinv"),
                    HasSubstr("is not currently implemented for the TWIN")));
  at::Tensor y = Ones({2});
  EXPECT_NE(Thrown<c10::NotImplementedError>([&] { at::tanh_out(y, x); }), "");
  EXPECT_NO_THROW(at::erf(x));
  EXPECT_NO_THROW(at::erfinv(x.cpu()));
  Configure("missing=");
  EXPECT_NO_THROW(at::erfinv(x));
}

TEST_F(TwinRulesTest, RefusesTensorsOfTwoDevices) {
  const at::Tensor here = at::ones({2, 2});
  const at::Tensor there = Ones({2, 2});
  EXPECT_THAT(Thrown([&] { at::add(there, here); }), StartsWith(kMixed));
  EXPECT_THAT(Thrown([&] { at::mm(here, there); }), StartsWith(kMixed));
  EXPECT_THAT(Thrown([&] { at::cat({there, here}); }), StartsWith(kMixed));
  EXPECT_THAT(Thrown([&] { at::embedding(there, at::tensor({1})); }),
              StartsWith(kMixed));
  EXPECT_THAT(Thrown([&] { here.clone().add_(there); }), StartsWith(kMixed));
}

TEST_F(TwinRulesTest, TakesScalarsAndIndicesOfTheHost) {
  const at::Tensor there = Ones({2, 2});
  EXPECT_EQ(at::add(there, at::scalar_tensor(2)).sum().item<float>(), 12);
  EXPECT_EQ(there.index({at::tensor({1})}).device(), Device());
}

TEST_F(TwinRulesTest, SharesMemoryAmongViews) {
  const at::Tensor x = at::zeros({3, 4}, OnTwin(c10::kFloat));
  x.t().slice(0, 1, 3).select(1, 2).fill_(7);
  EXPECT_EQ(x.view({12}).cpu().sum().item<float>(), 14);
  EXPECT_EQ(x.unfold(1, 2, 1).data_ptr(), x.data_ptr());
  EXPECT_TRUE(x.expand({2, 3, 4}).is_alias_of(x));
  EXPECT_FALSE(x.clone().is_alias_of(x));
}

TEST_F(TwinRulesTest, GivesTheSameTensorBackWhenCalledBoxed) {
  const c10::InferenceMode inference;
  const at::Tensor x = Ones({2});
  torch::jit::Stack stack = {x};
  c10::Dispatcher::singleton()
      .findSchemaOrThrow("aten::relu_", "")
      .callBoxed(&stack);
  EXPECT_TRUE(stack[0].toTensor().is_same(x));
}

TEST_F(TwinRulesTest, ResizesOutputsAndSetsThem) {
  const at::Tensor x = Ones({3, 4});
  at::Tensor out = at::empty({0}, OnTwin(c10::kFloat));
  at::add_out(out, x, x);
  EXPECT_EQ(out.sum().item<float>(), 24);
  const at::Tensor grown = Ones({2}).resize_({5}).fill_(3);
  EXPECT_EQ(grown.sum().item<float>(), 15);
  EXPECT_EQ(grown.storage().nbytes(), 20U);
  at::Tensor set = at::empty({0}, OnTwin(c10::kFloat));
  set.set_(x);
  EXPECT_TRUE(set.is_alias_of(x));
  EXPECT_EQ(set.sizes(), x.sizes());
}

TEST_F(TwinRulesTest, StaysBrokenAfterAnIndexOutOfRange) {
  const at::Tensor table = Ones({3, 2});
  const at::Tensor wrong = Indices(3);
  EXPECT_THAT(Thrown([&] { at::embedding(table, wrong); }),
              HasSubstr("index out of range"));
  Configure("poison=on,sync_stream=works");
  EXPECT_EQ(Thrown([&] { at::embedding(table, wrong); }), kPoisoned);
  EXPECT_EQ(Status().is_poisoned, 1);
  EXPECT_EQ(Thrown([&] { at::relu(table); }), kPoisoned);
  EXPECT_EQ(Thrown([&] { table.cpu(); }), kPoisoned);
  EXPECT_EQ(Thrown([] { Guard().synchronizeDevice(0); }), kPoisoned);
  EXPECT_EQ(
      Thrown([] {
        Guard().synchronizeStream(c10::Stream(c10::Stream::DEFAULT, Device()));
      }),
      kPoisoned);
  EXPECT_EQ(Thrown([] { NewStream(); }), kPoisoned);
  twin_.heal();
  EXPECT_NO_THROW(at::embedding(table, Indices(2)));
}

TEST_F(TwinRulesTest, BreaksOnCommandAndNotByAWrongDimension) {
  Configure("poison=on");
  EXPECT_THAT(Thrown([] { Ones({2}).unfold(5, 1, 1); }),
              HasSubstr("Dimension out of range"));
  EXPECT_EQ(Status().is_poisoned, 0);
  twin_.poison();
  EXPECT_EQ(Thrown([] { Ones({2}); }), kPoisoned);
}

TEST_F(TwinRulesTest, CountsItsMemoryExactly) {
  auto* allocator = c10::getDeviceAllocator(Device().type());
  const auto bytes = [&](auto member) {
    return (allocator->getDeviceStats(0).*member)[0].current;
  };
  using Stats = c10::CachingDeviceAllocator::DeviceStats;
  allocator->emptyCache();
  const int64_t before = bytes(&Stats::allocated_bytes);
  {
    const at::Tensor x = at::empty({100, 3}, OnTwin(c10::kFloat));
    const at::Tensor y = at::relu(x);
    EXPECT_EQ(bytes(&Stats::allocated_bytes) - before, 2400);
  }
  EXPECT_EQ(bytes(&Stats::allocated_bytes), before);
  EXPECT_GE(bytes(&Stats::reserved_bytes), before + 2400);
  allocator->emptyCache();
  EXPECT_EQ(bytes(&Stats::reserved_bytes), before);
  EXPECT_EQ(Status().allocated_bytes, static_cast<uint64_t>(before));
}

TEST_F(TwinRulesTest, StartsMemoryAsRubbish) {
  EXPECT_TRUE(at::empty({3}, OnTwin(c10::kFloat)).isnan().all().item<bool>());
}

TEST_F(TwinRulesTest, PinsHostMemoryUnlessToldNotTo) {
  const auto options = at::TensorOptions().pinned_memory(true);
  {
    const at::Tensor x = at::empty({4}, options);
    EXPECT_TRUE(x.device().is_cpu());
    EXPECT_TRUE(x.is_pinned());
    const void* inside = x.slice(0, 3).const_data_ptr();
    EXPECT_TRUE(at::detail::getPrivateUse1Hooks().isPinnedPtr(inside));
    EXPECT_FALSE(at::empty({4}).is_pinned());
    EXPECT_EQ(Status().pinned_bytes, 16U);
    EXPECT_TRUE(at::empty({4}).pin_memory().is_pinned());
  }
  EXPECT_EQ(Status().pinned_bytes, 0U);
  Configure("pinned=off");
  EXPECT_THAT(Thrown([&] { at::empty({4}, options); }),
              HasSubstr("pin_memory allocator"));
}

}  // namespace
}  // namespace weir
