#include "server/rpc/call_status.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"
#include "sync/check.h"

namespace weir {
namespace {

using google::protobuf::internal::WireFormatLite;

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kNanosPerMillisecond = 1'000'000;
constexpr char kRetryInfo[] = "type.googleapis.com/google.rpc.RetryInfo";

// Field 1 of google.rpc.RetryInfo is a google.protobuf.Duration. The messages
// of google.rpc are so few bytes that they are written here.
std::string RetryInfoOf(Duration retry_after) {
  google::protobuf::Duration delay;
  delay.set_seconds(retry_after.count() / kNanosPerSecond);
  delay.set_nanos(static_cast<int32_t>(retry_after.count() % kNanosPerSecond));
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  WireFormatLite::WriteBytes(1, delay.SerializeAsString(), &out);
  out.Trim();
  return bytes;
}

// google.rpc.Status: the code, the message, and one detail.
std::string StatusDetails(int code, absl::string_view message,
                          Duration retry_after) {
  google::protobuf::Any detail;
  detail.set_type_url(kRetryInfo);
  detail.set_value(RetryInfoOf(retry_after));
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  WireFormatLite::WriteInt32(1, code, &out);
  WireFormatLite::WriteString(2, std::string(message), &out);
  WireFormatLite::WriteBytes(3, detail.SerializeAsString(), &out);
  out.Trim();
  return bytes;
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
