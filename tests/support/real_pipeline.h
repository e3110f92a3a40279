// RealPipeline: the whole pipeline over any backend, by any clock.
//
//   RealPipeline rig(*backend, {.device = "cuda:0", .slots = 8});
//   rig.Load(source);
//   Reply reply;
//   rig.Send("sticky", reply, {{"ids", ids}});
//   EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kInvalidArgument);
//
// tests/support/pipeline_rig.h is for the fake and a simulated clock.
//
// Thread-safety: any number of threads.
// Ownership: borrows the backend; replies outlive it or their answers.
// Failure: dies where the pipeline cannot be built or the model be loaded.
#ifndef WEIR_TESTS_SUPPORT_REAL_PIPELINE_H_
#define WEIR_TESTS_SUPPORT_REAL_PIPELINE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/pipeline/pipeline.h"
#include "sync/clock.h"
#include "sync/mutex.h"
#include "tests/support/backend_rig.h"
#include "tests/support/memory_metrics.h"
#include "tests/support/memory_observer.h"
#include "tests/support/replies.h"

namespace weir {

class RealPipeline {
 public:
  struct Options {
    std::string device = {};
    int slots = 1;
    Config config = {};
  };

  RealPipeline(Backend& backend, Clock& clock, const Options& options) {
    Config config = options.config;
    config.devices = {{.device = options.device, .slots = options.slots}};
    pipeline_ =
        OrDie(Pipeline::Create(config, backend, clock, metrics_, observer_));
  }

  // What it declares, or has found out by itself.
  ModelSignature Load(const ModelSource& source) {
    Mutex mutex;
    CondVar loaded;
    absl::StatusOr<ModelHandle> answer = ModelHandle();
    bool is_done = false;
    pipeline_->store().Load(source, [&](absl::StatusOr<ModelHandle> handle) {
      MutexLock lock(mutex);
      answer = std::move(handle);
      is_done = true;
      loaded.NotifyAll();
    });
    MutexLock lock(mutex);
    while (!is_done) loaded.Wait(mutex);
    return OrDie(std::move(answer))->signature();
  }

  void Send(const std::string& model, Reply& reply,
            std::vector<NamedTensor> inputs) {
    auto request =
        std::make_unique<Request>(reply.MakeCompletion(pipeline_->ledger()));
    request->ticket = pipeline_->admission().NewTicket();
    request->inputs = std::move(inputs);
    pipeline_->admission().Submit(model, /*version=*/0, std::move(request));
  }

  SlotPool& slots() { return *pipeline_->devices().front().slots; }
  Pipeline& pipeline() { return *pipeline_; }
  MemoryObserver& observer() { return observer_; }
  const MemoryMetrics& metrics() const { return metrics_; }

 private:
  MemoryMetrics metrics_;
  MemoryObserver observer_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_REAL_PIPELINE_H_
