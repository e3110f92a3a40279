#include "backend/descriptor.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace weir {
namespace {

constexpr int kDescriptorMin = 10;

// A copy that is closed in programs we start, and the original closed.
Descriptor MoveUp(int descriptor) {
  Descriptor original(descriptor);
  return Descriptor(fcntl(original.get(), F_DUPFD_CLOEXEC, kDescriptorMin));
}

}  // namespace

absl::StatusOr<DescriptorPair> OpenPipe() {
  std::array<int, 2> ends = {};
#ifdef __APPLE__
  // Between this and the copies another thread may start a program; the spawn
  // there closes all that it was not given (POSIX_SPAWN_CLOEXEC_DEFAULT).
  const int result = pipe(ends.data());
#else
  const int result = pipe2(ends.data(), O_CLOEXEC);
#endif
  DescriptorPair pair;
  if (result == 0) {
    pair.read = MoveUp(ends[0]);
    pair.write = MoveUp(ends[1]);
  }
  if (!pair.read.is_open() || !pair.write.is_open()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot open a pipe: ", std::strerror(errno)));
  }
  return pair;
}

}  // namespace weir
