// The health protocol's names and numbers, as every probe has them compiled in.
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

TEST(HealthCheckTest, IsOnTheWireWhatProbesSendAndRead) {
  HealthCheckRequest request;
  request.set_service("m");
  EXPECT_EQ(request.SerializeAsString(), "\x0A\x01m");
  HealthCheckResponse response;
  response.set_status(HealthCheckResponse::SERVING);
  EXPECT_EQ(response.SerializeAsString(), "\x08\x01");
  response.set_status(HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(response.SerializeAsString(), "\x08\x02");
  response.set_status(HealthCheckResponse::SERVICE_UNKNOWN);
  EXPECT_EQ(response.SerializeAsString(), "\x08\x03");
}

TEST(HealthServiceTest, HasTheNamesThatProbesCall) {
  const auto* service =
      HealthCheckRequest::descriptor()->file()->FindServiceByName("Health");
  ASSERT_NE(service, nullptr);
  EXPECT_STREQ(Health::service_full_name(), "grpc.health.v1.Health");
  ASSERT_EQ(service->method_count(), 2);
  EXPECT_EQ(service->method(0)->name(), "Check");
  EXPECT_FALSE(service->method(0)->server_streaming());
  EXPECT_EQ(service->method(1)->name(), "Watch");
  EXPECT_TRUE(service->method(1)->server_streaming());
  EXPECT_FALSE(service->method(1)->client_streaming());
}

}  // namespace
}  // namespace weir
