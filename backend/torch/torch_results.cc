#include "backend/torch/torch_results.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "config/config.h"
#include "config/status_macros.h"

namespace weir {
namespace {

// Tuples within tuples: no model that people export goes as deep.
constexpr int kDepthMax = 16;

// One tensor for each name; a key is empty outside of dictionaries.
absl::Status Collect(const c10::IValue& value, const std::string& key,
                     int depth, TorchResults& results) {
  const bool is_one_more =
      value.isTensor() && results.size() == kTensorsHardMax;
  if (depth > kDepthMax || is_one_more) {
    return absl::InternalError("the model returned too many tensors");
  }
  if (value.isTensor()) {
    results.push_back({key, value.toTensor()});
    return absl::OkStatus();
  }
  if (value.isTuple()) {
    for (const c10::IValue& element : value.toTupleRef().elements()) {
      WEIR_RETURN_IF_ERROR(Collect(element, "", depth + 1, results));
    }
    return absl::OkStatus();
  }
  if (value.isList()) {
    for (const c10::IValue& element : value.toListRef()) {
      WEIR_RETURN_IF_ERROR(Collect(element, "", depth + 1, results));
    }
    return absl::OkStatus();
  }
  if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      const std::string name =
          entry.key().isString() ? entry.key().toStringRef() : "";
      WEIR_RETURN_IF_ERROR(Collect(entry.value(), name, depth + 1, results));
    }
    return absl::OkStatus();
  }
  return absl::InternalError(
      absl::StrCat("the model returned a ", value.tagKind(),
                   "; only tensors, tuples, lists and dictionaries of them "
                   "can be answered"));
}

// The index of `name__index`.
std::optional<size_t> IndexOf(absl::string_view name) {
  const size_t split = name.rfind("__");
  size_t index = 0;
  if (split == absl::string_view::npos ||
      !absl::SimpleAtoi(name.substr(split + 2), &index)) {
    return std::nullopt;
  }
  return index;
}

// Which of the results is the declared output `output`.
size_t PlaceOf(const TorchResults& results,
               const std::vector<std::string>& names, size_t output,
               bool by_index) {
  const auto keyed = std::find_if(
      results.begin(), results.end(),
      [&](const TorchResult& one) { return one.name == names[output]; });
  if (keyed != results.end()) {
    return static_cast<size_t>(keyed - results.begin());
  }
  return by_index ? *IndexOf(names[output]) : output;
}

absl::StatusOr<TorchResults> Declared(const TorchResults& results,
                                      const std::vector<std::string>& names) {
  const bool by_index = std::all_of(
      names.begin(), names.end(),
      [](const std::string& name) { return IndexOf(name).has_value(); });
  TorchResults declared;
  declared.reserve(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    const size_t place = PlaceOf(results, names, i, by_index);
    if (place >= results.size()) {
      return absl::InternalError(absl::StrCat(
          "the model returned ", results.size(),
          " tensors; there is none for output \"", names[i], "\""));
    }
    if (!results[place].name.empty() && results[place].name != names[i]) {
      return absl::InternalError(absl::StrCat(
          "the model returned a dictionary without \"", names[i], "\""));
    }
    declared.push_back({names[i], results[place].tensor});
  }
  return declared;
}

}  // namespace

absl::StatusOr<TorchResults> TensorsOf(const c10::IValue& returned,
                                       const std::vector<std::string>& names) {
  TorchResults results;
  WEIR_RETURN_IF_ERROR(Collect(returned, "", 0, results));
  if (!names.empty()) return Declared(results, names);
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].name.empty()) results[i].name = absl::StrCat("output__", i);
  }
  return results;
}

}  // namespace weir
