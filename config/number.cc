#include "config/number.h"

#include <array>
#include <cstddef>
#include <cstdio>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "config/status_macros.h"
#include "sync/check.h"

namespace weir {
namespace {

// No number that is allowed anywhere is longer.
constexpr size_t kNumberBytesMax = 64;

struct Unit {
  const char* name;
  int64_t factor;
};

// From the largest to the smallest; the last one's factor is 1.
constexpr std::array<Unit, 5> kSizeUnits = {{{"TiB", int64_t{1} << 40},
                                             {"GiB", int64_t{1} << 30},
                                             {"MiB", int64_t{1} << 20},
                                             {"KiB", int64_t{1} << 10},
                                             {"B", 1}}};
constexpr std::array<Unit, 6> kDurationUnits = {{{"h", 3'600'000'000'000},
                                                 {"min", 60'000'000'000},
                                                 {"s", 1'000'000'000},
                                                 {"ms", 1'000'000},
                                                 {"us", 1'000},
                                                 {"ns", 1}}};

size_t CountDigits(absl::string_view text) {
  size_t count = 0;
  while (count < text.size() && absl::ascii_isdigit(text[count])) ++count;
  return count;
}

// Whether `digits` is 0, or starts with another digit.
bool IsCanonical(absl::string_view digits) {
  return !digits.empty() && (digits == "0" || digits[0] != '0');
}

// `digits` holds nothing but decimal digits.
absl::StatusOr<int64_t> Accumulate(absl::string_view digits, int sign) {
  int64_t value = 0;
  for (char digit : digits) {
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, sign * (digit - '0'), &value)) {
      return absl::InvalidArgumentError("too large to be a number here");
    }
  }
  return value;
}

template <size_t kCount>
absl::StatusOr<int64_t> ParseWithUnit(absl::string_view text,
                                      const std::array<Unit, kCount>& units,
                                      absl::string_view complaint) {
  const absl::string_view digits = text.substr(0, CountDigits(text));
  if (!IsCanonical(digits)) return absl::InvalidArgumentError(complaint);
  WEIR_ASSIGN_OR_RETURN(int64_t value, Accumulate(digits, 1));
  const absl::string_view name = text.substr(digits.size());
  if (name.empty() && value == 0) return value;
  for (const Unit& unit : units) {
    if (name != unit.name) continue;
    if (__builtin_mul_overflow(value, unit.factor, &value)) {
      return absl::InvalidArgumentError("too large to be a number here");
    }
    return value;
  }
  return absl::InvalidArgumentError(complaint);
}

template <size_t kCount>
std::string PrintWithUnit(int64_t value, absl::string_view zero,
                          const std::array<Unit, kCount>& units) {
  WEIR_CHECK(value >= 0, "sizes and durations are not negative");
  if (value == 0) return std::string(zero);
  for (const Unit& unit : units) {
    if (value % unit.factor == 0) {
      return absl::StrCat(value / unit.factor, unit.name);
    }
  }
  WEIR_CHECK(false, "the last unit divides everything");
}

}  // namespace

absl::StatusOr<int64_t> ParseWholeNumber(absl::string_view text) {
  const bool is_negative = !text.empty() && text[0] == '-';
  const absl::string_view digits = text.substr(is_negative ? 1 : 0);
  if (CountDigits(digits) != digits.size() || !IsCanonical(digits) ||
      (is_negative && digits == "0")) {
    return absl::InvalidArgumentError("not a whole number");
  }
  return Accumulate(digits, is_negative ? -1 : 1);
}

absl::StatusOr<double> ParseDecimal(absl::string_view text) {
  const absl::Status refused =
      absl::InvalidArgumentError("not a decimal number");
  if (text.size() > kNumberBytesMax) return refused;
  const bool is_negative = !text.empty() && text[0] == '-';
  const absl::string_view number = text.substr(is_negative ? 1 : 0);
  const size_t whole = CountDigits(number);
  if (!IsCanonical(number.substr(0, whole))) return refused;
  if (whole < number.size()) {
    const absl::string_view fraction = number.substr(whole + 1);
    if (number[whole] != '.' || fraction.empty() ||
        CountDigits(fraction) != fraction.size()) {
      return refused;
    }
  }
  double value = 0;
  if (!absl::SimpleAtod(text, &value)) return refused;
  return value;
}

absl::StatusOr<int64_t> ParseSize(absl::string_view text) {
  return ParseWithUnit(text, kSizeUnits,
                       "not a size with its unit (B, KiB, MiB, GiB, TiB)");
}

absl::StatusOr<Duration> ParseDuration(absl::string_view text) {
  WEIR_ASSIGN_OR_RETURN(
      int64_t nanoseconds,
      ParseWithUnit(text, kDurationUnits,
                    "not a duration with its unit (ns, us, ms, s, min, h)"));
  return Duration(nanoseconds);
}

std::string PrintDecimal(double number) {
  // The fewest digits that give the number back; a double needs at most 17
  // that count, and no field allows one below 0.001.
  constexpr int kFractionDigitsMax = 24;
  char text[kNumberBytesMax + 1];
  for (int digits = 0; digits <= kFractionDigitsMax; ++digits) {
    std::snprintf(text, sizeof(text), "%.*f", digits, number);
    double again = 0;
    if (absl::SimpleAtod(text, &again) && again == number) break;
  }
  return text;
}

std::string PrintSize(int64_t bytes) {
  return PrintWithUnit(bytes, "0B", kSizeUnits);
}

std::string PrintDuration(Duration duration) {
  return PrintWithUnit(duration.count(), "0s", kDurationUnits);
}

}  // namespace weir
