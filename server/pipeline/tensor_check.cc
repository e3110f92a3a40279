#include "server/pipeline/tensor_check.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/client_text.h"

namespace weir {
namespace {

std::string Text(DataType type, absl::Span<const int64_t> shape) {
  return absl::StrCat(std::string(Facts(type).name), " [",
                      absl::StrJoin(shape, ","), "]");
}

bool Matches(const TensorSpec& spec, const Tensor& tensor) {
  if (spec.type != tensor.type()) return false;
  if (spec.shape.size() != tensor.shape().size()) return false;
  for (size_t i = 0; i < spec.shape.size(); ++i) {
    if (spec.shape[i] >= 0 && spec.shape[i] != tensor.shape()[i]) return false;
  }
  return true;
}

absl::Status CheckSize(const NamedTensor& input, const LimitsConfig& limits) {
  const Shape& shape = input.tensor.shape();
  if (shape.size() > static_cast<size_t>(limits.rank_max)) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quoted(input.name), ": ", shape.size(),
                     " dimensions, at most ", limits.rank_max));
  }
  const std::optional<int64_t> size = SizeInBytes(input.tensor.type(), shape);
  const bool is_dense = input.tensor.type() != DataType::kBytes;
  if (!size.has_value() || (is_dense && *size != input.tensor.size_bytes())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input ", Quoted(input.name), ": ", input.tensor.size_bytes(),
        " bytes do not make ", Text(input.tensor.type(), shape)));
  }
  return absl::OkStatus();
}

// Whether an integer of any width lies in the range, which is of int64.
template <typename Integer>
bool IsWithin(Integer value, const ValueRange& range) {
  return std::cmp_greater_equal(value, range.low) &&
         std::cmp_less_equal(value, range.high);
}

template <typename Integer>
std::optional<std::string> FirstOutside(const Tensor& tensor,
                                        const ValueRange& range) {
  std::vector<std::byte> bytes(static_cast<size_t>(tensor.size_bytes()));
  tensor.CopyTo(bytes.data());
  for (size_t i = 0; i + sizeof(Integer) <= bytes.size();
       i += sizeof(Integer)) {
    Integer value;
    std::memcpy(&value, &bytes[i], sizeof(value));
    if (!IsWithin(value, range)) return std::to_string(value);
  }
  return std::nullopt;
}

std::optional<std::string> FirstOutside(const TensorSpec& spec,
                                        const Tensor& tensor) {
  switch (spec.type) {
    case DataType::kInt8:
      return FirstOutside<int8_t>(tensor, *spec.values);
    case DataType::kInt16:
      return FirstOutside<int16_t>(tensor, *spec.values);
    case DataType::kInt32:
      return FirstOutside<int32_t>(tensor, *spec.values);
    case DataType::kInt64:
      return FirstOutside<int64_t>(tensor, *spec.values);
    case DataType::kUint8:
      return FirstOutside<uint8_t>(tensor, *spec.values);
    case DataType::kUint16:
      return FirstOutside<uint16_t>(tensor, *spec.values);
    case DataType::kUint32:
      return FirstOutside<uint32_t>(tensor, *spec.values);
    case DataType::kUint64:
      return FirstOutside<uint64_t>(tensor, *spec.values);
    default:
      return std::nullopt;  // ranges are for integers
  }
}

absl::Status CheckAgainst(const TensorSpec& spec, const Tensor& tensor) {
  if (!Matches(spec, tensor)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input \"", spec.name, "\": expected ", Text(spec.type, spec.shape),
        ", got ", Text(tensor.type(), tensor.shape())));
  }
  if (!spec.values.has_value()) return absl::OkStatus();
  if (std::optional<std::string> value = FirstOutside(spec, tensor)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input \"", spec.name, "\": value ", *value, " is not within [",
        spec.values->low, ",", spec.values->high, "]"));
  }
  return absl::OkStatus();
}

// Brings the inputs into the signature's order.
absl::Status SortInputs(const std::vector<TensorSpec>& specs,
                        std::vector<NamedTensor>& inputs) {
  for (size_t i = 0; i < specs.size(); ++i) {
    const auto found = std::find_if(
        inputs.begin() + static_cast<ptrdiff_t>(std::min(i, inputs.size())),
        inputs.end(),
        [&](const NamedTensor& input) { return input.name == specs[i].name; });
    if (found == inputs.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("input \"", specs[i].name, "\" is missing"));
    }
    std::swap(inputs[i], *found);
  }
  if (inputs.size() > specs.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input ", Quoted(inputs[specs.size()].name), " is not one of the ",
        specs.size(), " that the model takes"));
  }
  return absl::OkStatus();
}

absl::Status CheckNames(const std::vector<NamedTensor>& inputs) {
  std::vector<std::string_view> names;
  names.reserve(inputs.size());
  for (const NamedTensor& input : inputs) names.emplace_back(input.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("input ", Quoted(*twice), " is given twice"));
}

absl::Status SetRows(int64_t rows_max, Request& request) {
  request.rows = request.inputs.empty() ? 1 : request.inputs[0].tensor.rows();
  if (rows_max == 0) return absl::OkStatus();
  for (const NamedTensor& input : request.inputs) {
    if (input.tensor.shape().empty() || input.tensor.rows() != request.rows) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", Quoted(input.name),
                       ": dimension 0 is the batch and must "
                       "be the same for all inputs"));
    }
  }
  if (request.rows > rows_max) {
    return absl::InvalidArgumentError(absl::StrCat(
        request.rows, " rows, the model takes at most ", rows_max));
  }
  return absl::OkStatus();
}

// Requests run together if they agree in all but their rows.
std::string BatchKey(const Request& request) {
  std::string key;
  for (const NamedTensor& input : request.inputs) {
    const Shape& shape = input.tensor.shape();
    absl::StrAppend(&key, static_cast<int>(input.tensor.type()), ":",
                    absl::StrJoin(shape.begin() + 1, shape.end(), ","), ";");
  }
  absl::StrAppend(&key, request.parameters);
  return key;
}

}  // namespace

absl::Status CheckInputs(const ModelVersion& model, const LimitsConfig& limits,
                         Request& request) {
  std::vector<NamedTensor>& inputs = request.inputs;
  if (inputs.size() > static_cast<size_t>(limits.inputs_max)) {
    return absl::InvalidArgumentError(
        absl::StrCat(inputs.size(), " inputs, at most ", limits.inputs_max));
  }
  for (const NamedTensor& input : inputs) {
    if (absl::Status status = CheckSize(input, limits); !status.ok()) {
      return status;
    }
  }
  if (absl::Status status = CheckNames(inputs); !status.ok()) return status;
  const std::vector<TensorSpec>& specs = model.signature().inputs;
  if (!specs.empty()) {
    if (absl::Status status = SortInputs(specs, inputs); !status.ok()) {
      return status;
    }
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    absl::Status status = CheckAgainst(specs[i], inputs[i].tensor);
    if (!status.ok()) return status;
  }
  if (absl::Status status = SetRows(model.rows_max(), request); !status.ok()) {
    return status;
  }
  if (model.rows_max() > 0) request.batch_key = BatchKey(request);
  return absl::OkStatus();
}

absl::Status CheckOutputs(const ModelVersion& model, int64_t rows,
                          bool is_split, const Outputs& outputs) {
  const std::vector<TensorSpec>& specs = model.signature().outputs;
  if (!specs.empty() && specs.size() != outputs.size()) {
    return absl::InternalError(absl::StrCat(
        "the model returned ", outputs.size(), " outputs, not ", specs.size()));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& tensor = outputs[i].tensor;
    if (!specs.empty() && !Matches(specs[i], tensor)) {
      return absl::InternalError(absl::StrCat(
          "output \"", specs[i].name, "\": expected ",
          Text(specs[i].type, specs[i].shape), ", the model returned ",
          Text(tensor.type(), tensor.shape())));
    }
    if (model.rows_max() == 0) continue;
    if (tensor.shape().empty() || tensor.rows() != rows) {
      return absl::InternalError(absl::StrCat(
          "output ", Quoted(outputs[i].name), ": the model returned ",
          Text(tensor.type(), tensor.shape()), " for ", rows, " rows"));
    }
    if (is_split &&
        (tensor.chunks().size() != 1 || tensor.type() == DataType::kBytes)) {
      return absl::InternalError(
          absl::StrCat("output ", Quoted(outputs[i].name),
                       ": the model returned rows that cannot be told apart"));
    }
  }
  return absl::OkStatus();
}

}  // namespace weir
