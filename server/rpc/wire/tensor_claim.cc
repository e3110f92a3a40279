#include "server/rpc/wire/tensor_claim.h"

#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/client_text.h"
#include "server/rpc/wire/infer_parameters.h"

namespace weir {
namespace {

using Input = inference::ModelInferRequest::InferInputTensor;

constexpr int64_t kDimensionMax = std::numeric_limits<int32_t>::max();

absl::Status CheckName(const TensorClaim& claim) {
  if (!claim.name.empty() && claim.name.size() <= kNameBytesMax) {
    return absl::OkStatus();
  }
  return claim.Refuse(absl::StrCat("expected a name of 1 to ", kNameBytesMax,
                                   " bytes, got ", claim.name.size()));
}

absl::Status ReadShape(const Input& input, int rank_max, TensorClaim& claim) {
  if (input.shape_size() > rank_max) {
    return claim.Refuse(absl::StrCat("expected at most ", rank_max,
                                     " dimensions, got ", input.shape_size()));
  }
  for (const int64_t dimension : input.shape()) {
    if (dimension < 0 || dimension > kDimensionMax) {
      return claim.Refuse(absl::StrCat("expected dimensions of 0 to ",
                                       kDimensionMax, ", got ", dimension));
    }
    claim.shape.push_back(dimension);
  }
  const std::optional<int64_t> size = SizeInBytes(claim.type, claim.shape);
  if (!size.has_value()) {
    return claim.Refuse(
        absl::StrCat("expected a size that fits 63 bits, got ", claim.Text()));
  }
  claim.num_elements = *NumElements(claim.shape);
  claim.size_bytes = *size;
  return absl::OkStatus();
}

}  // namespace

absl::Status TensorClaim::Refuse(absl::string_view what) const {
  return absl::InvalidArgumentError(
      absl::StrCat("input ", Quoted(std::string(name)), ": ", what));
}

std::string TensorClaim::Text() const {
  return absl::StrCat(std::string(Facts(type).name), " [",
                      absl::StrJoin(shape, ","), "]");
}

absl::StatusOr<TensorClaim> ReadTensorClaim(const Input& input,
                                            const LimitsConfig& limits) {
  TensorClaim claim;
  claim.name = input.name();
  absl::Status status = CheckName(claim);
  if (status.ok()) {
    status = RefuseInputParameters(input.name(), input.parameters());
  }
  if (!status.ok()) return status;
  const std::optional<DataType> type = ParseDataType(input.datatype());
  if (!type.has_value()) {
    return claim.Refuse(absl::StrCat("expected a datatype such as FP32, got ",
                                     Quoted(input.datatype())));
  }
  claim.type = *type;
  status = ReadShape(input, limits.rank_max, claim);
  if (!status.ok()) return status;
  return claim;
}

}  // namespace weir
