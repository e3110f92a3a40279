#include "server/telemetry/http_exchange.h"

#include <poll.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/telemetry/http_head.h"

namespace weir {
namespace {

constexpr size_t kHeadBytesMax = 8 * 1024;
constexpr size_t kIgnoredBytesMax = 64 * 1024;
constexpr std::chrono::milliseconds kRestTimeMax(500);

absl::string_view ReasonPhrase(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Service Unavailable";
  }
}

std::string HeadOf(const HttpReply& reply) {
  return absl::StrCat(
      "HTTP/1.1 ", reply.code, " ", ReasonPhrase(reply.code),
      "\r\nContent-Type: ", reply.content_type,
      "\r\nContent-Length: ", reply.body.size(),
      reply.allow.empty() ? "" : "\r\nAllow: ", reply.allow,
      "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff"
      "\r\nReferrer-Policy: no-referrer"
      "\r\nCross-Origin-Resource-Policy: same-origin"
      "\r\nContent-Security-Policy: ",
      reply.policy, "\r\nConnection: close\r\n\r\n");
}

HttpReply Refusal(int code) {
  HttpReply reply;
  reply.code = code;
  reply.body = absl::StrCat(ReasonPhrase(code), "\n");
  return reply;
}

}  // namespace

HttpExchange::HttpExchange(Descriptor socket, const HttpRoutes& routes,
                           std::chrono::milliseconds time_max, TimePoint now)
    : connection_(std::move(socket)),
      routes_(routes),
      time_max_(time_max),
      deadline_(SaturatingAdd(now, time_max)) {}

short HttpExchange::events() const {
  return stage_ == Stage::kAnswer ? POLLOUT : POLLIN;
}

bool HttpExchange::Advance(TimePoint now) {
  if (stage_ == Stage::kHead) return ReadHead(now);
  if (stage_ == Stage::kAnswer) return SendAnswer(now);
  return IgnoreRest(now);
}

bool HttpExchange::ReadHead(TimePoint now) {
  if (!connection_.Read(kHeadBytesMax - head_.size(), head_)) return false;
  const size_t end = head_.find("\r\n\r\n");
  if (end != std::string::npos) {
    return AnswerTo(absl::string_view(head_).substr(0, end), now);
  }
  if (head_.size() >= kHeadBytesMax) return Answer(Refusal(431), true, now);
  if (now >= deadline_) return Answer(Refusal(408), true, now);
  return true;
}

bool HttpExchange::AnswerTo(absl::string_view head, TimePoint now) {
  const std::optional<HttpRequest> request = ParseHttpHead(head);
  if (!request.has_value()) return Answer(Refusal(400), true, now);
  return Answer(routes_.Answer(*request), request->method != "HEAD", now);
}

bool HttpExchange::Answer(const HttpReply& reply, bool wants_body,
                          TimePoint now) {
  answer_ = HeadOf(reply);
  if (wants_body) answer_ += reply.body;
  stage_ = Stage::kAnswer;
  deadline_ = SaturatingAdd(now, time_max_);
  return SendAnswer(now);
}

bool HttpExchange::SendAnswer(TimePoint now) {
  absl::string_view left = absl::string_view(answer_).substr(num_sent_);
  if (!connection_.Write(left)) return false;
  num_sent_ = answer_.size() - left.size();
  if (!left.empty()) return now < deadline_;
  connection_.EndWriting();
  std::string().swap(answer_);
  stage_ = Stage::kRest;
  deadline_ = SaturatingAdd(now, std::min(time_max_, kRestTimeMax));
  return IgnoreRest(now);
}

bool HttpExchange::IgnoreRest(TimePoint now) {
  std::string ignored;
  if (!connection_.Read(kIgnoredBytesMax - num_ignored_, ignored)) return false;
  num_ignored_ += ignored.size();
  return num_ignored_ < kIgnoredBytesMax && now < deadline_;
}

}  // namespace weir
