#include "backend/torch/torch_error.h"

#include <array>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "c10/util/Exception.h"

namespace weir {
namespace {

// A message is cut here; libtorch's longest first lines have a few hundred.
constexpr size_t kMessageBytesMax = 400;

// What libtorch writes where the shapes or types of the arguments do not fit.
constexpr std::array<absl::string_view, 15> kRequestFaults = {
    "shape",
    "size of tensor",
    "Sizes of tensors",
    "sizes of tensors",
    "imension",  // with and without a capital
    "scalar type",
    "dtype",
    "index out of range",
    "out of bounds",
    "invalid for input of size",
    "size mismatch",
    "expected input",
    "equal size",
    "D tensor",  // one of two, three, ... dimensions
    "must be a matrix",
};

absl::string_view WithoutBacktrace(const std::exception& error) {
  if (const auto* torch = dynamic_cast<const c10::Error*>(&error)) {
    return torch->what_without_backtrace();
  }
  return error.what();
}

// The interpreter prints the model's source first, and then, on a line of its
// own, "RuntimeError: " and what the operator said.
absl::string_view WithoutTraceback(absl::string_view text) {
  constexpr absl::string_view kMarks[] = {"Error: ", "Exception: "};
  size_t begin = absl::string_view::npos;
  for (const absl::string_view mark : kMarks) {
    for (size_t at = text.find(mark); at != absl::string_view::npos;
         at = text.find(mark, at + 1)) {
      const size_t line = text.rfind('\n', at);
      if (line == absl::string_view::npos) continue;
      const absl::string_view name = text.substr(line + 1, at - line - 1);
      if (name.find(' ') != absl::string_view::npos) continue;
      if (begin == absl::string_view::npos || at + mark.size() > begin) {
        begin = at + mark.size();
      }
      break;  // a message may quote another one: the first is the outer
    }
  }
  return begin == absl::string_view::npos ? text : text.substr(begin);
}

bool EndsWord(char letter) {
  return absl::ascii_isspace(static_cast<unsigned char>(letter)) ||
         letter == '"' || letter == '\'' || letter == ',' || letter == '(' ||
         letter == ')';
}

std::string WithoutPlaces(absl::string_view text) {
  std::string plain;
  size_t at = 0;
  while (at < text.size()) {
    size_t end = at;
    while (end < text.size() && !EndsWord(text[end])) ++end;
    const absl::string_view word = text.substr(at, end - at);
    const bool is_place = absl::StrContains(word, '/') ||
                          absl::StrContains(word, '\\') ||
                          absl::StrContains(word, "0x");
    absl::StrAppend(&plain, is_place ? "..." : word);
    if (end < text.size()) plain.push_back(text[end]);
    at = end + 1;
  }
  return plain;
}

bool IsRequestFault(absl::string_view message) {
  for (const absl::string_view text : kRequestFaults) {
    if (absl::StrContains(message, text)) return true;
  }
  return false;
}

// The operator that a device lacks, or nothing.
std::string MissingOperator(absl::string_view message) {
  const bool is_missing =
      absl::StrContains(message, "is not currently implemented for the") ||
      absl::StrContains(message, "Could not run '");
  const size_t begin = message.find('\'');
  if (!is_missing || begin == absl::string_view::npos) return "";
  const size_t end = message.find('\'', begin + 1);
  if (end == absl::string_view::npos) return "";
  // Without the overload ("aten::erfinv.out"), which nobody writes.
  const absl::string_view name = message.substr(begin + 1, end - begin - 1);
  return std::string(name.substr(0, name.find('.')));
}

// libtorch has no type of exception for these.
bool IsNoFp64(absl::string_view message) {
  return absl::StrContains(message, "float64") &&
         absl::StrContains(message, "support");
}

bool IsOtherDevice(absl::string_view message) {
  return absl::StrContains(message, "same device");
}

}  // namespace

std::string PlainMessage(const std::exception& error) {
  absl::string_view text = WithoutTraceback(WithoutBacktrace(error));
  text = absl::StripLeadingAsciiWhitespace(
      absl::string_view(text.data(), text.size()));
  text = text.substr(0, text.find('\n'));
  text = text.substr(0, kMessageBytesMax);
  const std::string plain = WithoutPlaces(text);
  return plain.empty() ? "no reason given" : plain;
}

std::string NoFp64(absl::string_view model, absl::string_view device) {
  return absl::StrCat("model \"", model, "\": uses FP64, which ", device,
                      " does not have. Export it with .float(), or set "
                      "device: cpu");
}

absl::Status StatusOf(const std::exception& error,
                      const TorchContext& context) {
  const std::string message = PlainMessage(error);
  if (const std::string missing = MissingOperator(message); !missing.empty()) {
    return absl::InternalError(
        absl::StrCat("model \"", context.model, "\": operator ", missing,
                     " is missing on ", context.device, ". Set device: cpu"));
  }
  if (IsNoFp64(message)) {
    return absl::InternalError(NoFp64(context.model, context.device));
  }
  if (!context.fixed_device.empty() && IsOtherDevice(message)) {
    return absl::InternalError(absl::StrCat(
        "model \"", context.model, "\": traced with a fixed device \"",
        context.fixed_device, "\"; it cannot run on ", context.device,
        ". Export again for ",
        context.device.substr(0, context.device.find(':')),
        ", or set device: cpu"));
  }
  const std::string text =
      absl::StrCat("model \"", context.model, "\": ", message);
  if (context.is_alone && IsRequestFault(message)) {
    return absl::InvalidArgumentError(text);
  }
  return absl::InternalError(text);
}

}  // namespace weir
