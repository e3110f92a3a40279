#include "server/rpc/call_status.h"

#include <chrono>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(CallStatusTest, HasTheSameCodeAndText) {
  for (int code = 1; code <= 16; ++code) {
    const CallStatus told =
        CallStatusOf({static_cast<absl::StatusCode>(code), "why"});
    EXPECT_EQ(told.status.error_code(), code);
    EXPECT_EQ(told.status.error_message(), "why");
    EXPECT_THAT(told.status.error_details(), IsEmpty());
    EXPECT_THAT(told.trailers, IsEmpty());
  }
}

TEST(CallStatusTest, NeverIsAnErrorWithoutAMessage) {
  EXPECT_EQ(CallStatusOf(absl::UnimplementedError("")).status.error_message(),
            "UNIMPLEMENTED");
}

TEST(CallStatusTest, RoundsUpWhenToComeBack) {
  const auto pushback = [](Duration after) {
    return CallStatusOf(absl::UnavailableError("full"), after).trailers;
  };
  EXPECT_THAT(pushback(std::chrono::milliseconds(80)),
              ElementsAre(Pair("grpc-retry-pushback-ms", "80")));
  EXPECT_THAT(pushback(Duration(1)),
              ElementsAre(Pair("grpc-retry-pushback-ms", "1")));
  EXPECT_THAT(pushback(Duration(0)),
              ElementsAre(Pair("grpc-retry-pushback-ms", "0")));
}

// google.rpc.Status with one google.rpc.RetryInfo, by protobuf's own parser.
TEST(CallStatusTest, TellsWhenToComeBackInItsDetails) {
  const CallStatus told =
      CallStatusOf(absl::ResourceExhaustedError("queue full"),
                   std::chrono::milliseconds(1250));
  google::protobuf::UnknownFieldSet status;
  ASSERT_TRUE(status.ParseFromString(told.status.error_details()));
  ASSERT_EQ(status.field_count(), 3);
  EXPECT_EQ(status.field(0).varint(), 8U);
  EXPECT_EQ(status.field(1).length_delimited(), "queue full");
  google::protobuf::Any detail;
  ASSERT_TRUE(detail.ParseFromString(status.field(2).length_delimited()));
  EXPECT_EQ(detail.type_url(), "type.googleapis.com/google.rpc.RetryInfo");
  google::protobuf::UnknownFieldSet retry_info;
  ASSERT_TRUE(retry_info.ParseFromString(detail.value()));
  ASSERT_EQ(retry_info.field_count(), 1);
  EXPECT_EQ(retry_info.field(0).number(), 1);
  google::protobuf::Duration delay;
  ASSERT_TRUE(delay.ParseFromString(retry_info.field(0).length_delimited()));
  EXPECT_EQ(delay.seconds(), 1);
  EXPECT_EQ(delay.nanos(), 250'000'000);
}

}  // namespace
}  // namespace weir
