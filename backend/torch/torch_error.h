// What libtorch's exceptions say, made fit for clients and operators.
//
//   try { ... } catch (const std::exception& error) {
//     return StatusOf(error, {.model = "unet", .device = "mps:0"});
//   }
//
// An exception's text may hold back-traces, paths of the machine that exported
// the model and addresses: none of that leaves this folder. Three faults that
// people meet when they move a model to another device have a sentence of their
// own that says what to do.
//
// Thread-safety: functions of their arguments.
// Ownership: values.
// Failure: none.
#ifndef WEIR_BACKEND_TORCH_TORCH_ERROR_H_
#define WEIR_BACKEND_TORCH_TORCH_ERROR_H_

#include <exception>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace weir {

// Where it happened.
struct TorchContext {
  absl::string_view model;
  absl::string_view device;
  // A device constant in the model's graph that is not `device`; empty: none.
  absl::string_view fixed_device = {};
  // Whether one request ran by itself: only then is a wrong shape its fault.
  bool is_alone = false;
};

// INVALID_ARGUMENT for shapes and types that a request alone has wrong, else
// INTERNAL.
absl::Status StatusOf(const std::exception& error, const TorchContext& context);

// The first line of what went wrong, without a traceback, paths and addresses.
std::string PlainMessage(const std::exception& error);

// The sentence for a device that lacks FP64.
std::string NoFp64(absl::string_view model, absl::string_view device);

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_ERROR_H_
