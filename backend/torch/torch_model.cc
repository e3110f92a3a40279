#include "backend/torch/torch_model.h"

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/torch/torch_datatype.h"
#include "backend/torch/torch_error.h"
#include "backend/torch/torch_scope.h"
#include "config/status_macros.h"
#include "sync/check.h"

namespace weir {
namespace {

// Whether the weights or the declared inputs are FP64.
bool NeedsFp64(const TorchModelFile& file) {
  bool needs = false;
  ForEachTensor(file.module, [&](const at::Tensor& tensor) {
    needs |= tensor.defined() && tensor.scalar_type() == at::kDouble;
  });
  for (const TensorSpec& input : file.signature.inputs) {
    needs |= input.type == DataType::kFp64;
  }
  return needs;
}

// The first device in the graph that is another one.
std::string OtherDevice(const TorchGraph& graph, const TorchDevice& device) {
  for (const std::string& name : graph.devices) {
    const c10::Device fixed(name);
    const bool is_same =
        fixed.type() == device.torch_device().type() &&
        (!fixed.has_index() || fixed.index() == device.torch_device().index() ||
         fixed.is_cpu());
    if (!is_same) return name;
  }
  return "";
}

absl::Status ThrewNoException(const std::string& model) {
  return absl::InternalError(absl::StrCat(
      "model \"", model, "\" threw something that is not an exception"));
}

}  // namespace

TorchModel::TorchModel(TorchDevice& device, const TorchModelFile& file,
                       Clock& clock)
    : device_(device),
      signature_(file.signature),
      plan_{.device = device,
            .clock = clock,
            .model_name = file.name,
            .output_names = file.output_names,
            .arguments = file.arguments,
            .writes_to_inputs = file.graph.writes_to_inputs,
            .writes_to_itself = file.graph.writes_to_itself},
      fixed_device_(OtherDevice(file.graph, device)) {}

absl::StatusOr<std::unique_ptr<Model>> TorchModel::Load(
    TorchDevice& device, const TorchSlot& slot, const TorchModelFile& file,
    Clock& clock) {
  if (!device.is_host() && file.graph.forks) {
    return absl::FailedPreconditionError(absl::StrCat(
        "model \"", file.name,
        "\": uses torch.jit.fork, whose work would leave its slot's stream on ",
        device.name(), ". Export it without, or set device: cpu"));
  }
  if (!device.has_fp64() && NeedsFp64(file)) {
    return absl::FailedPreconditionError(NoFp64(file.name, device.name()));
  }
  std::unique_ptr<TorchModel> model(new TorchModel(device, file, clock));
  const int num_instances = file.has_copy_per_slot ? device.num_slots() : 1;
  absl::Status status;
  try {
    const TorchScope scope(slot);
    for (int i = 0; i < num_instances; ++i) model->AddInstance(file);
    device.Wait(slot);
  } catch (const std::exception& error) {
    status = StatusOf(error, {.model = file.name, .device = device.name()});
  } catch (...) {
    status = ThrewNoException(file.name);
  }
  if (status.ok()) return model;
  model->DropInstances(slot);
  return absl::FailedPreconditionError(status.message());
}

void TorchModel::AddInstance(const TorchModelFile& file) {
  // Weights that nothing writes to are shared by all who run them on the CPU.
  const bool shares = device_.is_host() && !plan_.writes_to_itself;
  // Told its own device, deepcopy copies nothing.
  const auto elsewhere = device_.is_host()
                             ? std::nullopt
                             : std::make_optional(device_.torch_device());
  instances_.push_back(std::make_unique<TorchInstance>(
      shares ? file.module : file.module.deepcopy(elsewhere)));
}

void TorchModel::Free(SlotLease& lease) { DropInstances(TorchSlot::Of(lease)); }

void TorchModel::DropInstances(const TorchSlot& slot) {
  try {
    const SlotBinding binding(slot);
    instances_.clear();
  } catch (...) {
    // The device is beyond use; the pool hears of it from the next run.
  }
  (void)device_.FindFault(slot);  // empties the queue
}

RunResult TorchModel::DoRun(SlotLease& lease, const BatchInputs& inputs,
                            const RunContext& context) {
  WEIR_CHECK(!instances_.empty(), "a model is not run after it was freed");
  const TorchSlot& slot = TorchSlot::Of(lease);
  const size_t instance =
      instances_.size() == 1 ? 0 : static_cast<size_t>(slot.index());
  RunResult result{Outputs{}, {}, std::nullopt};
  absl::Status status = Check(inputs);
  if (context.stop != nullptr && context.stop->load()) {
    status = absl::CancelledError("nobody waits for the answer");
  }
  if (!status.ok()) {
    result.outputs = std::move(status);
  } else {
    // Lives until the slot's queue is empty, whatever happened.
    TorchRun run(plan_, *instances_.at(instance), slot, inputs);
    result.outputs = Caught(run, inputs);
    if (!result.outputs.ok()) result.fault = device_.FindFault(slot);
    result.stats = run.stats();
  }
  result.stats.rows = inputs.rows;
  result.stats.failed = !result.outputs.ok();
  return result;
}

absl::StatusOr<Outputs> TorchModel::Caught(TorchRun& run,
                                           const BatchInputs& inputs) {
  try {
    return run.Do(pace_);
  } catch (const std::exception& error) {
    return StatusOf(error, {.model = plan_.model_name,
                            .device = device_.name(),
                            .fixed_device = fixed_device_,
                            .is_alone = inputs.requests.size() == 1});
  } catch (...) {
    // Not Model::Run's business yet: the slot's queue is to be emptied.
    return ThrewNoException(plan_.model_name);
  }
}

absl::Status TorchModel::Check(const BatchInputs& inputs) const {
  WEIR_RETURN_IF_ERROR(CheckBatchInputs(signature_, inputs));
  for (const NamedTensor& input : inputs.requests[0]) {
    const DataType type = input.tensor.type();
    if (!ScalarTypeOf(type).has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input \"", input.name, "\": ", std::string(Facts(type).name),
          " is nothing that a TorchScript model takes"));
    }
    if (type == DataType::kFp64 && !device_.has_fp64()) {
      return absl::InvalidArgumentError(
          absl::StrCat("input \"", input.name, "\": ", device_.name(),
                       " has no FP64; send FP32"));
    }
  }
  return absl::OkStatus();
}

}  // namespace weir
