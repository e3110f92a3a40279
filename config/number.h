// Numbers, sizes and durations as people write them in a configuration.
//
//   ParseWholeNumber("512")   // 512
//   ParseWholeNumber("010")   // refused: octal to some, ten to others
//   ParseSize("64MiB")        // 67108864
//   ParseDuration("250ms")    // 250'000'000 ns
//   ParseDuration("250")      // refused: no unit
//
// A whole number is an optional minus and decimal digits: no plus, no leading
// zero, no hexadecimal, no exponent, no spaces, no digit separators. A decimal
// number may add a point and digits. A size or a duration is a whole number
// that is not negative, at once followed by its unit; only 0 needs none.
// Fractions have no unit: 1500ms, not 1.5s.
//
// Printing gives the largest unit that keeps the value whole, and parsing that
// gives the value back.
//
// Thread-safety: any thread; no locale, no state.
// Ownership: results own their text.
// Failure: InvalidArgument, whose message is the reason alone ("not a whole
// number"); the caller adds where it was and what is allowed.
#ifndef WEIR_CONFIG_NUMBER_H_
#define WEIR_CONFIG_NUMBER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sync/clock.h"

namespace weir {

absl::StatusOr<int64_t> ParseWholeNumber(absl::string_view text);
absl::StatusOr<double> ParseDecimal(absl::string_view text);

// Units: B, KiB, MiB, GiB, TiB.
absl::StatusOr<int64_t> ParseSize(absl::string_view text);

// Units: ns, us, ms, s, min, h.
absl::StatusOr<Duration> ParseDuration(absl::string_view text);

std::string PrintDecimal(double number);

// REQUIRES: not negative.
std::string PrintSize(int64_t bytes);
std::string PrintDuration(Duration duration);

}  // namespace weir

#endif  // WEIR_CONFIG_NUMBER_H_
