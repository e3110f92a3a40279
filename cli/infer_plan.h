// InferPlan: what `weir infer` is to ask, out of what it was told.
//
//   InferArguments arguments{.model = "mlp", .inputs = {"x=random:1,256"}};
//   WEIR_ASSIGN_OR_RETURN(const InferPlan plan, PlanInfer(arguments));
//
// Thread-safety: pure functions.
// Ownership: values.
// Failure: INVALID_ARGUMENT, which names the argument and says what is allowed.
#ifndef WEIR_CLI_INFER_PLAN_H_
#define WEIR_CLI_INFER_PLAN_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sync/clock.h"

namespace weir {

// As written.
struct InferArguments {
  std::string model = {};
  std::vector<std::string> inputs = {};
  std::vector<std::string> outputs = {};
  std::optional<std::string> version = std::nullopt;
  std::string address = "localhost:8001";
  std::optional<std::string> timeout = std::nullopt;
  bool json = false;
};

// Where an input comes from.
struct InputSource {
  enum class Kind { kRandom, kNpy, kJson };

  std::string name = {};
  Kind kind = Kind::kJson;
  std::string text = {};            // kNpy: the path; kJson: the array
  std::vector<int64_t> shape = {};  // kRandom
};

struct InferPlan {
  std::string model = {};
  std::string version = {};
  std::vector<InputSource> inputs = {};
  std::vector<std::string> outputs = {};
  std::string address = {};
  Duration timeout = std::chrono::seconds(10);
};

absl::StatusOr<InferPlan> PlanInfer(const InferArguments& arguments);

// NAME=random:2,256, NAME=FILE.npy or NAME=[[1, 2], [3, 4]].
absl::StatusOr<InputSource> ParseInputSource(absl::string_view text);

// "2,256", or nothing for a scalar.
absl::StatusOr<std::vector<int64_t>> ParseShape(absl::string_view text);

// HOST:PORT or unix:PATH.
absl::Status CheckServerAddress(absl::string_view option,
                                absl::string_view address);

}  // namespace weir

#endif  // WEIR_CLI_INFER_PLAN_H_
