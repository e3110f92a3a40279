#include "cli/infer_inputs.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/infer_json.h"
#include "cli/infer_npy.h"
#include "config/status_macros.h"

namespace weir {
namespace {

// Seeded with the same number for each tensor of each run.
using Random = std::mt19937_64;
constexpr int kRandomIntegers = 10;
constexpr int kRandomLetters = 8;

void Draw(Random& random, bool& flag) { flag = random() % 2 == 1; }
void Draw(Random& random, double& value) {
  value = std::ldexp(static_cast<double>(random() >> 11), -52) - 1;
}
void Draw(Random& random, float& value) {
  // 24 bits, so that nothing is rounded up to 1.
  value = std::ldexp(static_cast<float>(random() >> 40), -23) - 1;
}
void Draw(Random& random, Fp16& half) {
  float value = 0;
  Draw(random, value);
  half = ToFp16(value);
}
void Draw(Random& random, Bf16& half) {
  float value = 0;
  Draw(random, value);
  half = ToBf16(value);
}
void Draw(Random& random, std::string& text) {
  for (int i = 0; i < kRandomLetters; ++i) {
    text.push_back(static_cast<char>('a' + random() % 26));
  }
}
template <typename Integer>
void Draw(Random& random, Integer& integer) {
  integer = static_cast<Integer>(random() % kRandomIntegers);
}

absl::StatusOr<InferTensor> RandomTensor(const std::string& datatype,
                                         std::vector<int64_t> shape) {
  const std::optional<size_t> element_bytes = ElementBytes(datatype);
  if (!element_bytes.has_value()) {
    return absl::InvalidArgumentError(
        "the model does not declare what it is; give it as a .npy file");
  }
  WEIR_ASSIGN_OR_RETURN(const int64_t count, CountElements(shape));
  const auto size = static_cast<int64_t>(std::max<size_t>(*element_bytes, 1));
  if (count > kInputBytesMax / size) {
    return absl::InvalidArgumentError("that is larger than any message, 2 GiB");
  }
  InferTensor tensor{.datatype = datatype, .shape = std::move(shape)};
  tensor.bytes = VisitDatatype(datatype, [&](const auto& element) {
    Random random;
    std::vector<std::decay_t<decltype(element)>> elements;
    elements.reserve(count);
    for (int64_t i = 0; i < count; ++i) {
      std::decay_t<decltype(element)> drawn{};
      Draw(random, drawn);
      elements.push_back(drawn);
    }
    return EncodeElements(elements);
  });
  return tensor;
}

absl::StatusOr<InferTensor> TensorOfJsonFor(const std::string& text,
                                            const std::string& datatype) {
  if (!ElementBytes(datatype).has_value()) {
    return absl::InvalidArgumentError(
        "the model does not declare its datatype; give it as a .npy file");
  }
  return TensorOfJson(text, datatype);
}

absl::StatusOr<InferTensor> ReadSource(const InputSource& source,
                                       const TensorMetadata& declared) {
  switch (source.kind) {
    case InputSource::Kind::kRandom:
      return RandomTensor(declared.datatype, source.shape);
    case InputSource::Kind::kNpy: {
      absl::StatusOr<InferTensor> tensor = ReadNpy(source.text);
      // numpy has no BF16; its bits are kept as these.
      if (tensor.ok() && tensor->datatype == "UINT16" &&
          declared.datatype == "BF16") {
        tensor->datatype = "BF16";
      }
      return tensor;
    }
    case InputSource::Kind::kJson:
      break;
  }
  return TensorOfJsonFor(source.text, declared.datatype);
}

// Whether the model takes the tensor, by what it declares.
bool Fits(const InferTensor& tensor, const TensorMetadata& declared) {
  if (declared.datatype.empty()) return true;
  return tensor.datatype == declared.datatype &&
         std::equal(tensor.shape.begin(), tensor.shape.end(),
                    declared.shape.begin(), declared.shape.end(),
                    [](int64_t is, int64_t takes) {
                      return takes < 0 || is == takes;
                    });
}

absl::StatusOr<InferTensor> TensorOfSource(const InputSource& source,
                                           const TensorMetadata& declared) {
  absl::StatusOr<InferTensor> tensor = ReadSource(source, declared);
  if (!tensor.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--input ", source.name, ": ", tensor.status().message()));
  }
  if (!Fits(*tensor, declared)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--input ", source.name, ": the model takes ",
        DescribeTensor(declared.datatype, declared.shape), ", this is ",
        DescribeTensor(tensor->datatype, tensor->shape)));
  }
  tensor->name = source.name;
  return tensor;
}

// 1 for each variable dimension.
absl::StatusOr<InferTensor> FillTensor(const TensorMetadata& declared) {
  std::vector<int64_t> shape = declared.shape;
  std::replace_if(
      shape.begin(), shape.end(),
      [](int64_t dimension) { return dimension < 0; }, 1);
  absl::StatusOr<InferTensor> tensor =
      RandomTensor(declared.datatype, std::move(shape));
  if (!tensor.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("input \"", declared.name,
                                                   "\" was left out, and ",
                                                   tensor.status().message()));
  }
  tensor->name = declared.name;
  return tensor;
}

std::string Names(const std::vector<TensorMetadata>& declared) {
  return absl::StrJoin(
      declared, ", ", [](std::string* text, const TensorMetadata& tensor) {
        absl::StrAppend(text, tensor.name, ": ",
                        DescribeTensor(tensor.datatype, tensor.shape));
      });
}

}  // namespace

absl::StatusOr<PreparedInputs> PrepareInputs(
    const std::vector<TensorMetadata>& declared,
    const std::vector<InputSource>& given) {
  PreparedInputs prepared;
  for (const InputSource& source : given) {
    const auto found = std::find_if(
        declared.begin(), declared.end(),
        [&](const auto& tensor) { return tensor.name == source.name; });
    // A model that declares nothing takes whatever comes.
    if (found == declared.end() && !declared.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--input ", source.name, ": the model has no such input; it takes ",
          Names(declared)));
    }
    WEIR_ASSIGN_OR_RETURN(
        InferTensor tensor,
        TensorOfSource(source,
                       found == declared.end() ? TensorMetadata{} : *found));
    prepared.tensors.push_back(std::move(tensor));
  }
  for (const TensorMetadata& tensor : declared) {
    if (std::any_of(given.begin(), given.end(), [&](const auto& source) {
          return source.name == tensor.name;
        })) {
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(InferTensor filled, FillTensor(tensor));
    prepared.notes.push_back(absl::StrCat(
        "input \"", tensor.name, "\" is left out: filled at random, ",
        DescribeTensor(filled.datatype, filled.shape)));
    prepared.tensors.push_back(std::move(filled));
  }
  return prepared;
}

}  // namespace weir
