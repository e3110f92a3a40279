// PipelineRig: the whole pipeline on a fake backend and a simulated clock.
//
//   PipelineRig rig({.slots = 2});
//   rig.backend.Script("m", {.gate = "hold"});
//   rig.Load("m");
//   Reply reply;
//   rig.Send("m", reply, FloatTensor({1, 2}, {1, 2}));
//   rig.backend.Gate("hold").Open();
//   EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kOk);
//
// Thread-safety: Send, Load and the parts from any thread.
// Ownership: owns everything; replies outlive it or their answers.
// Failure: dies where the pipeline cannot be built.
#ifndef WEIR_TESTS_SUPPORT_PIPELINE_RIG_H_
#define WEIR_TESTS_SUPPORT_PIPELINE_RIG_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/fake/fake_backend.h"
#include "server/pipeline/pipeline.h"
#include "sync/simulated_clock.h"
#include "tests/support/memory_metrics.h"
#include "tests/support/memory_observer.h"
#include "tests/support/replies.h"
#include "tests/support/tensors.h"

namespace weir {

// A model with one FP32 input "x" and output "y" of `columns` columns, whose
// requests run together.
inline ModelConfig Batched(int rows_max, Duration delay_max = Duration(0),
                           int64_t columns = 1) {
  ModelConfig config;
  config.inputs = {{.name = "x", .datatype = "FP32", .shape = {-1, columns}}};
  config.outputs = {{.name = "y", .datatype = "FP32", .shape = {-1, columns}}};
  config.batch = BatchConfig{.rows_max = rows_max, .delay_max = delay_max};
  return config;
}

struct RigOptions {
  int devices = 1;
  int slots = 1;
  Config config = {};
};

class PipelineRig {
 public:
  struct SendOptions {
    TimePoint deadline = kNever;
    int priority = kPriorityDefault;
    std::string exclusive_key = {};
    int64_t version = 0;
    std::shared_ptr<MessageHolder> message = nullptr;
    int64_t bytes = 0;
  };

  explicit PipelineRig(const RigOptions& options = {}) {
    Config config = options.config;
    config.devices.clear();
    for (int i = 0; i < options.devices; ++i) {
      config.devices.push_back(
          {.device = absl::StrCat("fake:", i), .slots = options.slots});
    }
    pipeline = *Pipeline::Create(config, backend, clock, metrics, observer);
  }

  absl::StatusOr<ModelHandle> TryLoad(const std::string& name,
                                      const ModelConfig& config = {},
                                      int64_t version = 1) {
    Mutex mutex;
    CondVar loaded;
    absl::StatusOr<ModelHandle> result = ModelHandle();
    bool done = false;
    pipeline->store().Load({.name = name, .version = version, .config = config},
                           [&](absl::StatusOr<ModelHandle> answer) {
                             MutexLock lock(mutex);
                             result = std::move(answer);
                             done = true;
                             loaded.NotifyAll();
                           });
    MutexLock lock(mutex);
    while (!done) loaded.Wait(mutex);
    return result;
  }
  void Load(const std::string& name, const ModelConfig& config = {},
            int64_t version = 1) {
    WEIR_CHECK(TryLoad(name, config, version).ok(), "a test's model loads");
  }

  // Sends one request with the input "x".
  Ticket Send(const std::string& model, Reply& reply, Tensor x) {
    return Send(model, reply, std::move(x), SendOptions());
  }
  Ticket Send(const std::string& model, Reply& reply, Tensor x,
              const SendOptions& options) {
    auto request =
        std::make_unique<Request>(reply.MakeCompletion(pipeline->ledger()));
    const Ticket ticket = pipeline->admission().NewTicket();
    request->ticket = ticket;
    request->inputs.push_back({"x", std::move(x)});
    request->deadline = options.deadline;
    request->priority = options.priority;
    request->exclusive_key = options.exclusive_key;
    request->message = options.message;
    request->bytes = options.bytes;
    pipeline->admission().Submit(model, options.version, std::move(request));
    return ticket;
  }
  Ticket Send(const std::string& model, Reply& reply, float x = 1) {
    return Send(model, reply, FloatTensor({1, 1}, {x}));
  }

  // The one output of an answer that is OK.
  static std::vector<float> Values(Reply& reply) {
    return Floats(reply.Await().outputs->front().tensor);
  }

  SlotPool& slots(int device = 0) {
    return *pipeline->devices()[static_cast<size_t>(device)].slots;
  }

  SimulatedClock clock;
  FakeBackend backend{FakeBackend::Options{.devices = {{.name = "fake:0"},
                                                       {.name = "fake:1"},
                                                       {.name = "fake:2"}}},
                      clock};
  MemoryMetrics metrics;
  MemoryObserver observer;
  std::unique_ptr<Pipeline> pipeline;
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_PIPELINE_RIG_H_
