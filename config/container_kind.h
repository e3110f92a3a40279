// Container kinds: the fields that hold other values, and how many.
//
//   constexpr ListKind<WholeNumberKind<int>> kind{{1, 64}, 0, 16};
//   kind.Allowed()    // "at most 16 entries, each 1 to 64"
//
// They say what may be held; config/yaml_reader.h and config/yaml_writer.h walk
// it.
//
// Thread-safety: plain constant values.
// Ownership: none.
// Failure: none.
#ifndef WEIR_CONFIG_CONTAINER_KIND_H_
#define WEIR_CONFIG_CONTAINER_KIND_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "config/number.h"

namespace weir {

// std::vector of a scalar kind's values.
template <typename Kind>
struct ListKind {
  Kind kind;
  size_t size_min = 0;
  size_t size_max = 0;
  // Whether one value may be written without the brackets.
  bool may_be_single = false;

  std::string Allowed() const {
    return absl::StrCat(size_min == 0 ? "at most " : "1 to ", size_max,
                        " entries, each ", kind.Allowed());
  }
};

// std::optional<ValueRange>: [low, high].
struct RangeKind {
  std::string Allowed() const { return "[low, high]"; }
};

// std::map of names ([A-Za-z0-9_.-], at most 64 of them) and texts.
struct TextMapKind {
  size_t size_max = 0;
  size_t bytes_max = 0;

  std::string Allowed() const {
    return absl::StrCat("at most ", size_max, " entries, each at most ",
                        PrintSize(static_cast<int64_t>(bytes_max)), " of text");
  }
};

// A struct with a field table of its own.
struct GroupKind {
  std::string Allowed() const { return ""; }
};

// std::optional of such a struct; a key that is absent is no value.
struct OptionalGroupKind {
  std::string Allowed() const { return ""; }
};

// std::vector of such structs.
struct GroupListKind {
  size_t size_min = 0;
  size_t size_max = 0;

  std::string Allowed() const {
    return absl::StrCat(size_min == 0 ? "at most " : "1 to ", size_max,
                        " entries");
  }
};

}  // namespace weir

#endif  // WEIR_CONFIG_CONTAINER_KIND_H_
