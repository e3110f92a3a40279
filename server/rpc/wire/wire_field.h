// WireField: one field of a protobuf message as it lies on the wire, found
// without a parser that would copy it.
//
//   WireFieldReader reader{ChunkCursor(message)};
//   while (const std::optional<WireField> field = reader.Next()) {
//     if (field->Is(kRawInputContents)) raw.push_back(field->payload.Views());
//   }
//   if (reader.is_malformed()) return MalformedMessage();
//
// It takes for a field exactly what protobuf does. Groups are one field each;
// whether their ends match, and how deep they go, is left to protobuf.
//
// Thread-safety: values.
// Ownership: borrow what the cursor borrows.
// Failure: is_malformed().
#ifndef WEIR_SERVER_RPC_WIRE_WIRE_FIELD_H_
#define WEIR_SERVER_RPC_WIRE_WIRE_FIELD_H_

#include <cstdint>
#include <optional>

#include "server/rpc/wire/chunk_cursor.h"

namespace weir {

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kGroup = 3,
  kGroupEnd = 4,
  kFixed32 = 5,
};

struct WireField {
  // Whether it is this field, of a type that has a payload. One of the right
  // number and another type is an unknown field.
  bool Is(uint32_t wanted) const {
    return number == wanted && type == WireType::kBytes;
  }

  uint32_t number = 0;
  WireType type = WireType::kVarint;
  ChunkCursor payload;  // of kBytes alone
  ChunkCursor whole;    // with its tag
};

class WireFieldReader {
 public:
  explicit WireFieldReader(ChunkCursor message) : cursor_(message) {}

  // Nothing at the end, and from the first fault on.
  std::optional<WireField> Next();

  bool is_malformed() const { return is_malformed_; }

 private:
  // Goes past a field; false where the bytes are none.
  bool Read(WireField& field);
  // Goes past one tag and what it announces.
  bool ReadPart(WireField& part);

  ChunkCursor cursor_;
  bool is_malformed_ = false;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_WIRE_WIRE_FIELD_H_
