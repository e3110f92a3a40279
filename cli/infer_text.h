// What `weir infer` prints: for people, and as one JSON object.
//
//   std::fputs(InferText(result, took).c_str(), stdout);
//
// Thread-safety: pure functions.
// Ownership: values.
// Failure: none; a tensor whose bytes do not fit its shape shows no values.
#ifndef WEIR_CLI_INFER_TEXT_H_
#define WEIR_CLI_INFER_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/infer_request.h"
#include "sync/clock.h"

namespace weir {

// A table of the outputs, each with its first values.
std::string InferText(const InferResult& result, Duration took);

// All values, flat and row-major. Floats read back as they were; those that
// JSON has no number for are "NaN", "Infinity" and "-Infinity". An element of
// BYTES that is no text is {"b64": ...}.
std::string InferJson(const InferResult& result, Duration took);

// {"error": ..., "code": "NOT_FOUND"}, and retry_after_ms where the server said
// so.
std::string FailureJson(const std::string& sentence,
                        const absl::Status& status);

// What went wrong between us and the server, and what to do about it.
// `is_connected`: whether somebody is there.
std::string FailureText(const absl::Status& status, bool is_connected,
                        const std::string& address, const std::string& model,
                        const std::string& version);

// Rows of as many cells, each column as wide as its widest; the last as it is.
std::string Table(const std::vector<std::vector<std::string>>& rows);

// "1.24 ms"
std::string DurationText(Duration duration);

}  // namespace weir

#endif  // WEIR_CLI_INFER_TEXT_H_
