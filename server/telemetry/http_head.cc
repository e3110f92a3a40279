#include "server/telemetry/http_head.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace weir {
namespace {

// METHOD TARGET HTTP/1.x; false where it is not.
bool ReadRequestLine(absl::string_view line, HttpRequest& request) {
  const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
  if (parts.size() != 3) return false;
  if (parts[2] != "HTTP/1.1" && parts[2] != "HTTP/1.0") return false;
  request.method = parts[0];
  request.path = parts[1].substr(0, parts[1].find('?'));
  return !request.method.empty() && !request.path.empty();
}

}  // namespace

std::optional<HttpRequest> ParseHttpHead(absl::string_view head) {
  HttpRequest request;
  bool has_host = false;
  bool is_first = true;
  for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
    if (std::exchange(is_first, false)) {
      if (!ReadRequestLine(line, request)) return std::nullopt;
      continue;
    }
    if (line.empty()) continue;
    const size_t colon = line.find(':');
    const absl::string_view name = line.substr(0, colon);
    if (colon == absl::string_view::npos || name.empty() ||
        name.find_first_of(" \t") != absl::string_view::npos) {
      return std::nullopt;
    }
    const absl::string_view value =
        absl::StripAsciiWhitespace(line.substr(colon + 1));
    if (absl::EqualsIgnoreCase(name, "host")) {
      if (std::exchange(has_host, true)) return std::nullopt;
      request.host = value;
    }
    if (absl::EqualsIgnoreCase(name, "accept")) request.accept = value;
  }
  return request;
}

}  // namespace weir
