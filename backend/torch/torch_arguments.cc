#include "backend/torch/torch_arguments.h"

#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "c10/util/irange.h"
#include "config/status_macros.h"

namespace weir {
namespace {

bool IsTensor(const c10::TypePtr& type) {
  return type->kind() == c10::TypeKind::TensorType;
}

// Optional[T] as T.
c10::TypePtr Unwrapped(const c10::TypePtr& type) {
  if (type->kind() != c10::TypeKind::OptionalType) return type;
  return type->containedType(0);
}

}  // namespace

class TorchArguments::Matcher {
 public:
  Matcher(const c10::FunctionSchema& schema,
          const std::vector<std::string>& names)
      : names_(names), is_matched_(names.size(), false) {
    for (const c10::Argument& argument : schema.arguments()) {
      if (&argument == &schema.arguments().front()) continue;  // self
      arguments_.push_back(Describe(argument));
    }
  }

  absl::StatusOr<TorchArguments> Match() {
    size_t num_matched = 0;
    for (size_t i = 0; i < names_.size(); ++i) {
      WEIR_ASSIGN_OR_RETURN(is_matched_[i], MatchByName(i));
      num_matched += is_matched_[i] ? 1 : 0;
    }
    if (num_matched == 0 && !names_.empty()) {
      WEIR_RETURN_IF_ERROR(MatchInOrder());
    } else if (num_matched < names_.size()) {
      const auto left =
          std::find(is_matched_.begin(), is_matched_.end(), false) -
          is_matched_.begin();
      return absl::InvalidArgumentError(
          absl::StrCat("input \"", names_[static_cast<size_t>(left)],
                       "\" matches no argument of ", Signature()));
    }
    WEIR_RETURN_IF_ERROR(CheckAllTaken());
    return TorchArguments(std::move(arguments_));
  }

 private:
  static Argument Describe(const c10::Argument& argument) {
    Argument described{.name = argument.name()};
    const c10::TypePtr type = Unwrapped(argument.type());
    if (IsTensor(type)) {
      described.form = Form::kTensor;
    } else if (type->kind() == c10::TypeKind::ListType &&
               IsTensor(type->containedType(0))) {
      described.form = Form::kList;
    } else if (type->kind() == c10::TypeKind::DictType &&
               type->containedType(0)->kind() == c10::TypeKind::StringType &&
               IsTensor(type->containedType(1))) {
      described.form = Form::kDictionary;
    }
    if (argument.default_value().has_value()) {
      described.may_be_left_out = true;
      described.otherwise = *argument.default_value();
    } else if (argument.type()->kind() == c10::TypeKind::OptionalType) {
      described.may_be_left_out = true;  // None
    }
    return described;
  }

  Argument* Find(const std::string& name) {
    const auto found =
        std::find_if(arguments_.begin(), arguments_.end(),
                     [&](const Argument& one) { return one.name == name; });
    return found == arguments_.end() ? nullptr : &*found;
  }

  Argument* OnlyDictionary() {
    Argument* only = nullptr;
    for (Argument& argument : arguments_) {
      if (argument.form != Form::kDictionary) continue;
      if (only != nullptr) return nullptr;
      only = &argument;
    }
    return only;
  }

  absl::StatusOr<bool> MatchByName(size_t input) {
    const std::string& name = names_[input];
    if (Argument* argument = Find(name); argument != nullptr) {
      if (argument->form == Form::kTensor) return Take(*argument, input);
      if (argument->form == Form::kList) return TakeAt(*argument, input, 0);
    }
    const size_t split = name.rfind("__");
    if (split != std::string::npos) {
      WEIR_ASSIGN_OR_RETURN(
          const bool is_taken,
          MatchByIndex(input, name.substr(0, split), name.substr(split + 2)));
      if (is_taken) return true;
    }
    Argument* dictionary = OnlyDictionary();
    if (dictionary == nullptr) return false;
    return TakeKey(*dictionary, input, name);
  }

  absl::StatusOr<bool> MatchByIndex(size_t input, const std::string& base,
                                    const std::string& rest) {
    Argument* argument = Find(base);
    if (argument != nullptr && argument->form == Form::kDictionary) {
      return TakeKey(*argument, input, rest);
    }
    size_t index = 0;
    if (!absl::SimpleAtoi(rest, &index)) return false;
    if (argument != nullptr && argument->form == Form::kList) {
      return TakeAt(*argument, input, index);
    }
    if (argument != nullptr || index >= arguments_.size()) return false;
    if (arguments_[index].form != Form::kTensor) return false;
    return Take(arguments_[index], input);
  }

  // Tensors one each; a list or a dictionary cannot be told by its order, but a
  // list that is all there is takes all.
  absl::Status MatchInOrder() {
    if (arguments_.size() == 1 && arguments_[0].form == Form::kList) {
      for (const size_t i : c10::irange(names_.size())) {
        arguments_[0].inputs.push_back(i);
      }
      return absl::OkStatus();
    }
    size_t next = 0;
    for (Argument& argument : arguments_) {
      if (argument.form != Form::kTensor || next == names_.size()) continue;
      argument.inputs.push_back(next++);
    }
    if (next == names_.size()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "input \"", names_[next], "\" matches no argument of ", Signature()));
  }

  absl::StatusOr<bool> Take(Argument& argument, size_t input) const {
    if (!argument.inputs.empty()) return Twice(argument, input);
    argument.inputs.push_back(input);
    return true;
  }

  // Elements may come in any order; `inputs` has one too many until then.
  absl::StatusOr<bool> TakeAt(Argument& argument, size_t input,
                              size_t index) const {
    if (index >= names_.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("input \"", names_[input], "\": \"", argument.name,
                       "\" has no input for each element before it"));
    }
    if (argument.inputs.size() <= index)
      argument.inputs.resize(index + 1, kNone);
    if (argument.inputs[index] != kNone) return Twice(argument, input);
    argument.inputs[index] = input;
    return true;
  }

  absl::StatusOr<bool> TakeKey(Argument& argument, size_t input,
                               const std::string& key) const {
    if (std::find(argument.keys.begin(), argument.keys.end(), key) !=
        argument.keys.end()) {
      return Twice(argument, input);
    }
    argument.inputs.push_back(input);
    argument.keys.push_back(key);
    return true;
  }

  absl::Status Twice(const Argument& argument, size_t input) const {
    return absl::InvalidArgumentError(
        absl::StrCat("input \"", names_[input], "\": argument \"",
                     argument.name, "\" is given twice"));
  }

  absl::Status CheckAllTaken() const {
    for (const Argument& argument : arguments_) {
      if (std::find(argument.inputs.begin(), argument.inputs.end(), kNone) !=
          argument.inputs.end()) {
        return absl::InvalidArgumentError(
            absl::StrCat("argument \"", argument.name,
                         "\" has no input for each of its elements"));
      }
      if (!argument.inputs.empty() || argument.may_be_left_out) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "argument \"", argument.name, "\" of ", Signature(),
          argument.form == Form::kOther ? " is no tensor, and has no default"
                                        : " has no input"));
    }
    return absl::OkStatus();
  }

  std::string Signature() const {
    std::string text = "forward(";
    for (const Argument& argument : arguments_) {
      if (text.back() != '(') absl::StrAppend(&text, ", ");
      absl::StrAppend(&text, argument.name);
    }
    return absl::StrCat(text, ")");
  }

  static constexpr size_t kNone = static_cast<size_t>(-1);

  const std::vector<std::string>& names_;
  std::vector<bool> is_matched_;
  std::vector<Argument> arguments_;
};

absl::StatusOr<TorchArguments> TorchArguments::Match(
    const c10::FunctionSchema& schema, const std::vector<std::string>& names) {
  return Matcher(schema, names).Match();
}

std::vector<c10::IValue> TorchArguments::Bind(
    c10::IValue self, at::ArrayRef<at::Tensor> tensors) const {
  std::vector<c10::IValue> values;
  values.reserve(arguments_.size() + 1);
  values.push_back(std::move(self));
  for (const Argument& argument : arguments_) {
    if (argument.inputs.empty()) {
      values.push_back(argument.otherwise);
      continue;
    }
    if (argument.form == Form::kTensor) {
      values.emplace_back(tensors[argument.inputs[0]]);
    } else if (argument.form == Form::kList) {
      c10::List<at::Tensor> list;
      list.reserve(argument.inputs.size());
      for (const size_t input : argument.inputs) list.push_back(tensors[input]);
      values.emplace_back(std::move(list));
    } else {
      c10::Dict<std::string, at::Tensor> dictionary;
      for (size_t i = 0; i < argument.inputs.size(); ++i) {
        dictionary.insert(argument.keys[i], tensors[argument.inputs[i]]);
      }
      values.emplace_back(std::move(dictionary));
    }
  }
  return values;
}

int TorchArguments::InputOf(size_t argument) const {
  const Argument& one = arguments_[argument];
  if (one.form != Form::kTensor || one.inputs.empty()) return -1;
  return static_cast<int>(one.inputs[0]);
}

}  // namespace weir
