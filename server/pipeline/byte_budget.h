// ByteBudget: the bytes of all accepted requests, and their bound.
//
//   absl::StatusOr<ByteShare> share = budget.Take(bytes);
//   if (!share.ok()) return share.status();      // nothing was taken
//   holder->share = *std::move(share);           // until the last reference
//
// A request's share lives in the holder of its message (MessageHolder), which
// the queue, a running batch, an output that aliases an input and a slow reader
// all keep alive: as long as the memory exists, it is counted.
//
// Thread-safety: any number of threads; no lock.
// Ownership: the budget outlives its shares (checked).
// Failure: RESOURCE_EXHAUSTED, with nothing taken.
#ifndef WEIR_SERVER_PIPELINE_BYTE_BUDGET_H_
#define WEIR_SERVER_PIPELINE_BYTE_BUDGET_H_

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "sync/check.h"

namespace weir {

class ByteBudget;

class [[nodiscard]] ByteShare {
 public:
  ByteShare() = default;
  ByteShare(ByteShare&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
  ByteShare& operator=(ByteShare&& other) noexcept {
    if (this != &other) {
      GiveBack();
      budget_ = std::exchange(other.budget_, nullptr);
      bytes_ = other.bytes_;
    }
    return *this;
  }
  ~ByteShare() { GiveBack(); }

 private:
  friend class ByteBudget;
  ByteShare(ByteBudget* budget, int64_t bytes)
      : budget_(budget), bytes_(bytes) {}
  inline void GiveBack() noexcept;

  ByteBudget* budget_ = nullptr;
  int64_t bytes_ = 0;
};

class ByteBudget {
 public:
  // REQUIRES: bytes_max >= 0.
  explicit ByteBudget(int64_t bytes_max) : bytes_max_(bytes_max) {}
  ~ByteBudget() {
    WEIR_CHECK(bytes_taken() == 0, "a byte budget outlives its shares");
  }

  // REQUIRES: bytes >= 0.
  absl::StatusOr<ByteShare> Take(int64_t bytes) {
    WEIR_CHECK(bytes >= 0, "a share has a size");
    int64_t taken = bytes_taken_.load(std::memory_order_relaxed);
    do {
      if (bytes > bytes_max_ - taken) {
        return absl::ResourceExhaustedError(
            absl::StrCat("the server holds as many bytes of requests as it may"
                         " (",
                         taken, " of ", bytes_max_, ")"));
      }
      // Relaxed: the count bounds memory, it orders nothing.
    } while (!bytes_taken_.compare_exchange_weak(taken, taken + bytes,
                                                 std::memory_order_relaxed));
    return ByteShare(this, bytes);
  }

  int64_t bytes_taken() const {
    return bytes_taken_.load(std::memory_order_relaxed);
  }
  int64_t bytes_max() const { return bytes_max_; }

 private:
  friend class ByteShare;

  const int64_t bytes_max_;
  std::atomic<int64_t> bytes_taken_ = 0;
};

inline void ByteShare::GiveBack() noexcept {
  if (budget_ == nullptr) return;
  std::exchange(budget_, nullptr)
      ->bytes_taken_.fetch_sub(bytes_, std::memory_order_relaxed);
}

// Keeps a received message alive. The edge derives from it to hang the message
// on it; every tensor of the request shares it as its owner.
struct MessageHolder {
  virtual ~MessageHolder() = default;
  ByteShare share;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_BYTE_BUDGET_H_
