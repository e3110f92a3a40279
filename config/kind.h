// Kinds: how one sort of value is written, bounded and printed. A field of the
// configuration has one of these and nothing else knows about its type.
//
//   constexpr WholeNumberKind<int> kind{1, 512};
//   int value = 0;
//   absl::Status status = kind.Parse({.text = "64"}, value);   // value == 64
//   kind.Print(64)    // "64"
//   kind.Allowed()    // "1 to 512"
//
// Print gives text that Parse takes back. These are the scalars; the kinds that
// hold other values are in config/container_kind.h.
//
// Thread-safety: plain constant values.
// Ownership: kinds point at constants.
// Failure: Parse gives InvalidArgument whose message is the reason alone, and
// leaves the value as it was.
#ifndef WEIR_CONFIG_KIND_H_
#define WEIR_CONFIG_KIND_H_

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sync/clock.h"

namespace weir {

struct YamlScalar {
  absl::string_view text;
  // Text even if it looks like a number.
  bool is_quoted = false;
};

template <typename Kind, typename Value>
concept ScalarKind = requires(const Kind& kind, Value& value) {
  { kind.Parse(YamlScalar{}, value) } -> std::same_as<absl::Status>;
  { kind.Print(value) } -> std::same_as<std::string>;
};

// 64-bit engine of WholeNumberKind.
absl::Status ParseWholeNumberWithin(YamlScalar scalar, int64_t min, int64_t max,
                                    int64_t& value);

template <typename Integer>
struct WholeNumberKind {
  Integer min = 0;
  Integer max = 0;

  absl::Status Parse(YamlScalar scalar, Integer& value) const {
    int64_t wide = 0;
    absl::Status status = ParseWholeNumberWithin(scalar, min, max, wide);
    if (status.ok()) value = static_cast<Integer>(wide);
    return status;
  }
  std::string Print(Integer value) const { return absl::StrCat(value); }
  std::string Allowed() const { return absl::StrCat(min, " to ", max); }
};

struct SizeKind {
  int64_t min = 0;
  int64_t max = 0;

  absl::Status Parse(YamlScalar scalar, int64_t& value) const;
  std::string Print(int64_t value) const;
  std::string Allowed() const;
};

struct TimeKind {
  Duration min = Duration::zero();
  Duration max = Duration::zero();

  absl::Status Parse(YamlScalar scalar, Duration& value) const;
  std::string Print(Duration value) const;
  std::string Allowed() const;
};

struct DecimalKind {
  double min = 0;
  double max = 0;

  absl::Status Parse(YamlScalar scalar, double& value) const;
  std::string Print(double value) const;
  std::string Allowed() const;
};

// true or false.
struct FlagKind {
  absl::Status Parse(YamlScalar scalar, bool& value) const;
  std::string Print(bool value) const { return value ? "true" : "false"; }
  std::string Allowed() const { return "true, false"; }
};

// One of the names; the value is the name's place in the list, which is that of
// the enumerator.
template <typename Enum, size_t kCount>
struct ChoiceKind {
  std::array<absl::string_view, kCount> names;

  absl::Status Parse(YamlScalar scalar, Enum& value) const {
    for (size_t i = 0; i < kCount; ++i) {
      if (scalar.text != names[i]) continue;
      value = static_cast<Enum>(i);
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError("not one of the names");
  }
  std::string Print(Enum value) const {
    return std::string(names[static_cast<size_t>(value)]);
  }
  std::string Allowed() const {
    std::string allowed;
    for (absl::string_view name : names) {
      absl::StrAppend(&allowed, allowed.empty() ? "" : ", ", name);
    }
    return allowed;
  }
};

// "auto", which is no value, or what `Kind` takes.
template <typename Kind>
struct AutoKind {
  Kind kind;

  template <typename Value>
  absl::Status Parse(YamlScalar scalar, std::optional<Value>& value) const {
    if (scalar.text == "auto") {
      value.reset();
      return absl::OkStatus();
    }
    Value given{};
    absl::Status status = kind.Parse(scalar, given);
    if (status.ok()) value = given;
    return status;
  }
  template <typename Value>
  std::string Print(const std::optional<Value>& value) const {
    return value.has_value() ? kind.Print(*value) : "auto";
  }
  std::string Allowed() const {
    return absl::StrCat("auto, or ", kind.Allowed());
  }
};

// UTF-8 text; tabs and line feeds are its only control characters.
struct TextKind {
  size_t bytes_min = 0;
  size_t bytes_max = 0;
  absl::string_view allowed;

  absl::Status Parse(YamlScalar scalar, std::string& value) const;
  std::string Print(const std::string& value) const { return value; }
  std::string Allowed() const { return std::string(allowed); }
};

// A kind of device, and perhaps which one: [a-z][a-z0-9_]*(:[0-9]+)?
struct DeviceNameKind {
  absl::Status Parse(YamlScalar scalar, std::string& value) const;
  std::string Print(const std::string& value) const { return value; }
  std::string Allowed() const;
};

// Where a server waits for clients (config/listen_address.h).
struct ListenAddressKind {
  absl::Status Parse(YamlScalar scalar, std::string& value) const;
  std::string Print(const std::string& value) const { return value; }
  std::string Allowed() const;
};

// An element type of the Open Inference Protocol.
struct DatatypeKind {
  absl::Status Parse(YamlScalar scalar, std::string& value) const;
  std::string Print(const std::string& value) const { return value; }
  std::string Allowed() const;
};

// Whether a value range makes sense for the element type.
bool IsIntegerDatatype(absl::string_view datatype);

}  // namespace weir

#endif  // WEIR_CONFIG_KIND_H_
