#include "tests/gpu/bare/bare_loop.h"

#include <dlfcn.h>

#include <cstring>
#include <optional>
#include <utility>

#include "c10/core/StreamGuard.h"
#include "c10/core/impl/VirtualGuardImpl.h"
#include "torch/script.h"

namespace weir {
namespace {

class TorchRunner final : public BareRunner {
 public:
  TorchRunner(torch::jit::Module module, c10::Device device,
              std::optional<c10::Stream> stream,
              const std::vector<int64_t>& shape, std::vector<float> input)
      : module_(std::move(module)),
        device_(device),
        stream_(stream),
        input_(std::move(input)),
        pinned_input_(Pinned(shape)) {
    Gather();
  }

  void Run(bool gathers) override {
    const c10::InferenceMode inference;
    c10::OptionalStreamGuard guard;
    if (stream_.has_value()) guard.reset_stream(*stream_);
    if (gathers) Gather();
    const at::Tensor output =
        module_.forward({pinned_input_.to(device_, /*non_blocking=*/true)})
            .toTensor();
    if (!pinned_output_.defined()) pinned_output_ = Pinned(output.sizes());
    pinned_output_.copy_(output, /*non_blocking=*/true);
    if (stream_.has_value()) stream_->synchronize();
  }

  void Forward() override {
    const c10::InferenceMode inference;
    (void)module_.forward({pinned_input_});
  }

  std::vector<float> Output() const override {
    const auto* data = pinned_output_.const_data_ptr<float>();
    return {data, data + pinned_output_.numel()};
  }

 private:
  at::Tensor Pinned(at::IntArrayRef shape) const {
    const auto options = at::TensorOptions().dtype(at::kFloat);
    return at::empty(shape, options.pinned_memory(stream_.has_value()));
  }
  void Gather() {
    std::memcpy(pinned_input_.mutable_data_ptr<float>(), input_.data(),
                input_.size() * sizeof(float));
  }

  torch::jit::Module module_;
  const c10::Device device_;
  const std::optional<c10::Stream> stream_;  // none: the CPU has none
  const std::vector<float> input_;
  at::Tensor pinned_input_;
  at::Tensor pinned_output_;
};

class TorchLoop final : public BareLoop {
 public:
  TorchLoop(const std::string& path, const std::string& device, int num_streams)
      : device_(device) {
    // Weights that are no inference tensors cost each run some allocations.
    const c10::InferenceMode inference;
    module_ = torch::jit::load(path, device_);
    module_.eval();
    if (device_.is_cpu()) return;
    const c10::impl::VirtualGuardImpl impl(device_.type());
    for (int i = 0; i < num_streams; ++i) {
      streams_.push_back(impl.getStreamFromGlobalPool(device_));
    }
  }

  void LetDeviceBlock(bool blocks) override {
    constexpr unsigned kScheduleSpin = 1;
    constexpr unsigned kScheduleBlockingSync = 4;
    void* symbol =
        device_.is_cuda() ? dlsym(RTLD_DEFAULT, "cudaSetDeviceFlags") : nullptr;
    if (symbol == nullptr) return;
    const auto set_flags = reinterpret_cast<int (*)(unsigned)>(symbol);
    TORCH_CHECK(set_flags(blocks ? kScheduleBlockingSync : kScheduleSpin) == 0,
                "a device takes another way to wait while it is in use");
  }

  std::unique_ptr<BareRunner> MakeRunner(
      int stream, const std::vector<int64_t>& shape,
      const std::vector<float>& input) override {
    std::optional<c10::Stream> own;
    if (!streams_.empty()) own = streams_.at(static_cast<size_t>(stream));
    return std::make_unique<TorchRunner>(module_, device_, own, shape, input);
  }

 private:
  const c10::Device device_;
  torch::jit::Module module_;
  std::vector<c10::Stream> streams_;
};

}  // namespace

std::unique_ptr<BareLoop> MakeBareLoop(const std::string& path,
                                       const std::string& device,
                                       int num_streams) {
  return std::make_unique<TorchLoop>(path, device, num_streams);
}

}  // namespace weir
