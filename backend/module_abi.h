// What a backend module shows of itself before the daemon trusts it: a plain C
// struct behind one C symbol, so that nothing of C++ crosses before both sides
// know that they were built from the same headers.
//
// A module is a shared object that defines this symbol:
//
//   extern "C" const weir::BackendModule* weir_backend_entry() {
//     static const weir::BackendModule module =
//         weir::DescribeModule(&MakeMyBackend);
//     return &module;
//   }
//
// It is linked with hidden visibility and without libweir_backend: all that it
// needs of backend/ is inline or pure virtual.
//
// Thread-safety: constants.
// Ownership: the struct belongs to the module, which is never unloaded.
// Failure: none; the daemon refuses a module that differs (backend/module.h).
#ifndef WEIR_BACKEND_MODULE_ABI_H_
#define WEIR_BACKEND_MODULE_ABI_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/base/config.h"
#include "backend/module_hash.h"

namespace weir {

// Compared one by one, in this order; a change of this struct changes its size.
struct ModuleAbi {
  uint32_t struct_size;
  // _GLIBCXX_USE_CXX11_ABI; -1 where the standard library is another one.
  int32_t glibcxx_cxx11_abi;
  // ABSL_LTS_RELEASE_VERSION; 0 where abseil is no release.
  int64_t abseil_lts;
  // SHA-256 in hexadecimal over the shared headers.
  char headers_hash[65];
};

struct BackendModule {
  ModuleAbi abi;
  // Makes a weir::Backend out of a const weir::BackendSettings, or returns null
  // and writes why into `error`, ended by a zero. Called after the comparison.
  void* (*make)(const void* settings, char* error, size_t error_size);
};

using ModuleEntry = const BackendModule* (*)();
inline constexpr char kModuleEntry[] = "weir_backend_entry";

// The side of the handshake that this very file was compiled for.
inline ModuleAbi ThisAbi() {
  ModuleAbi abi = {};
  abi.struct_size = sizeof(BackendModule);
#ifdef _GLIBCXX_USE_CXX11_ABI
  abi.glibcxx_cxx11_abi = _GLIBCXX_USE_CXX11_ABI;
#else
  abi.glibcxx_cxx11_abi = -1;
#endif
#ifdef ABSL_LTS_RELEASE_VERSION
  abi.abseil_lts = ABSL_LTS_RELEASE_VERSION;
#endif
  static_assert(sizeof(kBackendHeadersHash) == sizeof(abi.headers_hash));
  std::memcpy(abi.headers_hash, kBackendHeadersHash, sizeof(abi.headers_hash));
  return abi;
}

inline BackendModule DescribeModule(void* (*make)(const void* settings,
                                                  char* error,
                                                  size_t error_size)) {
  return {ThisAbi(), make};
}

// For `make`: says why there is no backend, cut to the room there is.
inline void* RefuseToMake(const std::string& why, char* error,
                          size_t error_size) {
  if (error_size > 0) {
    const size_t length = why.copy(error, error_size - 1);
    error[length] = '\0';
  }
  return nullptr;
}

}  // namespace weir

#endif  // WEIR_BACKEND_MODULE_ABI_H_
