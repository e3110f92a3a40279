#include "cli/infer_npy.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "config/number.h"
#include "config/status_macros.h"

namespace weir {
namespace {

constexpr absl::string_view kMagic = "\x93NUMPY";
constexpr size_t kRankMax = 32;

// What numpy calls the datatypes whose bytes are the protocol's.
constexpr struct {
  absl::string_view descr;
  absl::string_view datatype;
} kDatatypes[] = {
    {"|b1", "BOOL"},  {"|u1", "UINT8"},  {"|i1", "INT8"},  {"<u2", "UINT16"},
    {"<i2", "INT16"}, {"<u4", "UINT32"}, {"<i4", "INT32"}, {"<u8", "UINT64"},
    {"<i8", "INT64"}, {"<f2", "FP16"},   {"<f4", "FP32"},  {"<f8", "FP64"},
};

absl::Status Broken(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("not a file that numpy.save wrote: ", what));
}

absl::StatusOr<std::string> DatatypeOfDescr(absl::string_view descr) {
  for (const auto& known : kDatatypes) {
    if (known.descr == descr) return std::string(known.datatype);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "its elements are numpy's \"", descr, "\"",
      absl::StartsWith(descr, ">")
          ? ", big-endian; save array.astype(array.dtype.newbyteorder('<'))"
          : ", which no datatype is; give texts as JSON"));
}

// The head's dictionary, cut from left to right: {'descr': '<f4',
// 'fortran_order': False, 'shape': (1, 256), }
class HeadReader {
 public:
  explicit HeadReader(absl::string_view text) : text_(text) {}

  bool Take(absl::string_view token) {
    text_ = absl::StripLeadingAsciiWhitespace(text_);
    return absl::ConsumePrefix(&text_, token);
  }
  // What stands before `end`, which goes too.
  std::optional<absl::string_view> TakeUntil(char end) {
    const size_t at = text_.find(end);
    if (at == absl::string_view::npos) return std::nullopt;
    const absl::string_view taken = text_.substr(0, at);
    text_.remove_prefix(at + 1);
    return taken;
  }
  bool IsAtEnd() const { return absl::StripAsciiWhitespace(text_).empty(); }

 private:
  absl::string_view text_;
};

absl::StatusOr<std::vector<int64_t>> ShapeOf(absl::string_view tuple) {
  std::vector<int64_t> shape;
  // A tuple of one ends in a comma; an empty one has nothing.
  for (absl::string_view part :
       absl::StrSplit(tuple, ',', absl::SkipWhitespace())) {
    const absl::StatusOr<int64_t> dimension =
        ParseWholeNumber(absl::StripAsciiWhitespace(part));
    if (!dimension.ok() || *dimension < 0 || shape.size() == kRankMax) {
      return Broken("its shape is no tuple of dimensions");
    }
    shape.push_back(*dimension);
  }
  return shape;
}

// One entry of the dictionary; false where there is no such entry.
absl::StatusOr<bool> ReadEntry(HeadReader& head, InferTensor& tensor,
                               unsigned& seen) {
  enum : unsigned { kDescr = 1, kOrder = 2, kShape = 4 };
  unsigned entry = 0;
  if (head.Take("'descr':") && head.Take("'")) {
    const auto descr = head.TakeUntil('\'');
    if (!descr.has_value()) return Broken("its head has no end");
    WEIR_ASSIGN_OR_RETURN(tensor.datatype, DatatypeOfDescr(*descr));
    entry = kDescr;
  } else if (head.Take("'fortran_order':")) {
    if (head.Take("True")) {
      return absl::InvalidArgumentError(
          "its order is Fortran's; save numpy.ascontiguousarray(array)");
    }
    if (!head.Take("False")) return Broken("its order is neither of the two");
    entry = kOrder;
  } else if (head.Take("'shape':") && head.Take("(")) {
    const auto tuple = head.TakeUntil(')');
    if (!tuple.has_value()) return Broken("its head has no end");
    WEIR_ASSIGN_OR_RETURN(tensor.shape, ShapeOf(*tuple));
    entry = kShape;
  }
  if (entry == 0 || (seen & entry) != 0) return false;
  seen |= entry;
  return true;
}

absl::Status ReadHead(absl::string_view text, InferTensor& tensor) {
  HeadReader head(text);
  unsigned seen = 0;
  if (!head.Take("{")) return Broken("its head is no dictionary");
  for (int i = 0; i < 3; ++i) {
    WEIR_ASSIGN_OR_RETURN(const bool is_entry, ReadEntry(head, tensor, seen));
    if (!is_entry) return Broken("its head is not of descr, order and shape");
    if (!head.Take(",") && i < 2) return Broken("its head lacks a comma");
  }
  if (!head.Take("}") || !head.IsAtEnd()) {
    return Broken("its head does not end where it should");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<InferTensor> ParseNpy(absl::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  if (!absl::StartsWith(bytes, kMagic)) return Broken("its first bytes differ");
  const size_t version_at = kMagic.size();
  const size_t length_at = version_at + 2;
  if (bytes.size() < length_at + 4) return Broken("it ends in its head");
  if (byte(version_at) < 1 || byte(version_at) > 3) {
    return Broken("its version is none of 1 to 3");
  }
  // Two bytes tell the head's length in version 1, four later.
  const size_t length_bytes = byte(version_at) == 1 ? 2 : 4;
  size_t length = 0;
  for (size_t i = 0; i < length_bytes; ++i) {
    length |= static_cast<size_t>(byte(length_at + i)) << (8 * i);
  }
  bytes.remove_prefix(length_at + length_bytes);
  if (bytes.size() < length) return Broken("it ends in its head");
  InferTensor tensor;
  WEIR_RETURN_IF_ERROR(ReadHead(bytes.substr(0, length), tensor));
  tensor.bytes = std::string(bytes.substr(length));
  if (const absl::Status status = CheckTensor(tensor); !status.ok()) {
    return Broken(absl::StripPrefix(status.message(), "tensor \"\": "));
  }
  return tensor;
}

absl::StatusOr<InferTensor> ReadNpy(const std::string& path) {
  constexpr size_t kBlockBytes = size_t{1} << 20;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(path.c_str(), "rb"), &std::fclose);
  if (file == nullptr) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path));
  }
  std::string bytes;
  std::string block(kBlockBytes, '\0');
  while (const size_t size =
             std::fread(block.data(), 1, block.size(), file.get())) {
    bytes.append(block, 0, size);
    if (bytes.size() > static_cast<size_t>(kInputBytesMax)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, " is larger than any message, 2 GiB"));
    }
  }
  if (std::ferror(file.get()) != 0) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path));
  }
  absl::StatusOr<InferTensor> tensor = ParseNpy(bytes);
  if (tensor.ok()) return tensor;
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", tensor.status().message()));
}

}  // namespace weir
