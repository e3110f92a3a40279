#include "config/kind.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "config/listen_address.h"
#include "config/number.h"
#include "config/status_macros.h"
#include "config/utf8.h"

namespace weir {
namespace {

constexpr size_t kDeviceBytesMax = 64;

constexpr std::array<absl::string_view, 14> kDatatypes = {
    "BOOL",  "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16",
    "INT32", "INT64", "FP16",   "FP32",   "FP64",   "BF16", "BYTES"};

absl::Status CheckNotQuoted(YamlScalar scalar) {
  if (!scalar.is_quoted) return absl::OkStatus();
  return absl::InvalidArgumentError("quotes make it text");
}

template <typename Value>
absl::Status CheckWithin(Value value, Value min, Value max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError("out of bounds");
}

bool IsDeviceName(absl::string_view text) {
  if (text.size() > kDeviceBytesMax) return false;
  const size_t colon = std::min(text.find(':'), text.size());
  const absl::string_view kind = text.substr(0, colon);
  if (kind.empty() || !absl::ascii_islower(kind[0])) return false;
  const bool is_kind = std::all_of(kind.begin(), kind.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  });
  if (!is_kind || colon == text.size()) return is_kind;
  if (kind == "auto") return false;
  const absl::StatusOr<int64_t> index =
      ParseWholeNumber(text.substr(colon + 1));
  return index.ok() && *index >= 0;
}

}  // namespace

absl::Status ParseWholeNumberWithin(YamlScalar scalar, int64_t min, int64_t max,
                                    int64_t& value) {
  WEIR_RETURN_IF_ERROR(CheckNotQuoted(scalar));
  WEIR_ASSIGN_OR_RETURN(const int64_t number, ParseWholeNumber(scalar.text));
  WEIR_RETURN_IF_ERROR(CheckWithin(number, min, max));
  value = number;
  return absl::OkStatus();
}

absl::Status SizeKind::Parse(YamlScalar scalar, int64_t& value) const {
  WEIR_RETURN_IF_ERROR(CheckNotQuoted(scalar));
  WEIR_ASSIGN_OR_RETURN(const int64_t bytes, ParseSize(scalar.text));
  WEIR_RETURN_IF_ERROR(CheckWithin(bytes, min, max));
  value = bytes;
  return absl::OkStatus();
}

std::string SizeKind::Print(int64_t value) const { return PrintSize(value); }

std::string SizeKind::Allowed() const {
  return absl::StrCat(PrintSize(min), " to ", PrintSize(max));
}

absl::Status TimeKind::Parse(YamlScalar scalar, Duration& value) const {
  WEIR_RETURN_IF_ERROR(CheckNotQuoted(scalar));
  WEIR_ASSIGN_OR_RETURN(const Duration duration, ParseDuration(scalar.text));
  WEIR_RETURN_IF_ERROR(CheckWithin(duration, min, max));
  value = duration;
  return absl::OkStatus();
}

std::string TimeKind::Print(Duration value) const {
  return PrintDuration(value);
}

std::string TimeKind::Allowed() const {
  return absl::StrCat(PrintDuration(min), " to ", PrintDuration(max));
}

absl::Status DecimalKind::Parse(YamlScalar scalar, double& value) const {
  WEIR_RETURN_IF_ERROR(CheckNotQuoted(scalar));
  WEIR_ASSIGN_OR_RETURN(const double number, ParseDecimal(scalar.text));
  WEIR_RETURN_IF_ERROR(CheckWithin(number, min, max));
  value = number;
  return absl::OkStatus();
}

std::string DecimalKind::Print(double value) const {
  return PrintDecimal(value);
}

std::string DecimalKind::Allowed() const {
  return absl::StrCat(PrintDecimal(min), " to ", PrintDecimal(max));
}

absl::Status FlagKind::Parse(YamlScalar scalar, bool& value) const {
  WEIR_RETURN_IF_ERROR(CheckNotQuoted(scalar));
  if (scalar.text != "true" && scalar.text != "false") {
    return absl::InvalidArgumentError("not true or false");
  }
  value = scalar.text == "true";
  return absl::OkStatus();
}

absl::Status TextKind::Parse(YamlScalar scalar, std::string& value) const {
  if (scalar.text.size() < bytes_min) {
    return absl::InvalidArgumentError("too short");
  }
  if (scalar.text.size() > bytes_max) {
    return absl::InvalidArgumentError("too long");
  }
  if (CountText(scalar.text) != scalar.text.size()) {
    return absl::InvalidArgumentError("not UTF-8 text");
  }
  value = std::string(scalar.text);
  return absl::OkStatus();
}

absl::Status DeviceNameKind::Parse(YamlScalar scalar,
                                   std::string& value) const {
  if (!IsDeviceName(scalar.text)) {
    return absl::InvalidArgumentError("not a device");
  }
  value = std::string(scalar.text);
  return absl::OkStatus();
}

std::string DeviceNameKind::Allowed() const {
  return "auto, or a device such as cpu, mps, cuda:0";
}

absl::Status ListenAddressKind::Parse(YamlScalar scalar,
                                      std::string& value) const {
  WEIR_RETURN_IF_ERROR(ListenAddress::Parse(scalar.text).status());
  value = std::string(scalar.text);
  return absl::OkStatus();
}

std::string ListenAddressKind::Allowed() const {
  return std::string(ListenAddress::kForms);
}

absl::Status DatatypeKind::Parse(YamlScalar scalar, std::string& value) const {
  if (std::find(kDatatypes.begin(), kDatatypes.end(), scalar.text) ==
      kDatatypes.end()) {
    return absl::InvalidArgumentError("not a datatype");
  }
  value = std::string(scalar.text);
  return absl::OkStatus();
}

std::string DatatypeKind::Allowed() const {
  return absl::StrJoin(kDatatypes, ", ");
}

bool IsIntegerDatatype(absl::string_view datatype) {
  return datatype.find("INT") != absl::string_view::npos;
}

}  // namespace weir
