#include "backend/fake/fake_model.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/fake/fake_compute.h"
#include "config/status_macros.h"
#include "sync/check.h"

namespace weir {
namespace {

// Not derived from std::exception, as old libraries' own are.
struct ForeignError {
  int code;
};

// Counts a run as on its device, by an exception too no longer than it lasts.
class FakeRunCount {
 public:
  explicit FakeRunCount(FakeDevice& device) : device_(device) {
    device_.BeginRun();
  }
  ~FakeRunCount() { device_.EndRun(); }
  FakeRunCount(const FakeRunCount&) = delete;
  FakeRunCount& operator=(const FakeRunCount&) = delete;

 private:
  FakeDevice& device_;
};

}  // namespace

void ThrowAsScripted(FakeException kind) {
  if (kind == FakeException::kForeign) throw ForeignError{7};
  if (kind == FakeException::kInteger) throw 42;
  throw std::runtime_error("scripted: cannot read /srv/secret/model.pt");
}

void SpendTime(Clock& clock, Duration duration) {
  if (duration <= Duration::zero()) return;
  const TimePoint end = SaturatingAdd(clock.Now(), duration);
  Mutex mutex;
  CondVar never_notified;
  MutexLock lock(mutex);
  while (!clock.WaitUntil(never_notified, mutex, end)) {
  }
}

FakeModel::FakeModel(const FakeModelFile& file, const FakeParts& parts)
    : name_(file.name),
      version_(file.version),
      script_(file.script),
      signature_(file.signature),
      parts_(parts) {
  parts_.device.Allocate(kFakeModelBytes);
  ++parts_.counts.live_models;
}

FakeModel::~FakeModel() {
  if (!freed_) ++parts_.counts.drops;
  --parts_.counts.live_models;
}

void FakeModel::Free(SlotLease& lease) {
  FakeSlotUse use(parts_.device, lease);
  WEIR_CHECK(!freed_.exchange(true), "a model is freed once");
  parts_.log.Add({.stage = FakeStage::kFree,
                  .device = parts_.device.name(),
                  .slot = lease.slot().index(),
                  .thread = std::this_thread::get_id(),
                  .model = name_,
                  .version = version_});
  parts_.device.Free(kFakeModelBytes);
  ++parts_.counts.frees;
}

void FakeModel::Enter(const Call& call, FakeStage stage) const {
  parts_.log.Add({.stage = stage,
                  .device = parts_.device.name(),
                  .slot = call.use.slot().index(),
                  .thread = std::this_thread::get_id(),
                  .model = name_,
                  .version = version_,
                  .run = call.number,
                  .num_requests = static_cast<int>(call.inputs.requests.size()),
                  .rows = call.inputs.rows,
                  .trace_id = std::string(call.context.trace_id)});
  if (stage != FakeStage::kAlloc && stage != FakeStage::kSync) {
    call.use.Enqueue();
  }
  if (stage == script_.throw_stage && script_.throws.Is(call.number)) {
    ThrowAsScripted(script_.throw_kind);
  }
}

RunResult FakeModel::DoRun(SlotLease& lease, const BatchInputs& inputs,
                           const RunContext& context) {
  FakeSlotUse use(parts_.device, lease);
  WEIR_CHECK(!freed_.load(), "a model is not run after it was freed");
  ++parts_.counts.runs;
  const FakeRunCount running(parts_.device);
  Call call{inputs, context, use, ++num_runs_};
  call.stats.rows = inputs.rows;
  call.corrupts = script_.corrupts.Is(call.number);
  RunResult result{Outputs{}, {}, std::nullopt};
  result.outputs = RunStages(call);
  result.fault = BreakDown(call);
  if (result.fault.has_value()) {
    result.outputs = absl::InternalError(*result.fault == Fault::kDevice
                                             ? "the device is lost"
                                             : "the slot is broken");
  }
  call.stats.failed = !result.outputs.ok();
  result.stats = call.stats;
  use.Synchronize();
  if (script_.leaves_work.Is(call.number)) use.LeaveWork();
  return result;
}

absl::StatusOr<Outputs> FakeModel::RunStages(Call& call) const {
  const TimePoint begin = parts_.clock.Now();
  WEIR_RETURN_IF_ERROR(Gather(call));
  const TimePoint gathered = parts_.clock.Now();
  call.stats.gather = gathered - begin;
  absl::StatusOr<Outputs> outputs = Compute(call);
  call.stats.run = parts_.clock.Now() - gathered;
  return outputs;
}

absl::Status FakeModel::Gather(Call& call) const {
  Enter(call, FakeStage::kAlloc);
  WEIR_RETURN_IF_ERROR(CheckBatchInputs(signature_, call.inputs));
  Enter(call, FakeStage::kHostToDevice);
  WEIR_ASSIGN_OR_RETURN(call.gathered, GatherFakeInputs(call.inputs));
  int64_t bytes = 0;
  for (const Tensor& tensor : call.gathered) bytes += tensor.size_bytes();
  parts_.device.Stage(bytes);
  return absl::OkStatus();
}

absl::StatusOr<Outputs> FakeModel::Compute(Call& call) const {
  Enter(call, FakeStage::kRun);
  // Looked at twice: of two runs at once, the later sees the first here, and
  // the first sees the later once time has passed.
  call.corrupts |= Overlaps();
  SpendTime(parts_.clock,
            script_.delay + call.inputs.rows * script_.delay_per_row);
  call.corrupts |= Overlaps();
  WEIR_RETURN_IF_ERROR(Fail(call));
  Outputs outputs;
  const std::vector<Tensor>& inputs = call.gathered;
  const size_t num_outputs =
      signature_.outputs.empty() ? inputs.size() : signature_.outputs.size();
  for (size_t i = 0; i < num_outputs && !inputs.empty(); ++i) {
    const size_t input = std::min(i, inputs.size() - 1);
    const bool alias = script_.alias && call.inputs.requests.size() == 1;
    WEIR_ASSIGN_OR_RETURN(
        Tensor output,
        ComputeFakeOutput(script_, alias ? call.inputs.requests[0][input].tensor
                                         : inputs[input]));
    outputs.push_back({OutputName(call, i), std::move(output)});
  }
  Enter(call, FakeStage::kSync);
  call.use.Synchronize();
  Enter(call, FakeStage::kDeviceToHost);
  if (call.corrupts && !outputs.empty()) {
    outputs[0].tensor = CorruptFakeOutput(outputs[0].tensor);
  }
  if (script_.misshapes.Is(call.number)) Misshape(outputs);
  return outputs;
}

std::string FakeModel::OutputName(const Call& call, size_t output) const {
  return signature_.outputs.empty() ? call.inputs.requests[0][output].name
                                    : signature_.outputs[output].name;
}

absl::Status FakeModel::Fail(const Call& call) const {
  if (parts_.gate != nullptr && script_.waits.Is(call.number) &&
      !parts_.gate->Pass(parts_.clock,
                         script_.heeds_stop ? call.context.stop : nullptr)) {
    return absl::CancelledError("stopped while it ran");
  }
  if (script_.fails.Is(call.number)) {
    return absl::Status(script_.fail_code, "scripted: this run fails");
  }
  for (const Tensor& input : call.gathered) {
    if (script_.poison.has_value() && HoldsValue(input, *script_.poison)) {
      return absl::Status(script_.fail_code, "scripted: a poisoned input");
    }
  }
  return absl::OkStatus();
}

bool FakeModel::Overlaps() const {
  if (script_.overlap == FakeOverlap::kNothing ||
      parts_.device.num_running() < script_.overlap_runs) {
    return false;
  }
  if (script_.overlap == FakeOverlap::kHangs) {
    SpendTime(parts_.clock, Duration::max());
  }
  if (script_.overlap == FakeOverlap::kAborts) {
    std::fprintf(stderr, "fake: scripted: %d runs at once\n",
                 script_.overlap_runs);
    std::abort();
  }
  return script_.overlap == FakeOverlap::kCorrupts;
}

void FakeModel::Misshape(Outputs& outputs) const {
  if (outputs.empty()) return;
  if (script_.misshape == FakeMisshape::kExtraOutput) {
    outputs.push_back({"unexpected", outputs[0].tensor});
    return;
  }
  Tensor& tensor = outputs[0].tensor;
  if (tensor.shape().empty() || tensor.rows() == 0) return;
  tensor = tensor.Rows(0, tensor.rows() - 1);
}

std::optional<Fault> FakeModel::BreakDown(const Call& call) const {
  if (script_.faults.Is(call.number)) {
    if (script_.fault == Fault::kDevice) parts_.device.Lose();
    call.use.slot().set_broken(true);
  }
  if (parts_.device.lost()) return Fault::kDevice;
  if (call.use.slot().broken()) return Fault::kSlot;
  return std::nullopt;
}

}  // namespace weir
