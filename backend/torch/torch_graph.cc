#include "backend/torch/torch_graph.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "absl/strings/string_view.h"
#include "torch/csrc/jit/ir/alias_analysis.h"
#include "torch/csrc/jit/ir/ir.h"
#include "torch/csrc/jit/passes/constant_propagation.h"
#include "torch/csrc/jit/passes/inliner.h"

namespace weir {
namespace {

using torch::jit::AliasDb;
using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

// Operators that hand the values of their first input on, all of them or some.
constexpr std::array<absl::string_view, 18> kHandsValuesOn = {
    "aten::to",         "aten::type_as",      "aten::view",
    "aten::reshape",    "aten::flatten",      "aten::expand",
    "aten::contiguous", "aten::unsqueeze",    "aten::squeeze",
    "aten::permute",    "aten::transpose",    "aten::t",
    "aten::slice",      "aten::select",       "aten::detach",
    "aten::clone",      "aten::index_select", "aten::long",
};

// No graph that people export is nested as deep.
constexpr int kDepthMax = 200;

template <typename Visitor>
void ForEachNode(Block* block, const Visitor& visitor) {
  for (Node* node : block->nodes()) {
    visitor(node);
    for (Block* inner : node->blocks()) ForEachNode(inner, visitor);
  }
}

bool HoldsTensors(const c10::TypePtr& type) {
  if (type->kind() == c10::TypeKind::TensorType) return true;
  const auto contained = type->containedTypes();
  return std::any_of(contained.begin(), contained.end(), HoldsTensors);
}

class GraphReader {
 public:
  explicit GraphReader(const torch::jit::Module& module)
      : module_(module), graph_(module.get_method("forward").graph()->copy()) {
    torch::jit::Inline(*graph_);
    FixFlags();
    torch::jit::ConstantPropagation(graph_);
  }

  TorchGraph Read() {
    ReadWrites();
    ForEachNode(graph_->block(), [&](Node* node) {
      if (node->kind() == c10::prim::fork) facts_.forks = true;
      ReadDevice(node);
      ReadTable(node);
    });
    return facts_;
  }

 private:
  // Puts the flags of the module where they are read, so that branches that are
  // never taken, as those for training, fall away.
  void FixFlags() {
    std::vector<Node*> flags;
    bool sets_any = false;
    ForEachNode(graph_->block(), [&](Node* node) {
      sets_any |= node->kind() == c10::prim::SetAttr;
      if (node->kind() == c10::prim::GetAttr &&
          node->output()->type()->kind() == c10::TypeKind::BoolType) {
        flags.push_back(node);
      }
    });
    if (sets_any) return;  // it may set one of them
    for (Node* node : flags) {
      const auto flag = Attribute(node->output(), 0);
      if (!flag.has_value()) continue;
      const torch::jit::WithInsertPoint here(node);
      node->output()->replaceAllUsesWith(graph_->insertConstant(*flag));
    }
  }

  void ReadWrites() {
    // "Frozen" makes each attribute a place of its own instead of one place for
    // all: writes to temporaries stay apart from writes to the module.
    const AliasDb aliases(graph_, /*isFrozen=*/true);
    std::vector<Value*> written;
    ForEachNode(graph_->block(), [&](Node* node) {
      for (Value* output : node->outputs()) {
        if (aliases.hasWriters(output)) written.push_back(output);
      }
    });
    // A list itself may stay as it is while a tensor in it is written.
    const auto is_written = [&](Value* value) {
      return aliases.hasWriters(value) ||
             std::any_of(written.begin(), written.end(), [&](Value* one) {
               return aliases.mayContainAlias(one, value);
             });
    };
    ForEachNode(graph_->block(), [&](Node* node) {
      const bool reads = node->kind() == c10::prim::GetAttr &&
                         HoldsTensors(node->output()->type());
      facts_.writes_to_itself |= node->kind() == c10::prim::SetAttr ||
                                 node->kind() == c10::prim::CallMethod ||
                                 (reads && is_written(node->output()));
    });
    for (Value* input : graph_->inputs().slice(1)) {
      facts_.writes_to_inputs |= is_written(input);
    }
  }

  void ReadDevice(const Node* node) {
    if (node->kind() != c10::prim::Constant || node->outputs().empty()) return;
    const auto value = torch::jit::toIValue(node->output());
    if (!value.has_value()) return;
    std::string name;
    if (value->isDevice()) {
      name = value->toDevice().str();
    } else if (value->isTensor() && value->toTensor().dim() > 0) {
      // Scalars in host memory may meet tensors of any device.
      name = value->toTensor().device().str();
    } else {
      return;
    }
    if (std::find(facts_.devices.begin(), facts_.devices.end(), name) ==
        facts_.devices.end()) {
      facts_.devices.push_back(name);
    }
  }

  void ReadTable(const Node* node) {
    const absl::string_view name = node->kind().toQualString();
    if (name != "aten::embedding" && name != "aten::embedding_bag") return;
    const auto table = Attribute(node->inputs()[0], 0);
    const auto argument = Argument(node->inputs()[1], 0);
    if (!table.has_value() || !table->isTensor() || !argument.has_value()) {
      return;
    }
    const at::Tensor& weight = table->toTensor();
    if (weight.dim() < 1) return;
    const auto [place, is_new] =
        facts_.table_rows.try_emplace(*argument, weight.size(0));
    if (!is_new) place->second = std::min(place->second, weight.size(0));
  }

  // What a chain of attributes names, or nothing.
  std::optional<c10::IValue> Attribute(const Value* value, int depth) const {
    if (depth > kDepthMax) return std::nullopt;
    if (value == graph_->inputs()[0]) return module_._ivalue();
    const Node* node = value->node();
    if (node->kind() != c10::prim::GetAttr) return std::nullopt;
    const auto owner = Attribute(node->input(), depth + 1);
    if (!owner.has_value() || !owner->isObject()) return std::nullopt;
    return owner->toObject()->getAttr(node->s(c10::attr::name));
  }

  // The argument of forward() whose values `value` holds, or nothing.
  std::optional<size_t> Argument(const Value* value, int depth) const {
    if (depth > kDepthMax) return std::nullopt;
    for (size_t i = 1; i < graph_->inputs().size(); ++i) {
      if (value == graph_->inputs()[i]) return i - 1;
    }
    const Node* node = value->node();
    if (node->kind() == c10::prim::If) return ArgumentOfIf(value, depth);
    const absl::string_view name = node->kind().toQualString();
    if (std::find(kHandsValuesOn.begin(), kHandsValuesOn.end(), name) ==
        kHandsValuesOn.end()) {
      return std::nullopt;
    }
    return Argument(node->inputs()[0], depth + 1);
  }

  // Both ways must lead to the same argument.
  std::optional<size_t> ArgumentOfIf(const Value* value, int depth) const {
    const Node* node = value->node();
    std::optional<size_t> found;
    for (const Block* block : node->blocks()) {
      const auto argument =
          Argument(block->outputs()[value->offset()], depth + 1);
      if (!argument.has_value()) return std::nullopt;
      if (found.has_value() && *found != *argument) return std::nullopt;
      found = argument;
    }
    return found;
  }

  const torch::jit::Module& module_;
  std::shared_ptr<Graph> graph_;
  TorchGraph facts_;
};

}  // namespace

TorchGraph ReadTorchGraph(const torch::jit::Module& module) {
  return GraphReader(module).Read();
}

}  // namespace weir
