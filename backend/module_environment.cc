#include "backend/module_environment.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "config/status_macros.h"

extern char** environ;

namespace weir {
namespace {

using Variables = std::map<std::string, std::string>;

constexpr size_t kShownBytesMax = 80;

std::string Shown(const std::string& text) {
  return absl::CHexEscape(text.substr(0, kShownBytesMax));
}

bool IsReadByLibraries(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kPrefixes = {
      "PYTORCH_", "TORCH_", "ATEN_", "OMP_", "MKL_", "KMP_", "CUDA_"};
  return std::any_of(
      kPrefixes.begin(), kPrefixes.end(),
      [&](std::string_view prefix) { return name.starts_with(prefix); });
}

Variables FindVariables() {
  Variables found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const size_t equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = variable.substr(0, equals);
    if (!IsReadByLibraries(name)) continue;
    found.emplace(name, variable.substr(equals + 1));
  }
  return found;
}

absl::Status Check(const Variables& variables) {
  for (const auto& [name, value] : variables) {
    if (name.empty() || name.find('=') != std::string::npos ||
        name.find('\0') != std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("backend.environment: no variable can be named \"",
                       Shown(name), "\""));
    }
    if (value.find('\0') != std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "backend.environment: the value of ", Shown(name), " holds a NUL"));
    }
  }
  return absl::OkStatus();
}

std::string Warning(const std::string& name, const std::string& value,
                    const Variables& variables) {
  std::string warning = absl::StrCat("found ", Shown(name), "=", Shown(value),
                                     " in the environment");
  const auto set = variables.find(name);
  if (set != variables.end() && set->second != value) {
    absl::StrAppend(&warning, "; backend.environment sets it to ",
                    Shown(set->second), ", which is used");
  }
  return warning;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SetModuleEnvironment(
    const Variables& variables) {
  WEIR_RETURN_IF_ERROR(Check(variables));
  std::vector<std::string> warnings;
  for (const auto& [name, value] : FindVariables()) {
    warnings.push_back(Warning(name, value, variables));
  }
  for (const auto& [name, value] : variables) {
    if (setenv(name.c_str(), value.c_str(), /*overwrite=*/1) != 0) {
      return absl::ResourceExhaustedError(
          absl::StrCat("cannot set ", Shown(name), ": ", strerror(errno)));
    }
  }
  return warnings;
}

}  // namespace weir
