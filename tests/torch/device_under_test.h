// DeviceUnderTest: the device that this program's suites run on, as its command
// line names it: `device_suites --device cuda:0`; the CPU where it names none.
//
// Thread-safety: written by main before any test.
// Ownership: the process's.
// Failure: none.
#ifndef WEIR_TESTS_TORCH_DEVICE_UNDER_TEST_H_
#define WEIR_TESTS_TORCH_DEVICE_UNDER_TEST_H_

#include <string>

namespace weir {

inline std::string& DeviceUnderTest() {
  static std::string device = "cpu";
  return device;
}

inline bool IsCpuUnderTest() { return DeviceUnderTest() == "cpu"; }

}  // namespace weir

#endif  // WEIR_TESTS_TORCH_DEVICE_UNDER_TEST_H_
