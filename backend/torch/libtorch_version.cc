#include "backend/torch/libtorch_version.h"

#include <dlfcn.h>

#include "ATen/Version.h"
#include "absl/strings/str_cat.h"
#include "torch/version.h"

namespace weir {

LibtorchVersion BuiltLibtorch() {
  return {absl::StrCat(TORCH_VERSION_MAJOR, ".", TORCH_VERSION_MINOR, ".",
                       TORCH_VERSION_PATCH),
          ""};
}

LibtorchVersion LoadedLibtorch() {
  const std::string kKey = "TORCH_VERSION=";
  LibtorchVersion loaded;
  const std::string text = at::show_config();
  const size_t at = text.find(kKey);
  if (at != std::string::npos) {
    const size_t begin = at + kKey.size();
    loaded.version = text.substr(
        begin, text.find_first_not_of("0123456789.", begin) - begin);
  }
  Dl_info info = {};
  const auto* address = reinterpret_cast<const void*>(&at::show_config);
  if (dladdr(address, &info) != 0 && info.dli_fname != nullptr) {
    loaded.path = info.dli_fname;
  }
  return loaded;
}

std::string DescribeLibtorch(const LibtorchVersion& built,
                             const LibtorchVersion& loaded) {
  return absl::StrCat(
      "libtorch ", loaded.version.empty() ? "unknown" : loaded.version,
      " from ", loaded.path.empty() ? "an unknown file" : loaded.path,
      ", built for ", built.version);
}

absl::Status CheckLibtorchVersion(const LibtorchVersion& built,
                                  const LibtorchVersion& loaded) {
  if (built.version == loaded.version) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "built for libtorch ", built.version, ", but ",
      loaded.version.empty() ? "an unknown version" : loaded.version,
      " was loaded from ",
      loaded.path.empty() ? "an unknown file" : loaded.path,
      "; build weir against that one, or put the right one first"));
}

}  // namespace weir
