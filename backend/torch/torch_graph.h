// TorchGraph: what the graph of a model's forward() says about how it may be
// run.
//
//   const TorchGraph graph = ReadTorchGraph(module);
//   if (graph.forks && device has streams) refuse;
//
// Where the graph cannot be followed the answer is the careful one: a module
// that may write to itself counts as one that does.
//
// Thread-safety: values; ReadTorchGraph may be called by any thread.
// Ownership: values.
// Failure: ReadTorchGraph throws what libtorch throws for a module that has no
// forward().
#ifndef WEIR_BACKEND_TORCH_TORCH_GRAPH_H_
#define WEIR_BACKEND_TORCH_TORCH_GRAPH_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "torch/csrc/jit/api/module.h"

namespace weir {

struct TorchGraph {
  // A run changes the module: a buffer written in place, an attribute set.
  bool writes_to_itself = false;
  // A run may change its inputs in place.
  bool writes_to_inputs = false;
  // Holds prim::fork, which runs on another thread, on the default stream.
  bool forks = false;
  // Devices that stand in the graph as constants ("cpu"), or hold a tensor that
  // does, each once.
  std::vector<std::string> devices = {};
  // For arguments of forward(), counted without self, whose values index
  // tables: the rows of the smallest of them.
  std::map<size_t, int64_t> table_rows = {};
};

TorchGraph ReadTorchGraph(const torch::jit::Module& module);

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_GRAPH_H_
