// StatusPage: what the daemon looks like now, for browsers.
//
//   std::string html = StatusPage(snapshot, history.Read());
//
// One page that needs no other resource: its style and script are in it, and
// kStatusPagePolicy (Content-Security-Policy) names their hashes, so that
// nothing else runs whatever the page holds. The script asks for the page again
// each second and takes over what differs; without it the page loads anew every
// five seconds.
//
// Thread-safety: any number of threads.
// Ownership: values.
// Failure: none. Every text is escaped, twice: ClientText, then for HTML.
#ifndef WEIR_SERVER_TELEMETRY_STATUS_PAGE_H_
#define WEIR_SERVER_TELEMETRY_STATUS_PAGE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/telemetry/slot_history.h"
#include "server/telemetry/telemetry_snapshot.h"

namespace weir {

// The SHA-256 of the script and of the style in base64, as a browser counts
// them; tests/telemetry/status_page_test.py says what they have to be.
inline constexpr absl::string_view kStatusPagePolicy =
    "default-src 'none'; connect-src 'self'; "
    "script-src 'sha256-lN2aHQMoqumjcpPulTqVSYGACEfMXAfyzncJjCu5W0E='; "
    "style-src 'sha256-5MSdwKb1GPIJb9+vDsEpxOHOuybDTl0gcphud6eWWhs='; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string StatusPage(const TelemetrySnapshot& snapshot,
                       const SlotHistory::Lanes& lanes);

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_STATUS_PAGE_H_
