#include "server/rpc/model_facts.h"

#include <array>

#include "absl/strings/str_cat.h"

namespace weir {
namespace {

// What TorchScript models are called by those who know several kinds.
constexpr char kPlatform[] = "pytorch_libtorch";

inference::DataType ConfigTypeOf(DataType type) {
  switch (type) {
    case DataType::kBool:
      return inference::TYPE_BOOL;
    case DataType::kUint8:
      return inference::TYPE_UINT8;
    case DataType::kUint16:
      return inference::TYPE_UINT16;
    case DataType::kUint32:
      return inference::TYPE_UINT32;
    case DataType::kUint64:
      return inference::TYPE_UINT64;
    case DataType::kInt8:
      return inference::TYPE_INT8;
    case DataType::kInt16:
      return inference::TYPE_INT16;
    case DataType::kInt32:
      return inference::TYPE_INT32;
    case DataType::kInt64:
      return inference::TYPE_INT64;
    case DataType::kFp16:
      return inference::TYPE_FP16;
    case DataType::kBf16:
      return inference::TYPE_BF16;
    case DataType::kFp32:
      return inference::TYPE_FP32;
    case DataType::kFp64:
      return inference::TYPE_FP64;
    case DataType::kBytes:
      break;
  }
  return inference::TYPE_STRING;
}

// A message of the list for each spec.
template <typename List, typename Fill>
void FillEach(const std::vector<TensorSpec>& specs, List& list,
              const Fill& fill) {
  for (const TensorSpec& spec : specs) fill(spec, *list.Add());
}

}  // namespace

void FillMetadata(const ModelVersion& model,
                  const std::vector<std::string>& versions,
                  inference::ModelMetadataResponse& response) {
  using Metadata = inference::ModelMetadataResponse::TensorMetadata;
  response.set_name(model.name());
  for (const std::string& version : versions) response.add_versions(version);
  response.set_platform(kPlatform);
  const auto fill = [](const TensorSpec& spec, Metadata& tensor) {
    tensor.set_name(spec.name);
    tensor.set_datatype(std::string(Facts(spec.type).name));
    for (const int64_t dimension : spec.shape) tensor.add_shape(dimension);
  };
  FillEach(model.signature().inputs, *response.mutable_inputs(), fill);
  FillEach(model.signature().outputs, *response.mutable_outputs(), fill);
}

void FillLimits(const ModelVersion& model, const Config& config,
                inference::ModelMetadataResponse& response) {
  auto& properties = *response.mutable_properties();
  const auto fill = [&](const char* key, int64_t value) {
    properties[key] = absl::StrCat(value);
  };
  fill("queue.requests_max", config.queue.requests_max);
  fill("queue.bytes_max", config.queue.bytes_max);
  fill("limits.message_bytes_max", config.limits.message_bytes_max);
  fill("limits.inputs_max", config.limits.inputs_max);
  fill("limits.rank_max", config.limits.rank_max);
  if (model.rows_max() > 0) fill("batch.rows_max", model.rows_max());
  if (model.runs_max() > 0) fill("runs_max", model.runs_max());
  const bool is_unavailable =
      config.overload.status == OverloadStatus::kUnavailable;
  properties["overload.status"] =
      is_unavailable ? "unavailable" : "resource_exhausted";
}

void FillConfig(const ModelVersion& model, inference::ModelConfig& config) {
  config.set_name(model.name());
  config.set_platform(kPlatform);
  config.set_max_batch_size(static_cast<int32_t>(model.rows_max()));
  const size_t skipped = model.rows_max() > 0 ? 1 : 0;
  const auto fill = [skipped](const TensorSpec& spec, auto& tensor) {
    tensor.set_name(spec.name);
    tensor.set_data_type(ConfigTypeOf(spec.type));
    for (size_t i = skipped; i < spec.shape.size(); ++i) {
      tensor.add_dims(spec.shape[i]);
    }
  };
  FillEach(model.signature().inputs, *config.mutable_input(), fill);
  FillEach(model.signature().outputs, *config.mutable_output(), fill);
}

}  // namespace weir
