#include "config/config_yaml.h"

#include "absl/strings/str_cat.h"
#include "config/config_fields.h"
#include "config/consistency.h"
#include "config/container_kind.h"
#include "config/model_fields.h"
#include "config/status_macros.h"
#include "config/yaml_node.h"
#include "config/yaml_reader.h"
#include "config/yaml_writer.h"

namespace weir {
namespace {

constexpr absl::string_view kDefaultYamlHeading =
    "# Every value is the default; delete what you do not change.\n"
    "# Generated from config/config_fields.h: do not edit, build regenerate."
    "\n\n";

template <typename Struct>
absl::Status ReadText(absl::string_view file, absl::string_view text,
                      Struct& value, Origins& origins) {
  WEIR_ASSIGN_OR_RETURN(const YamlNode root, ParseYaml(file, text));
  return YamlReader(file, origins).Read(root, "", GroupKind{}, value);
}

template <typename Struct>
std::string Written(const Struct& value, YamlWriter::Comments comments) {
  YamlWriter writer(comments);
  writer.Write(value);
  return writer.Take();
}

}  // namespace

absl::StatusOr<Config> ParseConfig(absl::string_view file,
                                   absl::string_view text,
                                   const Environment& environment) {
  Config config;
  Origins origins;
  WEIR_RETURN_IF_ERROR(ReadText(file, text, config, origins));
  WEIR_RETURN_IF_ERROR(ApplyEnvironment(environment, config, origins));
  WEIR_RETURN_IF_ERROR(CheckConsistency(config, origins));
  return config;
}

absl::StatusOr<ModelConfig> ParseModelConfig(absl::string_view file,
                                             absl::string_view text) {
  ModelConfig model;
  Origins origins;
  WEIR_RETURN_IF_ERROR(ReadText(file, text, model, origins));
  WEIR_RETURN_IF_ERROR(CheckConsistency(model, origins));
  return model;
}

std::string ToYaml(const Config& config) {
  return Written(config, YamlWriter::Comments::kNo);
}

std::string ToYaml(const ModelConfig& model) {
  return Written(model, YamlWriter::Comments::kNo);
}

std::string DefaultYaml() {
  return absl::StrCat(kDefaultYamlHeading,
                      Written(Config{}, YamlWriter::Comments::kYes));
}

}  // namespace weir
