// HttpHead: the head of an HTTP/1 request, read.
//
//   std::optional<HttpRequest> request = ParseHttpHead(head);
//   if (!request.has_value()) ...  // 400
//
// Only what routes look at is kept. Two Host headers, or a folded line, are a
// malformed head: others could read it otherwise than we do.
//
// Thread-safety: any number of threads.
// Ownership: the request's members are views into `head`.
// Failure: nothing for a malformed head.
#ifndef WEIR_SERVER_TELEMETRY_HTTP_HEAD_H_
#define WEIR_SERVER_TELEMETRY_HTTP_HEAD_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "server/telemetry/http_routes.h"

namespace weir {

// `head`: all up to the empty line.
std::optional<HttpRequest> ParseHttpHead(absl::string_view head);

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_HTTP_HEAD_H_
