// Pipeline: everything between an admitted request and its answer, put together
// for one backend and one configuration.
//
//   absl::StatusOr<std::unique_ptr<Pipeline>> pipeline =
//       Pipeline::Create(config, backend, clock, metrics, observer);
//   (*pipeline)->store().Load(source, done);
//   (*pipeline)->admission().Submit("unet", 0, std::move(request));
//   ...
//   bool all_answered = (*pipeline)->Drain();
//
// Members stand in the order in which they are built; they end in the reverse.
//
// Thread-safety: the accessors' objects say theirs; Drain and Close by one
// thread.
// Ownership: owns pools, scheduler, store and all threads of the pipeline.
// Borrows the rest, which outlives it.
// Failure: Create says what is wrong with the configured devices. Close, and so
// the destructor, waits for runs under way: a daemon with one that is stuck
// exits without it.
#ifndef WEIR_SERVER_PIPELINE_PIPELINE_H_
#define WEIR_SERVER_PIPELINE_PIPELINE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/backend.h"
#include "backend/slot_pool.h"
#include "config/config.h"
#include "server/pipeline/admission.h"
#include "server/pipeline/byte_budget.h"
#include "server/pipeline/completion.h"
#include "server/pipeline/model_loader.h"
#include "server/pipeline/model_store.h"
#include "server/pipeline/observer.h"
#include "server/pipeline/scheduler.h"
#include "server/pipeline/timer.h"
#include "server/pipeline/watchdog.h"
#include "server/pipeline/worker_pool.h"
#include "server/telemetry/metrics.h"
#include "sync/clock.h"

namespace weir {

class Pipeline final : public SlotPoolObserver {
 public:
  static absl::StatusOr<std::unique_ptr<Pipeline>> Create(const Config& config,
                                                          Backend& backend,
                                                          Clock& clock,
                                                          Metrics& metrics,
                                                          Observer& observer);
  ~Pipeline() override { Close(); }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  const Config& config() const { return config_; }
  Admission& admission() { return *admission_; }
  ModelStore& store() { return *store_; }
  Scheduler& scheduler() { return scheduler_; }
  AnswerLedger& ledger() { return ledger_; }
  ByteBudget& budget() { return budget_; }
  Metrics& metrics() { return metrics_; }
  const std::vector<PipelineDevice>& devices() const { return devices_; }

  // Why a request for the model could not be answered now. NOT_FOUND: there is
  // no such model or version. UNAVAILABLE: it is not ready, or cannot run.
  absl::Status WhyNotReady(const std::string& model, int64_t version) const;

  // Goes on for the configured grace, then refuses new requests, waits until
  // all accepted ones are taken to be answered or the configured deadline has
  // come, and answers the rest UNAVAILABLE, those that run too. The last
  // answers may still be on their way when it returns. False: the deadline came
  // first.
  bool Drain();

  // Answers what is queued, waits for runs under way, frees all models and ends
  // all threads; what can be read of the parts can still be read. A second call
  // does nothing.
  void Close();

 private:
  Pipeline(const Config& config, Backend& backend, Clock& clock,
           Metrics& metrics, Observer& observer);

  absl::Status AddDevices();
  absl::Status AddDevice(const DeviceConfig& device, const DeviceInfo& info);
  void Start();
  void AwaitGrace();

  void OnService(const std::string& device, const ServiceNews& news) override;
  void OnRetired(const std::string& device) override;

  const Config config_;
  Backend& backend_;
  Clock& clock_;
  Metrics& metrics_;
  Observer& observer_;
  AnswerLedger ledger_;
  ByteBudget budget_;
  Scheduler scheduler_;
  std::vector<std::unique_ptr<SlotPool>> pools_;
  std::vector<PipelineDevice> devices_;
  std::unique_ptr<ModelStore> store_;
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<Watchdog> watchdog_;
  std::unique_ptr<Timer> timer_;
  std::vector<std::unique_ptr<WorkerPool>> workers_;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_PIPELINE_H_
