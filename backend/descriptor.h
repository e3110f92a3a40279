// Descriptor: an open file descriptor, closed by its owner.
//
//   absl::StatusOr<DescriptorPair> pipe = OpenPipe();
//   read(pipe->read.get(), buffer, size);
//
// Thread-safety: a value.
// Ownership: move-only; the destructor closes.
// Failure: none.
#ifndef WEIR_BACKEND_DESCRIPTOR_H_
#define WEIR_BACKEND_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

#include "absl/status/statusor.h"

namespace weir {

class [[nodiscard]] Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      Close();
      descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
  }
  ~Descriptor() { Close(); }

  bool is_open() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }
  // Its owner is somebody else from now on.
  int Release() { return std::exchange(descriptor_, -1); }
  void Close() {
    if (is_open()) close(std::exchange(descriptor_, -1));
  }

 private:
  int descriptor_ = -1;
};

struct DescriptorPair {
  Descriptor read;
  Descriptor write;
};

// A pipe that no program we start inherits. Neither end is one of the numbers
// that such a program is given, 0 to 9.
absl::StatusOr<DescriptorPair> OpenPipe();

}  // namespace weir

#endif  // WEIR_BACKEND_DESCRIPTOR_H_
