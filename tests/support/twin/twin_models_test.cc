#include <ATen/Functions.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <sstream>
#include <vector>

#include "sync/thread.h"
#include "tests/support/twin/twin_rig.h"

namespace weir {
namespace {

using ::testing::Contains;
using ::testing::Not;
using torch::jit::Module;

struct Example {
  std::string body;                         // of forward(self, x)
  std::vector<std::vector<int64_t>> sizes;  // of parameters w0, w1, ...
  at::Tensor input;
};

at::Tensor Ramp(c10::IntArrayRef sizes) {
  return at::arange(c10::multiply_integers(sizes), c10::ScalarType::Float)
      .mul(0.37)
      .sin()
      .reshape(sizes);
}

// As a file would come: defined, saved and loaded.
Module Load(const Example& example) {
  Module module("Example");
  for (size_t i = 0; i < example.sizes.size(); ++i) {
    module.register_parameter("w" + std::to_string(i), Ramp(example.sizes[i]),
                              /*is_buffer=*/false);
  }
  module.define("def forward(self, x: Tensor):\n" + example.body);
  std::stringstream file;
  module.save(file);
  Module loaded = torch::jit::load(file, c10::Device(c10::kCPU));
  loaded.eval();
  return loaded;
}

at::Tensor Forward(Module& module, const at::Tensor& input) {
  return module.forward({input}).toTensor();
}

const std::vector<Example>& Examples() {
  static const auto& examples = *new std::vector<Example>{
      {"  h = torch.relu(torch.linear(x, self.w0, self.w1))\n"
       "  return torch.softmax(torch.linear(h, self.w2), -1)\n",
       {{8, 4}, {8}, {3, 8}},
       Ramp({5, 4})},
      {"  return torch.layer_norm(x, [6], self.w0, self.w1)\n",
       {{6}, {6}},
       Ramp({2, 3, 6})},
      {"  q, k, v = torch.linear(x, self.w0).chunk(3, -1)\n"
       "  return torch.scaled_dot_product_attention(q, k, v, None, 0.0, "
       "True)\n",
       {{24, 8}},
       Ramp({2, 5, 8})},
      {"  h = torch.conv2d(x, self.w0, self.w1, [1, 1], [1, 1])\n"
       "  h = torch.max_pool2d(torch.relu(h), [2, 2])\n"
       "  return torch.flatten(h, 1)\n",
       {{4, 3, 3, 3}, {4}},
       Ramp({2, 3, 8, 8})},
      {"  h = torch.zeros([1, x.size(1), 4], device=x.device)\n"
       "  out, hn, cn = torch.lstm(x, [h, h], [self.w0, self.w1, self.w2, "
       "self.w3], True, 1, 0.0, False, False, False)\n"
       "  return out + hn + cn\n",
       {{16, 3}, {16, 4}, {16}, {16}},
       Ramp({6, 2, 3})},
      {"  return torch.embedding(self.w0, x).mean(1)[:, 1:3]\n",
       {{10, 4}},
       at::arange(8).reshape({2, 4})},
      {"  x = x.clone()\n"
       "  x[:, 0] += 1.0\n"
       "  y = torch.cat([x, x.t().contiguous().t()], 1)\n"
       "  idx = torch.argsort(y, 1)\n"
       "  return torch.gather(y, 1, idx)[torch.tensor([1, 0], "
       "device=x.device)].masked_fill(x[:, :1] > 0, 2.0).cumsum(0)\n",
       {},
       Ramp({2, 3})},
  };
  return examples;
}

class TwinModelsTest : public TwinTest,
                       public testing::WithParamInterface<size_t> {
 protected:
  const Example& example() const { return Examples()[GetParam()]; }
  void ExpectSame(Module& on_twin) {
    const at::Tensor output = Forward(on_twin, example().input.to(Device()));
    EXPECT_EQ(output.device(), Device());
    Module on_cpu = Load(example());
    EXPECT_TRUE(at::allclose(output.cpu(), Forward(on_cpu, example().input)));
  }
};

TEST_P(TwinModelsTest, ComputesAsTheCpuWhenMoved) {
  const c10::InferenceMode inference;
  Module module = Load(example());
  module.to(Device());
  ExpectSame(module);
}

TEST_P(TwinModelsTest, ComputesAsTheCpuWhenCopiedToTheDevice) {
  const c10::InferenceMode inference;
  Module module = Load(example()).deepcopy(Device());
  ExpectSame(module);
}

TEST_P(TwinModelsTest, ComputesAsTheCpuOutsideInferenceMode) {
  Module module = Load(example());
  module.to(Device());
  ExpectSame(module);
}

TEST_P(TwinModelsTest, ComputesAsTheCpuOnFourThreadsWithAStreamEach) {
  Configure("streams=wrap32,log=on");
  Module module = Load(example());
  module.to(Device());
  twin_.clear_log();
  std::vector<Thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back("runner", [&] {
      const c10::InferenceMode inference;
      const c10::StreamGuard guard(NewStream());
      for (int run = 0; run < 20; ++run) ExpectSame(module);
    });
  }
  for (Thread& thread : threads) thread.Join();
  for (const WeirTwinLogEntry& entry : Log()) EXPECT_NE(entry.stream, 0);
}

INSTANTIATE_TEST_SUITE_P(Models, TwinModelsTest, testing::Range<size_t>(0, 7));

class TwinLogTest : public TwinTest {};

TEST_F(TwinLogTest, LogsEachOperatorWithItsStreamAndThread) {
  Configure("streams=wrap32");
  const at::Tensor x = Ramp({2, 3}).to(Device());
  const c10::StreamGuard guard(NewStream());
  EXPECT_THAT(LoggedNames(), Not(Contains("aten::relu")));
  Configure("log=on");
  const at::Tensor y = at::relu(x);
  ASSERT_THAT(LoggedNames(), Contains("aten::relu"));
  for (const WeirTwinLogEntry& entry : Log()) {
    EXPECT_EQ(entry.stream, 1);
    EXPECT_EQ(entry.thread, twin_.thread_number());
  }
}

TEST_F(TwinLogTest, KeepsTheLastEntriesAndCountsTheRest) {
  Configure("log=on");
  for (int i = 0; i < 9000; ++i) NewStream();
  EXPECT_EQ(Log().size(), 8192U);
  EXPECT_EQ(Log().front().ordinal, 9000U - 8192U);
  EXPECT_EQ(Status().num_log_missed, 9000U - 8192U);
  twin_.clear_log();
  EXPECT_TRUE(Log().empty());
}

}  // namespace
}  // namespace weir
