// TwinViews: tensors of the twin seen as CPU tensors over the same memory, for
// the time of one operator; and what the CPU kernel gave back, as the twin's.
//
//   TwinViews views;
//   for (c10::IValue& argument : arguments) argument = views.OnCpu(argument);
//   ... run the CPU kernel ...
//   for (c10::IValue& result : results) result = views.OnTwin(result);
//   views.Finish();
//
// A result that lies in an argument's memory is a view of that argument, one
// that is an argument is that argument, all others are copied to the device.
//
// Thread-safety: one thread.
// Ownership: keeps the tensors it has seen alive.
// Failure: c10::Error, and a c10::TypeError for float64.
#ifndef WEIR_TESTS_SUPPORT_TWIN_TWIN_VIEWS_H_
#define WEIR_TESTS_SUPPORT_TWIN_TWIN_VIEWS_H_

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <unordered_map>
#include <vector>

namespace weir {

inline const c10::Device kTwinDevice(c10::DeviceType::PrivateUse1, 0);

// Throws for float64 where the guise refuses it.
void CheckTwinType(c10::ScalarType type);

class TwinViews {
 public:
  c10::IValue OnCpu(const c10::IValue& argument);
  at::Tensor OnCpu(const at::Tensor& tensor);
  c10::IValue OnTwin(const c10::IValue& result);
  // Carries over to the arguments that the kernel has resized or set anew.
  void Finish();

  bool has_twin() const { return has_twin_; }

 private:
  struct Viewed {
    at::Tensor twin;
    at::Tensor cpu;
    c10::Storage storage;  // that the view had at first
    const void* data;
    size_t nbytes;
  };

  at::Tensor OnTwin(const at::Tensor& tensor);
  c10::Storage StorageOnTwin(const c10::Storage& storage);
  void Finish(const Viewed& viewed);

  bool has_twin_ = false;
  std::vector<Viewed> viewed_;
  // The CPU storage of each of the twin's, and the other way round.
  std::unordered_map<const c10::StorageImpl*, c10::Storage> on_cpu_;
  std::unordered_map<const c10::StorageImpl*, c10::Storage> on_twin_;
  std::vector<c10::Storage> kept_;  // keeps the keys valid
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_TWIN_TWIN_VIEWS_H_
