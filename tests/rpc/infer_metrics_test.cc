// Every ModelInfer is counted once, whatever becomes of it.
#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/infer_reactor.h"
#include "tests/rpc/http2_client.h"
#include "tests/rpc/infer_request.h"
#include "tests/rpc/rpc_rig.h"
#include "tests/rpc/unread_call.h"

namespace weir {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using Counts = std::map<std::string, int>;

// A call that is under way on a thread of its own.
class Call {
 public:
  Call(RpcRig& rig, const ModelInferRequest& request)
      : thread_("call", [this, &rig, request] {
          rig.stub->ModelInfer(&context_, request, &response_);
        }) {}

  void Cancel() { context_.TryCancel(); }
  void Join() { thread_.Join(); }

 private:
  grpc::ClientContext context_;
  ModelInferResponse response_;
  Thread thread_;
};

class InferMetricsTest : public testing::Test {
 protected:
  explicit InferMetricsTest(const Config& config = {}) : rig_(config) {}

  void Load(const FakeScript& script = {}, const ModelConfig& config = {}) {
    rig_.backend.Script("m", script);
    rig_.pipeline.Load({.name = "m", .version = 3, .config = config});
  }
  void Infer(const ModelInferRequest& request) {
    grpc::ClientContext context;
    ModelInferResponse response;
    rig_.stub->ModelInfer(&context, request, &response);
  }
  void AwaitQueued(int64_t num_queued) {
    Scheduler& scheduler = rig_.pipeline.pipeline().scheduler();
    while (scheduler.ViewModel("m").num_queued != num_queued) {
      std::this_thread::yield();
    }
  }
  // Once no call is under way any more.
  Counts CountsAtTheEnd() {
    rig_.server->Stop();
    return rig_.pipeline.metrics().Counts();
  }
  size_t NumValues(const std::string& name) const {
    return rig_.pipeline.metrics().Values("m", name).size();
  }

  RpcRig rig_;
};

TEST_F(InferMetricsTest, CountsWhatIsAnswered) {
  Load();
  Infer(RequestOf("m", {1}));
  EXPECT_THAT(rig_.pipeline.metrics().Counts(),
              UnorderedElementsAre(Pair("m OK", 1)));
  for (const char* stage :
       {"request", "decode", "encode", "queue", "slot_wait", "gather", "run"}) {
    EXPECT_EQ(NumValues(stage), 1U) << stage;
  }
}

TEST_F(InferMetricsTest, TimesARequestFromItsBytesToItsAnswer) {
  Load({.delay = std::chrono::milliseconds(5)});
  Infer(RequestOf("m", {1}));
  const MemoryMetrics& metrics = rig_.pipeline.metrics();
  const double whole = metrics.Values("m", "request").at(0);
  double parts = 0;
  for (const char* stage :
       {"decode", "queue", "slot_wait", "gather", "run", "encode"}) {
    EXPECT_GE(metrics.Values("m", stage).at(0), 0) << stage;
    parts += metrics.Values("m", stage).at(0);
  }
  EXPECT_GE(parts, 0.005);
  EXPECT_GE(whole, parts);
}

// Each look at it takes a second.
class TickingClock final : public Clock {
 public:
  TimePoint Now() const override {
    return TimePoint(std::chrono::seconds(++num_looks_));
  }
  bool WaitUntil(CondVar&, Mutex&,
                 TimePoint) override ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return true;
  }

 private:
  mutable std::atomic<int> num_looks_ = 0;
};

TEST_F(InferMetricsTest, TimesEachStageFromItsBeginningToItsEnd) {
  Load();
  const TickingClock clock;
  HealthBoard health([](const std::string&) { return absl::OkStatus(); });
  rig_.server = OrDie(RpcServer::Start(
      rig_.pipeline.pipeline(), clock,
      OrDie(BindAll({OrDie(ListenAddress::Parse("127.0.0.1:0"))})),
      {.is_ready = [] { return true; },
       .health = &health,
       .warn = [](const std::string&) {}}));
  rig_.stub = rig_.NewStub();
  Infer(RequestOf("m", {1}));
  rig_.server.reset();
  const MemoryMetrics& metrics = rig_.pipeline.metrics();
  EXPECT_THAT(metrics.Values("m", "decode"), ElementsAre(1));
  EXPECT_THAT(metrics.Values("m", "encode"), ElementsAre(1));
  EXPECT_THAT(metrics.Values("m", "request"), ElementsAre(3));
}

TEST_F(InferMetricsTest, CountsAnUnknownModelUnderNobody) {
  Load();
  Infer(RequestOf("other", {1}));
  EXPECT_THAT(CountsAtTheEnd(),
              UnorderedElementsAre(Pair("nobody NOT_FOUND", 1),
                                   Pair("nobody refused unknown_model", 1)));
}

// SEC-13: names of a client's own make no series of their own.
TEST_F(InferMetricsTest, CountsWhatCannotBeReadUnderNobody) {
  Load();
  ModelInferRequest request = RequestOf("m", {1});
  request.mutable_inputs(0)->set_datatype("FP31");
  Infer(request);
  request = RequestOf("m", {1});
  request.set_model_version("03");
  Infer(request);
  EXPECT_THAT(CountsAtTheEnd(),
              UnorderedElementsAre(Pair("nobody INVALID_ARGUMENT", 2),
                                   Pair("nobody refused invalid", 2)));
}

TEST_F(InferMetricsTest, CountsWhatAdmissionRefuses) {
  Load({}, {.inputs = {{.name = "y", .datatype = "FP32", .shape = {-1, 1}}},
            .outputs = {{.name = "z", .datatype = "FP32", .shape = {-1, 1}}}});
  Infer(RequestOf("m", {1}));
  EXPECT_THAT(CountsAtTheEnd(),
              UnorderedElementsAre(Pair("m INVALID_ARGUMENT", 1),
                                   Pair("m refused invalid", 1)));
  EXPECT_EQ(NumValues("decode"), 1U);
  EXPECT_EQ(NumValues("encode"), 0U);
}

TEST_F(InferMetricsTest, CountsAModelThatIsNotReadyUnderNobody) {
  Load();
  ASSERT_TRUE(rig_.pipeline.pipeline().store().Unload("m").ok());
  Infer(RequestOf("m", {1}));
  EXPECT_THAT(CountsAtTheEnd(),
              UnorderedElementsAre(Pair("nobody UNAVAILABLE", 1),
                                   Pair("nobody refused not_ready", 1)));
}

TEST_F(InferMetricsTest, CountsWhatADrainRefuses) {
  Load();
  rig_.pipeline.pipeline().scheduler().StartDraining();
  Infer(RequestOf("m", {1}));
  EXPECT_THAT(CountsAtTheEnd(),
              UnorderedElementsAre(Pair("m UNAVAILABLE", 1),
                                   Pair("m refused draining", 1)));
}

TEST_F(InferMetricsTest, CountsARunThatFails) {
  Load({.fails = {.every = 1}});
  Infer(RequestOf("m", {1}));
  EXPECT_THAT(CountsAtTheEnd(), UnorderedElementsAre(Pair("m INTERNAL", 1)));
  EXPECT_EQ(NumValues("run"), 1U);
  EXPECT_EQ(NumValues("encode"), 0U);
}

TEST_F(InferMetricsTest, CountsAnAnswerThatCannotBeEncoded) {
  Load();
  ModelInferRequest request = RequestOf("m", {1});
  request.add_outputs()->set_name("nothing");
  Infer(request);
  EXPECT_THAT(CountsAtTheEnd(),
              UnorderedElementsAre(Pair("m INVALID_ARGUMENT", 1)));
  EXPECT_EQ(NumValues("encode"), 0U);
}

TEST_F(InferMetricsTest, CountsWhatExpiresInTheQueue) {
  Load({.gate = "hold"}, {.runs_max = 1});
  Call holder(rig_, RequestOf("m", {1}));
  rig_.backend.Gate("hold").AwaitInside(1);
  ModelInferRequest request = RequestOf("m", {1});
  (*request.mutable_parameters())["timeout"].set_int64_param(1000);
  Infer(request);
  rig_.backend.Gate("hold").Open();
  holder.Join();
  EXPECT_THAT(
      CountsAtTheEnd(),
      UnorderedElementsAre(Pair("m DEADLINE_EXCEEDED", 1),
                           Pair("m refused expired", 1), Pair("m OK", 1)));
}

TEST_F(InferMetricsTest, CountsWhatAClientGivesUpInTheQueue) {
  Load({.gate = "hold"}, {.runs_max = 1});
  Call holder(rig_, RequestOf("m", {1}));
  rig_.backend.Gate("hold").AwaitInside(1);
  Call waiter(rig_, RequestOf("m", {1}));
  AwaitQueued(1);
  waiter.Cancel();
  AwaitQueued(0);
  rig_.backend.Gate("hold").Open();
  holder.Join();
  EXPECT_THAT(
      CountsAtTheEnd(),
      UnorderedElementsAre(Pair("m CANCELLED", 1), Pair("cancelled queue", 1),
                           Pair("m refused cancelled", 1), Pair("m OK", 1)));
}

// One that is reset, and one that ends without a message.
TEST_F(InferMetricsTest, CountsACallWithoutAMessageAsGivenUp) {
  Http2Client client(rig_.server->addresses()[0]);
  client.Greet();
  const std::string reason = BigEndian(8, 4);
  client.Send(Http2Client::Headers(1, CallTo("ModelInfer")) +
              Http2Client::Frame{kHttp2Reset, 0, 1, reason}.Bytes());
  client.Send(Http2Client::Headers(3, CallTo("ModelInfer")) +
              Http2Client::Frame{kHttp2Data, kHttp2EndStream, 3}.Bytes());
  while (rig_.pipeline.metrics().Counts()["cancelled queue"] < 2) {
    std::this_thread::yield();
  }
  EXPECT_THAT(CountsAtTheEnd(),
              UnorderedElementsAre(Pair("nobody CANCELLED", 2),
                                   Pair("nobody refused cancelled", 2),
                                   Pair("cancelled queue", 2)));
}

TEST_F(InferMetricsTest, CountsWhatAClientGivesUpInItsRun) {
  Load({.gate = "never", .heeds_stop = true});
  Call call(rig_, RequestOf("m", {1}));
  rig_.backend.Gate("never").AwaitInside(1);
  call.Cancel();
  call.Join();
  rig_.backend.Gate("never").AwaitInside(0);
  EXPECT_THAT(CountsAtTheEnd(), UnorderedElementsAre(Pair("m CANCELLED", 1),
                                                     Pair("cancelled run", 1)));
}

TEST_F(InferMetricsTest, CountsWhatAClientGivesUpWhileItIsSent) {
  Load();
  UnreadCall call(rig_.server->addresses()[0],
                  "/inference.GRPCInferenceService/ModelInfer",
                  RequestOf("m", {1}).SerializeAsString());
  call.AwaitAnswer();
  call.Leave();
  EXPECT_THAT(CountsAtTheEnd(),
              UnorderedElementsAre(Pair("m OK", 1), Pair("cancelled send", 1)));
}

Config WithASmallQueue() {
  Config config;
  config.queue.requests_max = 1;
  return config;
}

class FullQueueMetricsTest : public InferMetricsTest {
 protected:
  FullQueueMetricsTest() : InferMetricsTest(WithASmallQueue()) {}
};

TEST_F(FullQueueMetricsTest, CountsWhatTheQueueRefuses) {
  Load({.gate = "hold"}, {.runs_max = 1});
  Call running(rig_, RequestOf("m", {1}));
  rig_.backend.Gate("hold").AwaitInside(1);
  Call queued(rig_, RequestOf("m", {1}));
  AwaitQueued(1);
  Infer(RequestOf("m", {1}));
  rig_.backend.Gate("hold").Open();
  running.Join();
  queued.Join();
  EXPECT_THAT(CountsAtTheEnd(),
              UnorderedElementsAre(Pair("m RESOURCE_EXHAUSTED", 1),
                                   Pair("m refused model_requests", 1),
                                   Pair("m OK", 2)));
}

Config WithShortRuns() {
  Config config;
  config.limits.run_time_max = std::chrono::milliseconds(20);
  return config;
}

class WatchdogMetricsTest : public InferMetricsTest {
 protected:
  WatchdogMetricsTest() : InferMetricsTest(WithShortRuns()) {}
};

TEST_F(WatchdogMetricsTest, CountsARunThatIsGivenUpOnce) {
  Load({.gate = "stuck"});
  Infer(RequestOf("m", {1}));
  rig_.backend.Gate("stuck").Open();
  rig_.pipeline.observer().Await("returned m on fake:0");
  EXPECT_THAT(CountsAtTheEnd(),
              UnorderedElementsAre(Pair("m UNAVAILABLE", 1),
                                   Pair("m refused watchdog", 1)));
}

}  // namespace
}  // namespace weir
