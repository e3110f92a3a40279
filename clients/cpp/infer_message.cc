#include "clients/cpp/infer_message.h"

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace weir {
namespace {

void Set(const InferParameter& value, inference::InferParameter& parameter) {
  if (const auto* flag = std::get_if<bool>(&value)) {
    parameter.set_bool_param(*flag);
  } else if (const auto* number = std::get_if<int64_t>(&value)) {
    parameter.set_int64_param(*number);
  } else if (const auto* natural = std::get_if<uint64_t>(&value)) {
    parameter.set_uint64_param(*natural);
  } else if (const auto* real = std::get_if<double>(&value)) {
    parameter.set_double_param(*real);
  } else {
    parameter.set_string_param(std::get<std::string>(value));
  }
}

void AddInput(InferTensor tensor, inference::ModelInferRequest& message) {
  inference::ModelInferRequest::InferInputTensor& input = *message.add_inputs();
  input.set_name(std::move(tensor.name));
  input.set_datatype(std::move(tensor.datatype));
  input.mutable_shape()->Add(tensor.shape.begin(), tensor.shape.end());
  message.add_raw_input_contents(std::move(tensor.bytes));
}

}  // namespace

absl::StatusOr<inference::ModelInferRequest> MessageOf(InferRequest request) {
  inference::ModelInferRequest message;
  message.set_model_name(std::move(request.model));
  message.set_model_version(std::move(request.version));
  message.set_id(std::move(request.id));
  for (InferTensor& tensor : request.inputs) {
    if (absl::Status status = CheckTensor(tensor); !status.ok()) return status;
    AddInput(std::move(tensor), message);
  }
  for (std::string& name : request.outputs) {
    message.add_outputs()->set_name(std::move(name));
  }
  for (const auto& [name, value] : request.parameters) {
    Set(value, (*message.mutable_parameters())[name]);
  }
  if (request.priority != 0) {
    Set(request.priority, (*message.mutable_parameters())["priority"]);
  }
  return message;
}

absl::StatusOr<InferResult> ResultOf(inference::ModelInferResponse response) {
  if (response.outputs_size() != response.raw_output_contents_size()) {
    return absl::InternalError(absl::StrCat(
        "the answer has ", response.outputs_size(),
        " outputs and raw contents of ", response.raw_output_contents_size()));
  }
  InferResult result{.model = response.model_name(),
                     .version = response.model_version(),
                     .id = response.id()};
  for (int i = 0; i < response.outputs_size(); ++i) {
    const auto& output = response.outputs(i);
    InferTensor tensor{
        .name = output.name(),
        .datatype = output.datatype(),
        .shape = {output.shape().begin(), output.shape().end()},
        .bytes = std::move(*response.mutable_raw_output_contents(i))};
    if (const absl::Status status = CheckTensor(tensor); !status.ok()) {
      return absl::InternalError(
          absl::StrCat("the answer's ", status.message()));
    }
    result.outputs.push_back(std::move(tensor));
  }
  return result;
}

}  // namespace weir
