#include "config/config_yaml.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "config/config_fields.h"
#include "config/consistency.h"
#include "config/container_kind.h"
#include "config/model_fields.h"
#include "config/problems.h"
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
void ReadText(absl::string_view file, absl::string_view text, Struct& value,
              Origins& origins, Problems& problems) {
  const absl::StatusOr<YamlNode> root = ParseYaml(file, text);
  problems.Add(root.status());
  if (!root.ok()) return;
  YamlReader(file, origins, problems).Read(*root, "", GroupKind{}, value);
}

template <typename Struct>
std::string Written(const Struct& value, YamlWriter::Comments comments,
                    const Origins& origins = {}) {
  YamlWriter writer(comments, origins);
  writer.Write(value);
  return writer.Take();
}

}  // namespace

absl::StatusOr<SourcedConfig> ParseSourcedConfig(
    absl::string_view file, absl::string_view text,
    const Environment& environment) {
  SourcedConfig sourced;
  Problems problems;
  ReadText(file, text, sourced.config, sourced.origins, problems);
  ApplyEnvironment(environment, sourced.config, sourced.origins, problems);
  WEIR_RETURN_IF_ERROR(problems.ToStatus());
  WEIR_RETURN_IF_ERROR(CheckConsistency(sourced.config, sourced.origins));
  return sourced;
}

absl::StatusOr<Config> ParseConfig(absl::string_view file,
                                   absl::string_view text,
                                   const Environment& environment) {
  WEIR_ASSIGN_OR_RETURN(SourcedConfig sourced,
                        ParseSourcedConfig(file, text, environment));
  return std::move(sourced.config);
}

absl::StatusOr<ModelConfig> ParseModelConfig(absl::string_view file,
                                             absl::string_view text) {
  ModelConfig model;
  Origins origins;
  Problems problems;
  ReadText(file, text, model, origins, problems);
  WEIR_RETURN_IF_ERROR(problems.ToStatus());
  WEIR_RETURN_IF_ERROR(CheckConsistency(model, origins));
  return model;
}

std::string ToYaml(const Config& config) {
  return Written(config, YamlWriter::Comments::kNo);
}

std::string ToYaml(const SourcedConfig& sourced) {
  return Written(sourced.config, YamlWriter::Comments::kNo, sourced.origins);
}

std::string ToYaml(const ModelConfig& model) {
  return Written(model, YamlWriter::Comments::kNo);
}

std::string DefaultYaml() {
  return absl::StrCat(kDefaultYamlHeading,
                      Written(Config{}, YamlWriter::Comments::kYes));
}

}  // namespace weir
