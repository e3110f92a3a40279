#include "server/model_directory.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "config/config_yaml.h"
#include "config/status_macros.h"
#include "config/version_number.h"
#include "config/yaml_node.h"
#include "server/checked_folder.h"

namespace weir {
namespace {

using Kind = CheckedFolder::Kind;

constexpr size_t kNameBytesMax = 128;
constexpr absl::string_view kFileEnding = ".pt";
constexpr absl::string_view kYamlEnding = ".yaml";

// What nobody means as a model.
bool IsLeftover(absl::string_view name) {
  return absl::StartsWith(name, ".") || absl::EndsWith(name, "~") ||
         (absl::StartsWith(name, "#") && absl::EndsWith(name, "#")) ||
         name == "lost+found" || name == "__pycache__";
}

absl::Status CheckName(absl::string_view name, const std::string& place) {
  if (IsModelName(name)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      place, ": is no name for a model; rename it to at most ", kNameBytesMax,
      " letters, digits, '.', '_' and '-', the first a letter or a digit"));
}

// The whole text, and at most a byte more than the parser takes: it says what
// is too large.
absl::StatusOr<std::string> ReadText(const Descriptor& file,
                                     const std::string& place) {
  std::string text(kYamlBytesMax + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = read(file.get(), &text[size], text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(place, ": cannot be read: ", std::strerror(errno),
                       "; put a readable file there"));
    }
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  text.resize(size);
  return text;
}

// What the file says; nullopt where there is none.
absl::StatusOr<std::optional<ModelConfig>> ReadConfig(
    const CheckedFolder& folder, const std::string& name) {
  absl::StatusOr<Descriptor> file = folder.OpenFile(name);
  if (absl::IsNotFound(file.status())) return std::nullopt;
  WEIR_RETURN_IF_ERROR(file.status());
  const std::string place = folder.PlaceOf(name);
  WEIR_ASSIGN_OR_RETURN(const std::string text, ReadText(*file, place));
  WEIR_ASSIGN_OR_RETURN(ModelConfig config, ParseModelConfig(place, text));
  return config;
}

// Takes the model's file; without one the path stays empty.
absl::Status TakeFile(const CheckedFolder& folder, const std::string& name,
                      bool needs_file, FoundModel& model) {
  absl::StatusOr<Descriptor> file = folder.OpenFile(name);
  if (!needs_file && absl::IsNotFound(file.status())) return absl::OkStatus();
  WEIR_RETURN_IF_ERROR(file.status());
  model.file = *std::move(file);
  model.place = folder.PlaceOf(name);
  model.source.path = absl::StrCat("/dev/fd/", model.file.get());
  return absl::OkStatus();
}

// The newest version among the names; nullopt where there is none.
absl::StatusOr<std::optional<int64_t>> NewestVersion(
    const CheckedFolder& folder, const std::vector<std::string>& names) {
  std::optional<int64_t> newest;
  for (const std::string& name : names) {
    if (IsLeftover(name)) continue;
    const absl::StatusOr<int64_t> version = ParseModelVersion(name);
    WEIR_ASSIGN_OR_RETURN(const Kind kind, folder.KindOf(name));
    if (kind == Kind::kFile && !version.ok()) continue;
    if (kind != Kind::kFolder) {
      return folder.Refuse(name, version.ok() ? Kind::kFolder : Kind::kFile);
    }
    if (!version.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(folder.PlaceOf(name), ": ", version.status().message()));
    }
    newest = std::max(newest, std::optional<int64_t>(*version));
  }
  return newest;
}

absl::Status NoScript(const std::string& place) {
  return absl::NotFoundError(
      absl::StrCat(place,
                   ": is not there, and this backend's models are in "
                   "such files; put it there"));
}

// NAME/VERSION/model.pt, and NAME/model.yaml.
absl::StatusOr<FoundModel> FolderModel(const CheckedFolder& root,
                                       const std::string& name,
                                       const ModelDirectoryOptions& options) {
  WEIR_RETURN_IF_ERROR(CheckName(name, root.PlaceOf(name)));
  WEIR_ASSIGN_OR_RETURN(const CheckedFolder folder, root.OpenFolder(name));
  WEIR_ASSIGN_OR_RETURN(std::optional<ModelConfig> config,
                        ReadConfig(folder, "model.yaml"));
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                        folder.List(options.entries_max));
  WEIR_ASSIGN_OR_RETURN(const std::optional<int64_t> version,
                        NewestVersion(folder, names));
  FoundModel model;
  model.source.name = name;
  model.source.version = version.value_or(1);
  model.place = folder.place();
  if (version.has_value()) {
    WEIR_ASSIGN_OR_RETURN(const CheckedFolder of_version,
                          folder.OpenFolder(absl::StrCat(*version)));
    WEIR_RETURN_IF_ERROR(
        TakeFile(of_version, "model.pt", options.needs_file, model));
  } else if (options.needs_file) {
    return absl::InvalidArgumentError(absl::StrCat(
        folder.place(), ": holds no version; put the model's file at ",
        folder.place(), "/1/model.pt"));
  }
  if (!options.needs_file && !config.has_value()) {
    return NoScript(folder.PlaceOf("model.yaml"));
  }
  if (config.has_value()) model.source.config = *std::move(config);
  return model;
}

// NAME.pt, and NAME.yaml beside it.
absl::StatusOr<FoundModel> FileModel(const CheckedFolder& root,
                                     const std::string& name, bool needs_file) {
  WEIR_RETURN_IF_ERROR(
      CheckName(name, root.PlaceOf(absl::StrCat(name, kFileEnding))));
  FoundModel model;
  model.source.name = name;
  model.place = root.PlaceOf(absl::StrCat(name, kYamlEnding));
  WEIR_RETURN_IF_ERROR(
      TakeFile(root, absl::StrCat(name, kFileEnding), needs_file, model));
  WEIR_ASSIGN_OR_RETURN(std::optional<ModelConfig> config,
                        ReadConfig(root, absl::StrCat(name, kYamlEnding)));
  if (!needs_file && !config.has_value()) {
    return NoScript(model.place);
  }
  if (config.has_value()) model.source.config = *std::move(config);
  return model;
}

// Where models come from, by their names: each entry that means to be one.
using Claims = std::map<std::string, std::vector<std::string>>;

absl::Status Claim(const CheckedFolder& root, const std::string& entry,
                   Claims& claims) {
  WEIR_ASSIGN_OR_RETURN(const Kind kind, root.KindOf(entry));
  absl::string_view name = entry;
  const bool has_ending = absl::ConsumeSuffix(&name, kFileEnding);
  // A model.yaml is looked at with the file that it belongs to.
  if (kind != Kind::kFolder && absl::EndsWith(entry, kYamlEnding)) {
    return absl::OkStatus();
  }
  if (kind == Kind::kFile && !has_ending) return absl::OkStatus();
  if (kind == Kind::kOther || (kind == Kind::kFolder && has_ending)) {
    return root.Refuse(entry, has_ending ? Kind::kFile : Kind::kFolder);
  }
  claims[kind == Kind::kFile ? std::string(name) : entry].push_back(entry);
  return absl::OkStatus();
}

absl::StatusOr<FoundModel> ClaimedModel(const CheckedFolder& root,
                                        const std::string& name,
                                        const std::vector<std::string>& entries,
                                        const ModelDirectoryOptions& options) {
  if (entries.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        root.PlaceOf(entries[1]), ": is model \"", name, "\" a second time, ",
        "beside ", root.PlaceOf(entries[0]), "; move one of them away"));
  }
  return entries[0] == name ? FolderModel(root, name, options)
                            : FileModel(root, name, /*needs_file=*/true);
}

void Add(absl::StatusOr<FoundModel> model, ModelDirectory& found) {
  if (model.ok()) {
    found.models.push_back(*std::move(model));
  } else {
    found.problems.emplace_back(model.status().message());
  }
}

}  // namespace

bool IsModelName(absl::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax &&
         absl::ascii_isalnum(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), [](char letter) {
           return absl::ascii_isalnum(static_cast<unsigned char>(letter)) ||
                  letter == '.' || letter == '_' || letter == '-';
         });
}

absl::StatusOr<int64_t> ParseModelVersion(absl::string_view text) {
  const std::optional<int64_t> version = ParseVersionNumber(text);
  if (version.has_value()) return *version;
  return absl::InvalidArgumentError(
      "is no version; rename it to a number above 0 without leading "
      "zeros, or move it away");
}

ModelDirectory FindModels(const std::string& root,
                          const ModelDirectoryOptions& options) {
  ModelDirectory found;
  const absl::StatusOr<CheckedFolder> folder =
      CheckedFolder::Open(root, options.user);
  const absl::StatusOr<std::vector<std::string>> names =
      folder.ok() ? folder->List(options.entries_max) : folder.status();
  if (!names.ok()) {
    Add(names.status(), found);
    return found;
  }
  Claims claims;
  for (const std::string& name : *names) {
    if (IsLeftover(name)) continue;
    const absl::Status status = Claim(*folder, name, claims);
    if (!status.ok()) Add(status, found);
  }
  for (const auto& [name, entries] : claims) {
    Add(ClaimedModel(*folder, name, entries, options), found);
  }
  if (found.models.empty() && found.problems.empty()) {
    found.problems.push_back(
        absl::StrCat(folder->place(), ": holds no model; put one at ",
                     folder->PlaceOf("NAME"), "/1/model.pt or ",
                     folder->PlaceOf("NAME.pt")));
  }
  return found;
}

ModelDirectory FindModel(const std::string& path,
                         const ModelDirectoryOptions& options) {
  ModelDirectory found;
  const size_t slash = path.rfind('/');
  const bool has_folder = slash != std::string::npos;
  absl::string_view name = path;
  if (has_folder) name.remove_prefix(slash + 1);
  const bool is_file = absl::ConsumeSuffix(&name, kFileEnding);
  const bool is_yaml =
      !options.needs_file && absl::ConsumeSuffix(&name, kYamlEnding);
  if (!is_file && !is_yaml) {
    Add(absl::InvalidArgumentError(
            absl::StrCat(absl::CHexEscape(path),
                         ": is no model's file; give NAME.pt, or a "
                         "folder of models with --models")),
        found);
    return found;
  }
  const absl::StatusOr<CheckedFolder> folder = CheckedFolder::Open(
      has_folder ? path.substr(0, slash + 1) : ".", options.user);
  Add(folder.ok() ? FileModel(*folder, std::string(name), is_file)
                  : folder.status(),
      found);
  return found;
}

}  // namespace weir
