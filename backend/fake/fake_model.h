// FakeModel: a model that follows its FakeScript.
//
// Made by FakeBackend::Load; a test sees it as a Model. Its run goes through
// the stages alloc, h2d, run, sync and d2h, each of which is logged and may
// throw, and leaves its slot's queue empty on every path.
//
// Thread-safety: as Model.
// Ownership: borrows the backend's parts (FakeParts), which outlive it; counts
// as live until it is destroyed.
// Failure: as scripted.
#ifndef WEIR_BACKEND_FAKE_FAKE_MODEL_H_
#define WEIR_BACKEND_FAKE_FAKE_MODEL_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/backend.h"
#include "backend/fake/fake_device.h"
#include "backend/fake/fake_gate.h"
#include "backend/fake/fake_log.h"
#include "backend/fake/fake_script.h"
#include "backend/model.h"

namespace weir {

// The bytes that a loaded model holds on its device.
inline constexpr int64_t kFakeModelBytes = 4096;

// What was read of a model: its script and its signature.
struct FakeModelFile final : ModelFile {
  std::string name;
  int64_t version = 1;
  FakeScript script;
  ModelSignature signature;
};

// Exact counts over all models of a backend. Atomics, because they are read
// alone and order nothing.
struct FakeCounts {
  std::atomic<int64_t> live_models = 0;
  std::atomic<int64_t> frees = 0;
  std::atomic<int64_t> drops = 0;
  std::atomic<int64_t> runs = 0;
};

// What a model uses of its backend.
struct FakeParts {
  FakeDevice& device;
  FakeLog& log;
  FakeCounts& counts;
  Clock& clock;
  FakeGate* gate;  // null where the script names none
};

class FakeModel final : public Model {
 public:
  FakeModel(const FakeModelFile& file, const FakeParts& parts);
  ~FakeModel() override;

  const ModelSignature& signature() const override { return signature_; }
  void Free(SlotLease& lease) override;

 private:
  // One run: what its stages need to know.
  struct Call {
    const BatchInputs& inputs;
    const RunContext& context;
    FakeSlotUse& use;
    int64_t number;
    std::vector<Tensor> gathered = {};
    RunStats stats = {};
    bool corrupts = false;
  };

  RunResult DoRun(SlotLease& lease, const BatchInputs& inputs,
                  const RunContext& context) override;
  absl::StatusOr<Outputs> RunStages(Call& call) const;
  absl::Status Gather(Call& call) const;
  absl::StatusOr<Outputs> Compute(Call& call) const;
  // The failures that the script plans for this run.
  absl::Status Fail(const Call& call) const;
  void Misshape(Outputs& outputs) const;
  // Plays the script's overlap where there is one; true: answer wrongly.
  bool Overlaps() const;
  std::string OutputName(const Call& call, size_t output) const;
  // Breaks what the script says, and tells what is broken.
  std::optional<Fault> BreakDown(const Call& call) const;
  void Enter(const Call& call, FakeStage stage) const;

  const std::string name_;
  const int64_t version_;
  const FakeScript script_;
  const ModelSignature signature_;
  const FakeParts parts_;
  std::atomic<int64_t> num_runs_ = 0;
  std::atomic<bool> freed_ = false;
};

// Waits for `duration` of the clock's time.
void SpendTime(Clock& clock, Duration duration);

[[noreturn]] void ThrowAsScripted(FakeException kind);

}  // namespace weir

#endif  // WEIR_BACKEND_FAKE_FAKE_MODEL_H_
