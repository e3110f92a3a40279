// Health as a probe sees it, over real sockets.
#include "server/rpc/health_service.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/rpc/rpc_rig.h"
#include "tests/rpc/unread_call.h"

namespace weir {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr auto kServing = HealthCheckResponse::SERVING;
constexpr auto kNotServing = HealthCheckResponse::NOT_SERVING;
constexpr auto kServiceUnknown = HealthCheckResponse::SERVICE_UNKNOWN;

// A Watch call, read one answer at a time.
class Watch {
 public:
  Watch(Health::Stub& stub, const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    reader_ = stub.Watch(&context_, request);
  }

  // UNKNOWN where the call has ended.
  HealthCheckResponse::ServingStatus Next() {
    HealthCheckResponse response;
    return reader_->Read(&response) ? response.status()
                                    : HealthCheckResponse::UNKNOWN;
  }
  void Cancel() { context_.TryCancel(); }
  grpc::Status Finish() { return reader_->Finish(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> reader_;
};

// A server that, were it held up, would never stop.
class HealthServiceTest : public testing::Test {
 protected:
  std::unique_ptr<Health::Stub> NewStub() const {
    return Health::NewStub(grpc::CreateChannel(
        rig_.server->addresses()[0], grpc::InsecureChannelCredentials()));
  }
  grpc::Status Check(const std::string& service,
                     HealthCheckResponse& response) const {
    HealthCheckRequest request;
    request.set_service(service);
    grpc::ClientContext context;
    return stub_->Check(&context, request, &response);
  }
  HealthCheckResponse::ServingStatus Check(const std::string& service) const {
    HealthCheckResponse response;
    EXPECT_TRUE(Check(service, response).ok());
    return response.status();
  }

  RpcRig rig_{{}, std::chrono::hours(1)};
  const std::unique_ptr<Health::Stub> stub_ = NewStub();
};

TEST_F(HealthServiceTest, ChecksTheServerAndEachModel) {
  rig_.pipeline.Load({.name = "m"});
  EXPECT_EQ(Check(""), kServing);
  EXPECT_EQ(Check("m"), kServing);
  rig_.is_ready = false;
  EXPECT_EQ(Check(""), kNotServing);
  ASSERT_TRUE(rig_.pipeline.pipeline().store().Unload("m").ok());
  EXPECT_EQ(Check("m"), kNotServing);
}

TEST_F(HealthServiceTest, SaysThatAServiceIsUnknown) {
  HealthCheckResponse response;
  const grpc::Status status = Check("nobody", response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "unknown service");
}

TEST_F(HealthServiceTest, TellsAWatcherEachChangeOnce) {
  Watch watch(*stub_, "");
  EXPECT_EQ(watch.Next(), kServing);
  rig_.health.Update();
  for (const bool is_ready : {false, true, false}) {
    rig_.is_ready = is_ready;
    rig_.health.Update();
    rig_.health.Update();
    EXPECT_EQ(watch.Next(), is_ready ? kServing : kNotServing);
  }
}

TEST_F(HealthServiceTest, GoesOnWatchingWhatIsNotThereYet) {
  Watch watch(*stub_, "m");
  EXPECT_EQ(watch.Next(), kServiceUnknown);
  rig_.pipeline.Load({.name = "m"});
  HealthCheckResponse::ServingStatus status = watch.Next();
  // A watcher may be too slow for what lasts so short a time.
  if (status == kNotServing) status = watch.Next();
  EXPECT_EQ(status, kServing);
  ASSERT_TRUE(rig_.pipeline.pipeline().store().Unload("m").ok());
  EXPECT_EQ(watch.Next(), kNotServing);
}

TEST_F(HealthServiceTest, TellsOfADeviceThatIsLost) {
  rig_.backend.FailRevives("fake:0", 100);
  rig_.pipeline.Load({.name = "m"});
  Watch watch(*stub_, "m");
  EXPECT_EQ(watch.Next(), kServing);
  absl::StatusOr<SlotLease> lease = rig_.pipeline.slots().Acquire(-1, kNever);
  rig_.pipeline.slots().Report(*lease, Fault::kDevice);
  EXPECT_EQ(watch.Next(), kNotServing);
  EXPECT_EQ(Check("m"), kNotServing);
}

TEST_F(HealthServiceTest, ServesNothingFromTheBeginningOfADrain) {
  rig_.pipeline.Load({.name = "m"});
  Watch server(*stub_, "");
  Watch model(*stub_, "m");
  EXPECT_EQ(server.Next(), kServing);
  EXPECT_EQ(model.Next(), kServing);
  rig_.health.StartDraining();
  EXPECT_EQ(server.Next(), kNotServing);
  EXPECT_EQ(model.Next(), kNotServing);
  EXPECT_EQ(Check(""), kNotServing);
}

TEST_F(HealthServiceTest, EndsItsWatchesWhenTheServerStops) {
  Watch watch(*stub_, "");
  EXPECT_EQ(watch.Next(), kServing);
  rig_.server->Stop();
  EXPECT_EQ(watch.Next(), HealthCheckResponse::UNKNOWN);
  const grpc::Status status = watch.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "the server is shutting down");
}

TEST_F(HealthServiceTest, WatchesNothingForAClientThatWentAway) {
  {
    Watch watch(*stub_, "");
    EXPECT_EQ(watch.Next(), kServing);
    watch.Cancel();
    watch.Finish();
  }
  int num_looks = -1;
  while (rig_.num_looks != num_looks) {
    num_looks = rig_.num_looks;
    rig_.health.Update();
    std::this_thread::yield();
  }
}

TEST_F(HealthServiceTest, KeepsNoMoreOfANameThanAModelCouldHave) {
  Watch watch(*stub_, std::string(10'000, 'x'));
  EXPECT_EQ(watch.Next(), kServiceUnknown);
  EXPECT_LT(rig_.longest_name, 1000U);
}

TEST_F(HealthServiceTest, WatchesAServiceWhoseNameCameCompressed) {
  HealthCheckRequest request;
  request.set_service(std::string(1000, 'x'));
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  const auto reader = stub_->Watch(&context, request);
  HealthCheckResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), kServiceUnknown);
  context.TryCancel();
  reader->Finish();
}

TEST_F(HealthServiceTest, RefusesANameThatIsNoName) {
  for (const bool is_long : {false, true}) {
    HealthCheckResponse response;
    // Above what a small message may be; and no UTF-8, which a name must be.
    const std::string name = is_long ? std::string(100'000, 'x') : "\xFF";
    const grpc::Status checked = Check(name, response);
    Watch watch(*stub_, name);
    EXPECT_EQ(watch.Next(), HealthCheckResponse::UNKNOWN);
    const grpc::Status watched = watch.Finish();
    EXPECT_EQ(checked.error_code(), watched.error_code());
    EXPECT_EQ(checked.error_message(), watched.error_message());
    EXPECT_THAT(watched.error_message(),
                testing::HasSubstr(is_long ? "expected at most 16384 bytes"
                                           : "not what the method takes"));
  }
}

TEST(UnreadWatchTest, DoesNotKeepTheServerFromStopping) {
  RpcRig rig;
  const UnreadCall call(rig.server->addresses()[0],
                        "/grpc.health.v1.Health/Watch", "");
  call.AwaitAnswer();
  rig.server->Stop();
}

}  // namespace
}  // namespace weir
