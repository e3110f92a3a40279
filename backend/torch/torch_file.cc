#include "backend/torch/torch_file.h"

#include <fstream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "backend/torch/torch_arguments.h"
#include "backend/torch/torch_graph.h"
#include "backend/torch/torch_model.h"
#include "c10/core/InferenceMode.h"
#include "config/config.h"
#include "config/status_macros.h"
#include "torch/csrc/jit/serialization/import.h"

namespace weir {
namespace {

struct Options {
  bool has_copy_per_slot = false;
  bool has_input_guard = true;
};

absl::Status UnknownOption(const std::string& key, const std::string& value) {
  return absl::InvalidArgumentError(
      absl::StrCat("backend_options: ", key, ": \"", value,
                   "\" is not known; there is copies: one, per_slot; "
                   "input_guard: on, off"));
}

absl::StatusOr<Options> ReadOptions(const ModelConfig& config) {
  Options options;
  for (const auto& [key, value] : config.backend_options) {
    if (key == "copies" && (value == "one" || value == "per_slot")) {
      options.has_copy_per_slot = value == "per_slot";
    } else if (key == "input_guard" && (value == "on" || value == "off")) {
      options.has_input_guard = value == "on";
    } else {
      return UnknownOption(key, value);
    }
  }
  return options;
}

std::vector<std::string> NamesOf(const std::vector<TensorConfig>& tensors) {
  std::vector<std::string> names;
  names.reserve(tensors.size());
  for (const TensorConfig& tensor : tensors) names.push_back(tensor.name);
  return names;
}

bool IsInteger(DataType type) {
  return type >= DataType::kUint8 && type <= DataType::kInt64;
}

absl::Status CheckDatatypes(const std::vector<TensorSpec>& specs) {
  for (const TensorSpec& spec : specs) {
    if (spec.type == DataType::kBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", spec.name,
                       "\": BYTES is nothing that a "
                       "TorchScript model takes or gives"));
    }
  }
  return absl::OkStatus();
}

// Bounds the inputs that index a table of the model and have no bounds yet.
void GuardInputs(TorchModelFile& file) {
  for (const auto& [argument, rows] : file.graph.table_rows) {
    const int input = file.arguments->InputOf(argument);
    if (input < 0) continue;
    TensorSpec& spec = file.signature.inputs[static_cast<size_t>(input)];
    if (IsInteger(spec.type) && !spec.values.has_value()) {
      spec.values = ValueRange{0, rows - 1};
    }
  }
}

absl::Status Describe(const ModelConfig& config, TorchModelFile& file) {
  WEIR_ASSIGN_OR_RETURN(const Options options, ReadOptions(config));
  file.graph = ReadTorchGraph(file.module);
  WEIR_ASSIGN_OR_RETURN(file.signature.inputs, DeclaredSpecs(config.inputs));
  WEIR_ASSIGN_OR_RETURN(file.signature.outputs, DeclaredSpecs(config.outputs));
  WEIR_RETURN_IF_ERROR(CheckDatatypes(file.signature.inputs));
  WEIR_RETURN_IF_ERROR(CheckDatatypes(file.signature.outputs));
  file.output_names = NamesOf(config.outputs);
  const bool is_stateful = config.stateful || file.graph.writes_to_itself;
  file.signature.stateful = is_stateful;
  file.has_copy_per_slot = is_stateful && options.has_copy_per_slot;
  file.signature.runs_max = is_stateful && !file.has_copy_per_slot ? 1 : 0;
  if (config.inputs.empty()) return absl::OkStatus();
  WEIR_ASSIGN_OR_RETURN(
      file.arguments,
      TorchArguments::Match(
          file.module.get_method("forward").function().getSchema(),
          NamesOf(config.inputs)));
  if (options.has_input_guard) GuardInputs(file);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ModelFile>> ReadTorchFile(
    const ModelSource& source) {
  auto file = std::make_unique<TorchModelFile>();
  file->name = source.name;
  if (source.path.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "model \"", source.name,
        "\": has no file; what its model.yaml says is not enough here"));
  }
  std::ifstream stream(source.path, std::ios::binary);
  if (!stream) {
    return absl::NotFoundError(
        absl::StrCat("model \"", source.name, "\": cannot open ", source.path));
  }
  const c10::InferenceMode inference;
  file->module = torch::jit::load(stream, c10::Device(c10::DeviceType::CPU));
  file->module.eval();
  if (!file->module.find_method("forward").has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("model \"", source.name, "\": has no forward()"));
  }
  const absl::Status status = Describe(source.config, *file);
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat("model \"", source.name,
                                                    "\": ", status.message()));
  }
  return file;
}

}  // namespace weir
