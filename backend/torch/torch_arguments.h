// TorchArguments: which input goes where among the arguments of forward().
//
//   absl::StatusOr<TorchArguments> arguments =
//       TorchArguments::Match(schema, {"x", "mask"});
//   function(arguments->Bind(self, {x, mask}));
//
// Inputs are matched
//   by name: "x" is the argument x; a name that is no argument's is a key of
//   the
//     one Dict[str, Tensor], where there is just one;
//   by `name__index`: "xs__0" is the first of the List[Tensor] xs, "d__mask"
//   the
//     key mask of the Dict[str, Tensor] d, and "INPUT__1" the second argument;
//   in order, where nothing is matched by the above.
// An argument that no input goes to takes its default, or None if it may.
//
// Thread-safety: a value; Bind from any number of threads.
// Ownership: owns all it holds.
// Failure: INVALID_ARGUMENT that names the input or the argument that is left
// over.
#ifndef WEIR_BACKEND_TORCH_TORCH_ARGUMENTS_H_
#define WEIR_BACKEND_TORCH_TORCH_ARGUMENTS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "ATen/core/function_schema.h"
#include "ATen/core/ivalue.h"
#include "absl/status/statusor.h"

namespace weir {

class TorchArguments {
 public:
  static absl::StatusOr<TorchArguments> Match(
      const c10::FunctionSchema& schema, const std::vector<std::string>& names);

  // The arguments, `self` first. REQUIRES: as many tensors as names, in their
  // order.
  std::vector<c10::IValue> Bind(c10::IValue self,
                                at::ArrayRef<at::Tensor> tensors) const;

  // The input that argument `argument` takes; -1: none, or several.
  int InputOf(size_t argument) const;

 private:
  enum class Form { kTensor, kList, kDictionary, kOther };
  struct Argument {
    std::string name;
    Form form = Form::kOther;
    bool may_be_left_out = false;
    c10::IValue otherwise = {};  // what it takes then
    std::vector<size_t> inputs = {};
    std::vector<std::string> keys = {};  // one an input, of a dictionary
  };
  class Matcher;

  explicit TorchArguments(std::vector<Argument> arguments)
      : arguments_(std::move(arguments)) {}

  std::vector<Argument> arguments_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_ARGUMENTS_H_
