#include "tests/support/twin/twin_pair.h"

#include <ATen/ops/full.h>
#include <ATen/ops/relu.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>

namespace weir {
namespace {

bool IsRight(const at::Tensor& result) {
  const float* values = static_cast<const float*>(result.const_data_ptr());
  return std::all_of(values, values + result.numel(),
                     [](float value) { return value == 2; });
}

int Compute(int num_runs, c10::Stream stream) {
  const c10::InferenceMode inference;
  const c10::StreamGuard guard(stream);
  int num_wrong = 0;
  for (int run = 0; run < num_runs; ++run) {
    const at::Tensor x = at::full({4}, 2.0, stream.device());
    if (!IsRight(at::relu(x))) ++num_wrong;
  }
  return num_wrong;
}

}  // namespace

TwinPair::TwinPair(int num_runs, bool has_two_streams) {
  const c10::Device device("twin:0");
  const c10::impl::VirtualGuardImpl guard(device.type());
  const c10::Stream first = guard.getNewStream(device);
  const std::array streams = {
      first, has_two_streams ? guard.getNewStream(device) : first};
  for (size_t i = 0; i < 2; ++i) {
    threads_[i] = Thread("pair", [this, num_runs, i, stream = streams[i]] {
      num_wrong_[i] = Compute(num_runs, stream);
    });
  }
}

int TwinPair::Join() {
  for (Thread& thread : threads_) thread.Join();
  return num_wrong_[0] + num_wrong_[1];
}

}  // namespace weir
