#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/rpc/wire/chunk_cursor.h"
#include "server/rpc/wire/tensor_contents.h"

namespace weir {
namespace {

static_assert(std::endian::native == std::endian::little,
              "a tensor's bytes are used as they lie on the wire");

absl::Status CheckBools(const TensorClaim& claim, const Tensor::Chunks& bytes) {
  for (const Chunk& chunk : bytes) {
    const auto* data = static_cast<const uint8_t*>(chunk.data);
    for (size_t i = 0; i < chunk.size; ++i) {
      if (data[i] > 1) {
        return claim.Refuse(
            absl::StrCat("expected bytes of 0 or 1 for BOOL, got ",
                         static_cast<int>(data[i])));
      }
    }
  }
  return absl::OkStatus();
}

// Each element takes four bytes at least, so the loop is bounded by the data.
absl::Status CheckFraming(const TensorClaim& claim,
                          const Tensor::Chunks& bytes) {
  ChunkCursor cursor(bytes);
  int64_t num_elements = 0;
  for (; cursor.remaining() > 0; ++num_elements) {
    const std::optional<uint32_t> size = cursor.ReadFixed32();
    if (!size.has_value() || !cursor.Skip(*size)) {
      return claim.Refuse(
          absl::StrCat("expected a 4-byte length and as many bytes for each "
                       "element of BYTES, got data that ends within element ",
                       num_elements));
    }
  }
  if (num_elements == claim.num_elements) return absl::OkStatus();
  return claim.Refuse(absl::StrCat("expected ", claim.num_elements,
                                   " elements for ", claim.Text(), ", got ",
                                   num_elements));
}

absl::Status CheckBytes(const TensorClaim& claim, const Tensor::Chunks& bytes) {
  if (claim.type == DataType::kBytes) return CheckFraming(claim, bytes);
  const size_t size = ChunkCursor(bytes).remaining();
  if (size != static_cast<size_t>(claim.size_bytes)) {
    return claim.Refuse(absl::StrCat("expected ", claim.size_bytes,
                                     " bytes for ", claim.Text(), ", got ",
                                     size));
  }
  if (claim.type == DataType::kBool) return CheckBools(claim, bytes);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Tensor> TensorOfRaw(const TensorClaim& claim,
                                   Tensor::Chunks bytes,
                                   std::shared_ptr<const void> owner) {
  absl::Status status = CheckBytes(claim, bytes);
  if (!status.ok()) return status;
  return Tensor::View(claim.type, claim.shape, MemoryKind::kHost,
                      std::move(bytes), std::move(owner));
}

}  // namespace weir
