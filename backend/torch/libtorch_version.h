// The libtorch that this module was built for, and the one that it met.
//
//   absl::Status status =
//       CheckLibtorchVersion(BuiltLibtorch(), LoadedLibtorch());
//
// libtorch keeps no ABI between its releases: a module that meets another one
// crashes where it may. So it says so in one line instead, and starts not at
// all.
//
// Thread-safety: functions of their arguments.
// Ownership: values.
// Failure: FAILED_PRECONDITION that names both versions and the library's file.
#ifndef WEIR_BACKEND_TORCH_LIBTORCH_VERSION_H_
#define WEIR_BACKEND_TORCH_LIBTORCH_VERSION_H_

#include <string>

#include "absl/status/status.h"

namespace weir {

struct LibtorchVersion {
  std::string version = {};  // "2.13.0"
  std::string path = {};     // of the library that was loaded; empty: not known
};

LibtorchVersion BuiltLibtorch();
LibtorchVersion LoadedLibtorch();

// "libtorch 2.13.0 from /usr/lib/libtorch_cpu.so, built for 2.13.0".
std::string DescribeLibtorch(const LibtorchVersion& built,
                             const LibtorchVersion& loaded);

absl::Status CheckLibtorchVersion(const LibtorchVersion& built,
                                  const LibtorchVersion& loaded);

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_LIBTORCH_VERSION_H_
