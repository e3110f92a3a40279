// TorchStaging: host memory that a device copies from and to, kept for the next
// batch.
//
//   std::shared_ptr<std::byte> block = staging.Take(num_bytes, use);
//   // under a lease
//
// Pinned where the device can pin, for then a copy runs beside the host. Making
// and ending pinned memory are device calls, and an output may be dropped by
// any thread without a lease: so a block that is dropped goes back to the pool,
// which frees what it has too much of the next time somebody with a lease takes
// one.
//
// Sizes are rounded up to powers of two, and as much as kKeptBytesMax of unused
// memory is kept.
//
// Thread-safety: any number of threads. Take and Trim need a lease of the
// device, dropping a block does not. Ownership: a block is the caller's until
// its last reference is gone; the pool may be gone before that. Failure: Take
// throws what libtorch throws when there is no memory.
#ifndef WEIR_BACKEND_TORCH_TORCH_STAGING_H_
#define WEIR_BACKEND_TORCH_TORCH_STAGING_H_

#include <cstddef>
#include <memory>

namespace weir {

// What a block is for, and for whose run.
struct StagingUse {
  enum Way { kInput, kOutput };

  int slot = 0;
  Way way = kInput;

  bool operator==(const StagingUse&) const = default;
};

class TorchStaging {
 public:
  static constexpr size_t kKeptBytesMax = size_t{256} << 20U;

  // `pins`: whether the device can pin memory.
  explicit TorchStaging(bool pins);
  ~TorchStaging();
  TorchStaging(const TorchStaging&) = delete;
  TorchStaging& operator=(const TorchStaging&) = delete;

  bool pins() const { return pins_; }

  // At least `size` bytes, aligned for any datatype. Memory that had the same
  // use before if there is some: the core has an input's in its cache, and the
  // device's writes drive an output's out.
  std::shared_ptr<std::byte> Take(size_t size, StagingUse use);

  // Frees all that is kept.
  void Trim();

 private:
  struct Shelf;

  const bool pins_;
  const std::shared_ptr<Shelf> shelf_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_STAGING_H_
