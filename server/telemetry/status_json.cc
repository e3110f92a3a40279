#include "server/telemetry/status_json.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "config/client_text.h"
#include "config/json_text.h"

namespace weir {
namespace {

std::string Text(absl::string_view text,
                 size_t num_bytes_max = kClientTextBytesMax) {
  return JsonText(ClientText(text, num_bytes_max));
}

std::string Seconds(Duration duration) {
  return absl::StrFormat("%.6f", ToSeconds(duration));
}

absl::string_view Boolean(bool value) { return value ? "true" : "false"; }

// "[...]", of what `write` makes of each item.
template <typename Items, typename Write>
std::string List(const Items& items, Write write) {
  return absl::StrCat(
      "[",
      absl::StrJoin(items, ",",
                    [&write](std::string* out, const auto& item) {
                      absl::StrAppend(out, write(item));
                    }),
      "]");
}

template <typename Number>
std::string Object(const std::vector<std::pair<std::string, Number>>& numbers) {
  return absl::StrCat("{",
                      absl::StrJoin(numbers, ",",
                                    [](std::string* out, const auto& entry) {
                                      absl::StrAppend(out, Text(entry.first),
                                                      ":", entry.second);
                                    }),
                      "}");
}

std::string Version(const VersionSnapshot& version) {
  return absl::StrCat("{\"version\":", version.version,
                      ",\"state\":", Text(version.state),
                      ",\"why\":", Text(version.why, kStatusWhyBytesMax),
                      ",\"load_seconds\":", Seconds(version.load_time), "}");
}

std::string Model(const ModelSnapshot& model) {
  return absl::StrCat(
      "{\"name\":", Text(model.name), ",\"requests\":", model.requests,
      ",\"errors\":", model.errors,
      ",\"estimated_wait_seconds\":", Seconds(model.estimated_wait),
      ",\"queue\":{\"requests\":", model.queue_requests,
      ",\"requests_max\":", model.queue_limit_requests,
      ",\"bytes\":", model.queue_bytes,
      ",\"bytes_max\":", model.queue_limit_bytes,
      "},\"versions\":", List(model.versions, Version), "}");
}

std::string Slot(size_t number, const SlotSnapshot& slot,
                 const SlotHistory::Percents& percents) {
  return absl::StrCat(
      "{\"slot\":", number, ",\"stream\":", Text(slot.stream),
      ",\"leased\":", Boolean(slot.leased),
      ",\"in_service\":", Boolean(slot.in_service), ",\"leases\":", slot.leases,
      ",\"failures\":", slot.failures, ",\"rows\":", slot.rows,
      ",\"busy_seconds\":", Seconds(slot.busy), ",\"busy_percents\":[",
      absl::StrJoin(percents, ","), "]}");
}

std::string Device(const DeviceSnapshot& device,
                   const SlotHistory::Lanes& lanes) {
  const auto found = lanes.find(device.name);
  size_t number = 0;
  const auto slot_of = [&](const SlotSnapshot& slot) {
    const size_t i = number++;
    const bool known = found != lanes.end() && i < found->second.size();
    return Slot(i, slot, known ? found->second[i] : SlotHistory::Percents());
  };
  return absl::StrCat("{\"name\":", Text(device.name),
                      ",\"waiters\":", device.num_waiters,
                      ",\"memory_bytes\":", Object(device.memory_bytes),
                      ",\"slots\":", List(device.slots, slot_of), "}");
}

}  // namespace

std::string StatusJson(const TelemetrySnapshot& snapshot,
                       const SlotHistory::Lanes& lanes) {
  const auto device_of = [&lanes](const DeviceSnapshot& device) {
    return Device(device, lanes);
  };
  return absl::StrCat(
      "{\"server\":{\"name\":\"weir\",\"version\":", Text(snapshot.version),
      ",\"state\":\"", StateName(snapshot),
      "\",\"uptime_seconds\":", Seconds(snapshot.uptime),
      "},\"requests\":{\"accepted\":", snapshot.accepted,
      ",\"answered\":", snapshot.answered, ",\"lost\":", snapshot.lost_answers,
      ",\"inflight_bytes\":", snapshot.inflight_bytes,
      ",\"refused\":", Object(snapshot.refused),
      "},\"models\":", List(snapshot.models, Model),
      ",\"devices\":", List(snapshot.devices, device_of), "}\n");
}

}  // namespace weir
