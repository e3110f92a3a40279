#include "cli/infer_text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/client.h"
#include "config/json_text.h"
#include "config/utf8.h"

namespace weir {
namespace {

constexpr int64_t kValuesShown = 8;
constexpr size_t kTextShown = 32;

// As many digits as tell it from its neighbours.
std::string JsonNumber(double value, int digits) {
  if (std::isnan(value)) return "\"NaN\"";
  if (std::isinf(value)) return value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
  return absl::StrFormat("%.*g", digits, value);
}

std::string JsonOf(bool value) { return value ? "true" : "false"; }
std::string JsonOf(double value) { return JsonNumber(value, 17); }
std::string JsonOf(float value) { return JsonNumber(value, 9); }
std::string JsonOf(Fp16 value) { return JsonNumber(ToFloat(value), 5); }
std::string JsonOf(Bf16 value) { return JsonNumber(ToFloat(value), 4); }
std::string JsonOf(const std::string& value) {
  if (CountText(value) == value.size()) return JsonText(value);
  return absl::StrCat("{\"b64\": \"", absl::Base64Escape(value), "\"}");
}
template <typename Integer>
std::string JsonOf(Integer value) {
  return absl::StrCat(value);
}

std::string TextOf(double value) { return absl::StrFormat("%g", value); }
std::string TextOf(float value) { return absl::StrFormat("%g", value); }
std::string TextOf(Fp16 value) { return TextOf(ToFloat(value)); }
std::string TextOf(Bf16 value) { return TextOf(ToFloat(value)); }
std::string TextOf(const std::string& value) {
  const std::string shown = value.substr(0, kTextShown);
  const bool is_text = CountText(shown) == shown.size();
  return absl::StrCat(is_text
                          ? JsonText(shown)
                          : absl::StrCat("0x", absl::BytesToHexString(shown)),
                      shown.size() < value.size() ? "..." : "");
}
template <typename Other>
std::string TextOf(Other value) {
  return JsonOf(value);
}

// The elements, at most that many of them, each through `print`.
template <typename Print>
std::vector<std::string> Printed(const InferTensor& tensor, size_t count_max,
                                 const Print& print) {
  return VisitDatatype(
      tensor.datatype, [&](const auto& element) -> std::vector<std::string> {
        using Element = std::decay_t<decltype(element)>;
        std::vector<std::string> printed;
        const absl::StatusOr<std::vector<Element>> elements =
            ElementsOf<Element>(tensor);
        if (!elements.ok()) return printed;
        const size_t count = std::min(count_max, elements->size());
        for (size_t i = 0; i < count; ++i) {
          printed.push_back(print(static_cast<Element>((*elements)[i])));
        }
        return printed;
      });
}

std::string FirstValues(const InferTensor& tensor) {
  const std::vector<std::string> values =
      Printed(tensor, kValuesShown,
              [](const auto& element) { return TextOf(element); });
  const absl::StatusOr<int64_t> count = CountElements(tensor.shape);
  const bool has_more = count.ok() && *count > kValuesShown;
  return absl::StrCat(absl::StrJoin(values, " "), has_more ? " ..." : "");
}

std::string JsonTensor(const InferTensor& tensor) {
  const std::vector<std::string> values =
      Printed(tensor, tensor.bytes.size(),
              [](const auto& element) { return JsonOf(element); });
  return absl::StrCat("{\"name\": ", JsonText(tensor.name),
                      ", \"datatype\": ", JsonText(tensor.datatype),
                      ", \"shape\": [", absl::StrJoin(tensor.shape, ", "),
                      "], \"data\": [", absl::StrJoin(values, ", "), "]}");
}

// What others wrote, on one line of a terminal.
std::string Plain(std::string text) {
  for (char& letter : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(letter))) letter = '?';
  }
  return text;
}

}  // namespace

std::string DurationText(Duration duration) {
  const double milliseconds = ToSeconds(duration) * 1e3;
  if (milliseconds >= 1000)
    return absl::StrFormat("%.2f s", milliseconds / 1e3);
  return milliseconds >= 100 ? absl::StrFormat("%.0f ms", milliseconds)
                             : absl::StrFormat("%.2f ms", milliseconds);
}

std::string Table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string table;
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i + 1 < row.size(); ++i) {
      absl::StrAppendFormat(&table, "%-*s  ", static_cast<int>(widths[i]),
                            row[i]);
    }
    absl::StrAppend(&table, row.back(), "\n");
  }
  return table;
}

std::string InferText(const InferResult& result, Duration took) {
  std::vector<std::vector<std::string>> rows = {
      {"output", "datatype", "shape", "values"}};
  for (const InferTensor& output : result.outputs) {
    rows.push_back({Plain(output.name), output.datatype,
                    absl::StrCat("[", absl::StrJoin(output.shape, ","), "]"),
                    FirstValues(output)});
  }
  return absl::StrCat(Plain(result.model), " version ", Plain(result.version),
                      ", in ", DurationText(took), "\n", Table(rows));
}

std::string InferJson(const InferResult& result, Duration took) {
  return absl::StrCat(
      "{\"model\": ", JsonText(result.model),
      ", \"version\": ", JsonText(result.version),
      ", \"seconds\": ", absl::StrFormat("%.6f", ToSeconds(took)),
      ", \"outputs\": [",
      absl::StrJoin(result.outputs, ", ",
                    [](std::string* out, const InferTensor& output) {
                      absl::StrAppend(out, JsonTensor(output));
                    }),
      "]}\n");
}

std::string FailureJson(const std::string& sentence,
                        const absl::Status& status) {
  std::string json = absl::StrCat(
      "{\"error\": ", JsonText(sentence),
      ", \"code\": ", JsonText(absl::StatusCodeToString(status.code())));
  if (const auto retry_after = RetryAfter(status)) {
    absl::StrAppend(&json, ", \"retry_after_ms\": ", retry_after->count());
  }
  return json + "}\n";
}

std::string FailureText(const absl::Status& status, bool is_connected,
                        const std::string& address, const std::string& model,
                        const std::string& version) {
  const std::string said = Plain(std::string(status.message()));
  if (!is_connected &&
      (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status))) {
    return absl::StrCat("nothing answers at ", address,
                        "; start one with 'weir serve', or name another with "
                        "--address (",
                        said, ")");
  }
  if (absl::IsNotFound(status)) {
    return absl::StrCat(address, " serves no model \"", model, "\"",
                        version.empty() ? "" : " of version ", version,
                        "; see how its models are spelled (", said, ")");
  }
  if (absl::IsDeadlineExceeded(status)) {
    return absl::StrCat(address,
                        " gave no answer in time; allow more with "
                        "--timeout (",
                        said, ")");
  }
  return absl::StrCat(address, " answered ",
                      absl::StatusCodeToString(status.code()), ": ", said);
}

}  // namespace weir
