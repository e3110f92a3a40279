#include "backend/module.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "config/status_macros.h"
#include "sync/check.h"

namespace weir {
namespace {

// The text of the last failure of dlopen or dlsym.
std::string LoaderError() {
  const char* error = dlerror();
  return error == nullptr ? "the loader gives no reason" : error;
}

absl::Status Differs(const std::string& what, const std::string& ours,
                     const std::string& theirs) {
  return absl::FailedPreconditionError(
      absl::StrCat("the backend module was built for another weir: ", what,
                   " is ", theirs, ", expected ", ours));
}

// A name without a slash would be looked for in the system's folders.
std::string AsPath(const std::string& path) {
  return path.find('/') == std::string::npos ? absl::StrCat("./", path) : path;
}

// The struct that the module at `path` shows.
absl::StatusOr<const BackendModule*> Open(const std::string& path) {
  if (access(path.c_str(), F_OK) != 0) {
    return absl::NotFoundError(absl::StrCat("no such backend module: ", path));
  }
  // NODELETE: libraries leave threads and thread-local objects behind, whose
  // code must not go away.
  void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (module == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot load the backend module: ", LoaderError()));
  }
  void* symbol = dlsym(module, kModuleEntry);
  if (symbol == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "not a backend module, it has no ", kModuleEntry, ": ", path));
  }
  const auto entry = reinterpret_cast<ModuleEntry>(symbol);
  const BackendModule* described = entry();
  if (described == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("the backend module describes nothing: ", path));
  }
  return described;
}

// The hash as far as it is one: nothing says that it ends.
std::string HashText(const ModuleAbi& abi) {
  const char* hash = abi.headers_hash;
  return {hash, strnlen(hash, sizeof(abi.headers_hash))};
}

}  // namespace

absl::Status CheckModuleAbi(const ModuleAbi& ours, const ModuleAbi& theirs) {
  // First, for it tells whether the rest lies where it is looked for.
  if (theirs.struct_size != ours.struct_size) {
    return Differs("the size of its description",
                   absl::StrCat(ours.struct_size),
                   absl::StrCat(theirs.struct_size));
  }
  if (theirs.glibcxx_cxx11_abi != ours.glibcxx_cxx11_abi) {
    return Differs("_GLIBCXX_USE_CXX11_ABI",
                   absl::StrCat(ours.glibcxx_cxx11_abi),
                   absl::StrCat(theirs.glibcxx_cxx11_abi));
  }
  if (theirs.abseil_lts != ours.abseil_lts) {
    return Differs("the release of abseil", absl::StrCat(ours.abseil_lts),
                   absl::StrCat(theirs.abseil_lts));
  }
  if (HashText(theirs) != HashText(ours)) {
    return Differs("the hash of its headers", HashText(ours), HashText(theirs));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Backend>> LoadBackendModule(
    const std::string& path, const BackendSettings& settings) {
  WEIR_CHECK(settings.clock != nullptr, "a backend is given a clock");
  WEIR_ASSIGN_OR_RETURN(const BackendModule* module, Open(AsPath(path)));
  WEIR_RETURN_IF_ERROR(CheckModuleAbi(ThisAbi(), module->abi));
  std::array<char, 1024> error = {};
  void* made = module->make(&settings, error.data(), error.size());
  if (made == nullptr) {
    error.back() = '\0';
    return absl::FailedPreconditionError(
        absl::StrCat("the backend module refuses: ", error.data()));
  }
  return std::unique_ptr<Backend>(static_cast<Backend*>(made));
}

}  // namespace weir
