#include "server/rpc/call_status.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "sync/check.h"

namespace weir {
namespace {

using google::protobuf::UnknownFieldSet;

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kNanosPerMillisecond = 1'000'000;
constexpr char kRetryInfo[] = "type.googleapis.com/google.rpc.RetryInfo";

// The messages of google.rpc are so small that they are put together field by
// field here.
std::string BytesOf(const UnknownFieldSet& message) {
  std::string bytes;
  WEIR_CHECK(message.SerializeToString(&bytes), "a few bytes can be written");
  return bytes;
}

// Field 1 of google.rpc.RetryInfo is a google.protobuf.Duration.
std::string RetryInfoOf(Duration retry_after) {
  google::protobuf::Duration delay;
  delay.set_seconds(retry_after.count() / kNanosPerSecond);
  delay.set_nanos(static_cast<int32_t>(retry_after.count() % kNanosPerSecond));
  UnknownFieldSet info;
  info.AddLengthDelimited(1, delay.SerializeAsString());
  return BytesOf(info);
}

// google.rpc.Status: the code, the message, and one detail.
std::string StatusDetails(int code, absl::string_view message,
                          Duration retry_after) {
  google::protobuf::Any detail;
  detail.set_type_url(kRetryInfo);
  detail.set_value(RetryInfoOf(retry_after));
  UnknownFieldSet status;
  status.AddVarint(1, static_cast<uint64_t>(code));
  status.AddLengthDelimited(2, std::string(message));
  status.AddLengthDelimited(3, detail.SerializeAsString());
  return BytesOf(status);
}

}  // namespace

CallStatus CallStatusOf(const absl::Status& status,
                        std::optional<Duration> retry_after) {
  WEIR_CHECK(!status.ok(), "a client that is told a status is told an error");
  // The codes of both are the same numbers.
  const auto code = static_cast<grpc::StatusCode>(status.raw_code());
  std::string message = status.message().empty()
                            ? absl::StatusCodeToString(status.code())
                            : std::string(status.message());
  CallStatus told;
  if (!retry_after.has_value()) {
    told.status = grpc::Status(code, message);
    return told;
  }
  const int64_t pushback_ms =
      (retry_after->count() + kNanosPerMillisecond - 1) / kNanosPerMillisecond;
  told.trailers.emplace_back("grpc-retry-pushback-ms",
                             absl::StrCat(pushback_ms));
  const std::string details = StatusDetails(code, message, *retry_after);
  told.status = grpc::Status(code, message, details);
  return told;
}

}  // namespace weir
