// The twin's streams and events as libtorch knows them.
#include <c10/core/DeviceType.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <memory>

#include "tests/support/twin/twin_device.h"

namespace weir {
namespace {

const c10::Device kTwin(c10::DeviceType::PrivateUse1, 0);

c10::Stream StreamOf(int64_t id) {
  return c10::Stream(c10::Stream::UNSAFE, kTwin, id);
}

// Everything is done when a call returns, so an event only knows its stream.
struct Event {
  int64_t stream;
};

void CheckIndex(c10::Device device) {
  TORCH_CHECK(device.index() <= 0, "TWIN has one device, not ", device);
}

class TwinGuard final : public c10::impl::DeviceGuardImplInterface {
 public:
  using Base = c10::impl::DeviceGuardImplInterface;

  c10::DeviceType type() const override { return kTwin.type(); }
  c10::Device exchangeDevice(c10::Device device) const override {
    CheckIndex(device);
    return kTwin;
  }
  c10::Device getDevice() const override { return kTwin; }
  void setDevice(c10::Device device) const override { CheckIndex(device); }
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }

  c10::Stream getStream(c10::Device) const override {
    return StreamOf(TwinDevice::current_stream());
  }
  c10::Stream getDefaultStream(c10::Device) const override {
    return StreamOf(0);
  }
  c10::Stream getStreamFromGlobalPool(c10::Device device, bool) const override {
    return getNewStream(device, 0);
  }
  c10::Stream getNewStream(c10::Device device, int) const override {
    CheckIndex(device);
    const int64_t stream = TwinDevice::Get().TakeStream();
    TwinDevice::Get().Log("twin::new_stream", stream);
    return StreamOf(stream);
  }
  c10::Stream exchangeStream(c10::Stream stream) const override {
    return StreamOf(TwinDevice::ExchangeStream(stream.id()));
  }

  bool queryStream(const c10::Stream& stream) const override {
    TwinDevice::Get().Log("twin::query_stream", stream.id());
    if (!guise().stream_synchronizes || !CanQuery()) {
      return Base::queryStream(stream);
    }
    TwinDevice::Get().CheckSynchronise();
    return guise().queries == TwinQueries::kDone;
  }
  void synchronizeStream(const c10::Stream& stream) const override {
    TwinDevice::Get().Log("twin::synchronize_stream", stream.id());
    if (!guise().stream_synchronizes) return Base::synchronizeStream(stream);
    TwinDevice::Get().CheckSynchronise();
  }
  void synchronizeDevice(c10::DeviceIndex index) const override {
    TwinDevice::Get().Log("twin::synchronize_device", -1);
    if (!guise().device_synchronizes) return Base::synchronizeDevice(index);
    TwinDevice::Get().CheckSynchronise();
  }

  void record(void** event, const c10::Stream& stream, c10::DeviceIndex index,
              c10::EventFlag flag) const override {
    TwinDevice::Get().Log("twin::record_event", stream.id());
    if (!guise().events_work) return Base::record(event, stream, index, flag);
    TwinDevice::Get().CheckHealth();
    if (*event == nullptr) *event = new Event;
    static_cast<Event*>(*event)->stream = stream.id();
  }
  void block(void* event, const c10::Stream& stream) const override {
    TwinDevice::Get().Log("twin::block_event", stream.id());
    if (!guise().events_work) return Base::block(event, stream);
    TwinDevice::Get().CheckHealth();
  }
  bool queryEvent(void* event) const override {
    TwinDevice::Get().Log("twin::query_event", StreamOfEvent(event));
    if (!guise().events_work || !CanQuery()) return Base::queryEvent(event);
    TwinDevice::Get().CheckSynchronise();
    return guise().queries == TwinQueries::kDone;
  }
  void synchronizeEvent(void* event) const override {
    TwinDevice::Get().Log("twin::synchronize_event", StreamOfEvent(event));
    if (!guise().events_work) return Base::synchronizeEvent(event);
    TwinDevice::Get().CheckSynchronise();
  }
  void destroyEvent(void* event, c10::DeviceIndex) const noexcept override {
    const std::unique_ptr<Event> owned(static_cast<Event*>(event));
  }

 private:
  static bool CanQuery() { return guise().queries != TwinQueries::kThrow; }
  static TwinGuise guise() { return TwinDevice::Get().guise(); }
  static int64_t StreamOfEvent(const void* event) {
    return static_cast<const Event*>(event)->stream;
  }
};

// Does its work while the module is opened.
const bool kRegistered = [] {
  c10::register_privateuse1_backend("twin");
  static const TwinGuard& guard = *new TwinGuard;
  // What registers it by a plain function is not in libtorch 2.9.
  const c10::impl::DeviceGuardImplRegistrar registrar(kTwin.type(), &guard);
  TwinDevice::Get();  // reads LIBWEIR_TWIN
  return true;
}();

}  // namespace
}  // namespace weir
