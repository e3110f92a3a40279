// The twin's operators: nearly all are the CPU's, on the same memory.
#include <ATen/EmptyTensor.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <torch/library.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/twin/twin_device.h"
#include "tests/support/twin/twin_views.h"

namespace weir {
namespace {

using torch::jit::Stack;

// They take CPU tensors beside the device's, as on other accelerators.
constexpr std::array kMixing = {"aten::_index_put_impl_",
                                "aten::_pack_padded_sequence", "aten::index",
                                "aten::index_put_"};

// The name of the CPU's operator where it is another one.
std::string_view NameOnCpu(std::string_view name) {
  return name == "aten::convolution_overrideable" ? "aten::convolution" : name;
}

// Gives back a piece of its argument, and so runs on no stream.
bool IsView(const c10::FunctionSchema& schema) {
  for (const c10::Argument& result : schema.returns()) {
    if (result.alias_info() != nullptr && !result.alias_info()->isWrite()) {
      return true;
    }
  }
  return false;
}

std::string FullName(const c10::OperatorName& name) {
  return name.overload_name.empty() ? name.name
                                    : name.name + "." + name.overload_name;
}

std::vector<at::Tensor> TensorsIn(const c10::IValue& value) {
  if (value.isTensor()) return {value.toTensor()};
  std::vector<at::Tensor> tensors;
  if (!value.isList()) return tensors;
  for (const c10::IValue& element : value.toListRef()) {
    if (element.isTensor()) tensors.push_back(element.toTensor());
  }
  return tensors;
}

void CheckDevices(const c10::FunctionSchema& schema,
                  c10::ArrayRef<c10::IValue> arguments) {
  for (const std::string_view mixing : kMixing) {
    if (schema.name() == mixing) return;
  }
  bool has_twin = false;
  const c10::Argument* on_cpu = nullptr;
  for (size_t i = 0; i < arguments.size(); ++i) {
    for (const at::Tensor& tensor : TensorsIn(arguments[i])) {
      if (!tensor.defined()) continue;
      if (tensor.device() == kTwinDevice) has_twin = true;
      if (tensor.device().is_cpu() && tensor.dim() > 0) {
        on_cpu = &schema.arguments()[i];
      }
    }
  }
  TORCH_CHECK(!has_twin || on_cpu == nullptr,
              "Expected all tensors to be on the same device, but found at "
              "least two devices, twin:0 and cpu! (when checking argument for "
              "argument ",
              on_cpu->name(), " in method ", schema.name(), ")");
}

// Adds one to the first element of the first float32 output; true if there is
// one.
bool Corrupt(c10::ArrayRef<c10::IValue> outputs) {
  for (const c10::IValue& output : outputs) {
    for (const at::Tensor& tensor : TensorsIn(output)) {
      if (!tensor.defined() || tensor.numel() == 0) continue;
      if (tensor.scalar_type() != c10::ScalarType::Float) continue;
      *static_cast<float*>(tensor.mutable_data_ptr()) += 1;
      return true;
    }
  }
  return false;
}

bool IsIndexOutOfRange(const c10::Error& error) {
  const std::string& text = error.msg();
  return text.find("index out of range") != std::string::npos ||
         text.find("is out of bounds") != std::string::npos;
}

void CallOnCpu(const c10::OperatorHandle& op, Stack* stack) {
  try {
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
  } catch (const c10::Error& error) {
    if (!TwinDevice::Get().guise().poisons || !IsIndexOutOfRange(error)) throw;
    TwinDevice::Get().Poison();
    TwinDevice::Get().CheckHealth();
  }
}

// Runs `op` by its CPU kernel. Every operator that has no kernel of its own
// below comes here.
void RunOnCpu(const c10::OperatorHandle& op, Stack* stack) {
  const c10::FunctionSchema& schema = op.schema();
  const size_t num_arguments = schema.arguments().size();
  const size_t first = stack->size() - num_arguments;
  CheckDevices(schema, torch::jit::last(*stack, num_arguments));
  TwinRun run(FullName(op.operator_name()), IsView(schema));
  TwinViews views;
  for (size_t i = first; i < stack->size(); ++i) {
    (*stack)[i] = views.OnCpu((*stack)[i]);
  }
  const std::string_view name = NameOnCpu(schema.name());
  CallOnCpu(
      name == schema.name()
          ? op
          : c10::Dispatcher::singleton().findSchemaOrThrow(
                std::string(name).c_str(), schema.overload_name().c_str()),
      stack);
  for (size_t i = first; views.has_twin() && i < stack->size(); ++i) {
    (*stack)[i] = views.OnTwin((*stack)[i]);
  }
  views.Finish();
  if (run.is_corrupted() &&
      Corrupt(torch::jit::last(*stack, schema.returns().size()))) {
    run.NoteCorrupted();
  }
}

at::Tensor Empty(c10::IntArrayRef size, std::optional<c10::ScalarType> type,
                 std::optional<c10::Layout>, std::optional<c10::Device>,
                 std::optional<bool>,
                 std::optional<c10::MemoryFormat> memory_format) {
  const TwinRun run("aten::empty.memory_format", /*is_view=*/true);
  const c10::ScalarType scalar_type = c10::dtype_or_default(type);
  CheckTwinType(scalar_type);
  return at::Tensor(at::detail::empty_generic(
      size, c10::GetAllocator(kTwinDevice.type()),
      c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), scalar_type,
      memory_format));
}

at::Tensor EmptyStrided(c10::IntArrayRef size, c10::IntArrayRef stride,
                        std::optional<c10::ScalarType> type,
                        std::optional<c10::Layout>, std::optional<c10::Device>,
                        std::optional<bool>) {
  const TwinRun run("aten::empty_strided", /*is_view=*/true);
  const c10::ScalarType scalar_type = c10::dtype_or_default(type);
  CheckTwinType(scalar_type);
  return at::Tensor(at::detail::empty_strided_generic(
      size, stride, c10::GetAllocator(kTwinDevice.type()),
      c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), scalar_type));
}

// A copy within the device, to it or from it.
at::Tensor CopyFrom(const at::Tensor& from, const at::Tensor& to, bool) {
  TwinRun run("aten::_copy_from", /*is_view=*/false);
  if (to.device() == kTwinDevice) CheckTwinType(to.scalar_type());
  TwinViews views;
  views.OnCpu(to).copy_(views.OnCpu(from));
  if (run.is_corrupted() && Corrupt({c10::IValue(to)})) run.NoteCorrupted();
  return to;
}

at::Tensor CopyFromAndResize(const at::Tensor& from, const at::Tensor& to) {
  to.resize_(from.sizes());
  return CopyFrom(from, to, false);
}

// What Module::to asks before it moves a parameter.
bool MayTakeThePlaceOf(const at::Tensor&, const at::Tensor&) { return true; }

at::Tensor AddBiases(const at::Tensor& input_gates,
                     const at::Tensor& hidden_gates,
                     const std::optional<at::Tensor>& input_bias,
                     const std::optional<at::Tensor>& hidden_bias) {
  at::Tensor gates = input_gates.add(hidden_gates);
  if (input_bias.has_value() && input_bias->defined()) gates.add_(*input_bias);
  if (hidden_bias.has_value() && hidden_bias->defined()) {
    gates.add_(*hidden_bias);
  }
  return gates;
}

// The CPU has no fused cell; libtorch wants one of this device.
std::tuple<at::Tensor, at::Tensor, at::Tensor> LstmCell(
    const at::Tensor& input_gates, const at::Tensor& hidden_gates,
    const at::Tensor& cell, const std::optional<at::Tensor>& input_bias,
    const std::optional<at::Tensor>& hidden_bias) {
  at::Tensor workspace =
      AddBiases(input_gates, hidden_gates, input_bias, hidden_bias);
  const std::vector<at::Tensor> gates = workspace.chunk(4, 1);
  at::Tensor next_cell =
      gates[1].sigmoid().mul(cell).add(gates[0].sigmoid().mul(gates[2].tanh()));
  at::Tensor hidden = gates[3].sigmoid().mul(next_cell.tanh());
  return {hidden, next_cell, workspace};
}

template <void (*kKernel)(const c10::OperatorHandle&, Stack*)>
torch::CppFunction Boxed() {
  return torch::CppFunction::makeFromBoxedFunction<kKernel>();
}

}  // namespace

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(Boxed<&RunOnCpu>());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", &Empty);
  library.impl("empty_strided", &EmptyStrided);
  library.impl("_copy_from", &CopyFrom);
  library.impl("_copy_from_and_resize", &CopyFromAndResize);
  library.impl("_has_compatible_shallow_copy_type", &MayTakeThePlaceOf);
  library.impl("_thnn_fused_lstm_cell", &LstmCell);
  // libtorch has kernels for any device that would come before the fallback.
  library.impl("convolution_overrideable", Boxed<&RunOnCpu>());
  library.impl("native_layer_norm", Boxed<&RunOnCpu>());
}

TORCH_LIBRARY_IMPL(aten, AutogradPrivateUse1, library) {
  library.impl("_has_compatible_shallow_copy_type", &MayTakeThePlaceOf);
}

}  // namespace weir
