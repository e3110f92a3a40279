#include "backend/module_path.h"

#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace weir {
namespace {

constexpr size_t kPathBytesMax = 4096;

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

}  // namespace

absl::StatusOr<std::string> FindBackendModule(
    const std::string& module, const std::string& program_folder) {
  if (module.find('/') != std::string::npos) {
    if (Exists(module)) return module;
    return absl::NotFoundError(
        absl::StrCat("no such backend module: ", module));
  }
  const std::vector<std::string> folders = {
      program_folder, absl::StrCat(program_folder, "/../lib/weir"),
      absl::StrCat(program_folder, "/../lib")};
  for (const std::string& folder : folders) {
    const std::string path = absl::StrCat(folder, "/", module);
    if (!module.empty() && Exists(path)) return path;
  }
  return absl::NotFoundError(absl::StrCat(
      "no backend module \"", module, "\" in ", absl::StrJoin(folders, ", "),
      "; give its path as backend.module or with --module"));
}

absl::StatusOr<std::string> ProgramPath() {
  std::string path(kPathBytesMax, '\0');
#ifdef __APPLE__
  auto size = static_cast<uint32_t>(path.size());
  if (_NSGetExecutablePath(path.data(), &size) != 0) {
    return absl::InternalError("the program's path is too long");
  }
  path.resize(path.find('\0'));
#else
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0 || static_cast<size_t>(size) == path.size()) {
    return absl::InternalError("cannot read /proc/self/exe");
  }
  path.resize(static_cast<size_t>(size));
#endif
  return path;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace weir
