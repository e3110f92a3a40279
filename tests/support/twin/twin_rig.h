// TwinRig: the twin, opened once for the process, and what a test does with it.
//
//   class TwinFaultTest : public TwinTest {};
//   ...
//   Configure("streams=wrap32,fault=count");
//   const c10::Stream stream = NewStream();
//
// Every test starts in the default guise.
//
// Thread-safety: any thread.
// Ownership: the twin stays open until the process ends.
// Failure: dies where the twin cannot be opened.
#ifndef WEIR_TESTS_SUPPORT_TWIN_TWIN_RIG_H_
#define WEIR_TESTS_SUPPORT_TWIN_TWIN_RIG_H_

#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/check.h"
#include "tests/support/twin/twin_control.h"

namespace weir {

inline const WeirTwinControl& OpenTwin() {
  static const WeirTwinControl* const control = [] {
    void* const module = dlopen(WEIR_TWIN_MODULE, RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) std::fprintf(stderr, "%s\n", dlerror());
    WEIR_CHECK(module != nullptr, "the twin does not open");
    return reinterpret_cast<WeirTwinEntry>(dlsym(module, kWeirTwinEntry))();
  }();
  return *control;
}

class TwinTest : public testing::Test {
 public:
  ~TwinTest() override { twin_.reset(); }

 protected:
  TwinTest() { twin_.reset(); }

  void Configure(const char* settings) {
    const char* problem = twin_.configure(settings);
    ASSERT_EQ(problem, nullptr) << problem;
  }
  WeirTwinStatus Status() const {
    WeirTwinStatus status = {};
    twin_.status(&status);
    return status;
  }
  std::vector<WeirTwinLogEntry> Log() const {
    std::vector<WeirTwinLogEntry> entries(10000);
    entries.resize(twin_.read_log(entries.data(), entries.size()));
    return entries;
  }
  std::vector<std::string> LoggedNames() const {
    std::vector<std::string> names;
    for (const WeirTwinLogEntry& entry : Log()) names.emplace_back(entry.name);
    return names;
  }

  static c10::Device Device() { return c10::Device("twin:0"); }
  static c10::impl::VirtualGuardImpl Guard() {
    return c10::impl::VirtualGuardImpl(c10::DeviceType::PrivateUse1);
  }
  static c10::Stream NewStream() { return Guard().getNewStream(Device()); }

  // What `call` throws, without libtorch's trace; empty if it returns.
  template <typename Error = c10::Error, typename Call>
  static std::string Thrown(const Call& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.what_without_backtrace();
    }
    return "";
  }

  const WeirTwinControl& twin_ = OpenTwin();
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_TWIN_TWIN_RIG_H_
