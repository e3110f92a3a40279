#include "server/telemetry/slot_history.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir {
namespace {

constexpr int64_t kWhole = 100;
constexpr Duration kSecond = std::chrono::seconds(1);

}  // namespace

void SlotHistory::Sample(const TelemetrySnapshot& snapshot, TimePoint now) {
  MutexLock lock(mutex_);
  Span span = {.time = Duration(0), .num_seconds = 0};
  if (last_.has_value()) {
    span.time = now - *last_;
    if (span.time < kSecond / 2) return;
    const auto num_seconds = (span.time + kSecond / 2) / kSecond;
    span.num_seconds =
        std::min(static_cast<size_t>(num_seconds), kNumSecondsMax);
  }
  last_ = now;
  std::map<std::string, std::vector<Line>> before = std::move(devices_);
  devices_.clear();
  for (const DeviceSnapshot& device : snapshot.devices) {
    if (devices_.size() == kNumDevicesMax) return;
    std::vector<Line> lines = std::move(before[device.name]);
    const size_t num_slots = std::min(device.slots.size(), kNumSlotsMax);
    lines.resize(std::min(lines.size(), num_slots));
    for (size_t i = 0; i < lines.size(); ++i) {
      Extend(lines[i], device.slots[i], span);
    }
    for (size_t i = lines.size(); i < num_slots; ++i) {
      lines.push_back(LineOf(device.slots[i]));
    }
    devices_[device.name] = std::move(lines);
  }
}

SlotHistory::Lanes SlotHistory::Read() const {
  MutexLock lock(mutex_);
  Lanes lanes;
  for (const auto& [device, lines] : devices_) {
    std::vector<Percents>& of_device = lanes[device];
    of_device.reserve(lines.size());
    for (const Line& line : lines) of_device.push_back(line.percents);
  }
  return lanes;
}

SlotHistory::Line SlotHistory::LineOf(const SlotSnapshot& slot) {
  return {.credited = slot.busy, .leases = slot.leases, .leased = slot.leased};
}

void SlotHistory::Extend(Line& line, const SlotSnapshot& slot,
                         const Span& span) {
  // The lease that was there at the last sample: it was at work all along,
  // though it has not told for how long.
  const bool goes_on = slot.leased && line.leased && slot.leases == line.leases;
  Duration busy = std::max(slot.busy - line.credited, Duration(0));
  if (goes_on) busy = std::max(busy, span.time);
  Fill(line.percents, busy, span);
  line.credited = goes_on ? line.credited + busy : slot.busy;
  line.leases = slot.leases;
  line.leased = slot.leased;
}

void SlotHistory::Fill(Percents& percents, Duration busy, const Span& span) {
  const auto num_new = static_cast<int64_t>(span.num_seconds);
  const Duration second = span.time / num_new;
  // Rounded up: whatever ran is seen.
  const Duration counted = std::min(busy, second * int64_t{kNumSecondsMax});
  int64_t left = (counted * kWhole + second - Duration(1)) / second;
  const int64_t each = std::min((left + num_new - 1) / num_new, kWhole);
  for (int64_t i = 0; i < num_new; ++i) {
    percents.push_back(static_cast<uint8_t>(std::min(left, each)));
    left -= percents.back();
  }
  // What is left ran earlier: at most as long ago as it took, and a second.
  int64_t num_earlier = left > 0 ? left / kWhole + 2 : 0;
  for (size_t i = percents.size() - span.num_seconds;
       i > 0 && num_earlier > 0 && left > 0; --i, --num_earlier) {
    const int64_t room = std::min(left, kWhole - percents[i - 1]);
    percents[i - 1] = static_cast<uint8_t>(percents[i - 1] + room);
    left -= room;
  }
  const size_t too_many =
      percents.size() - std::min(percents.size(), kNumSecondsMax);
  percents.erase(percents.begin(),
                 percents.begin() + static_cast<std::ptrdiff_t>(too_many));
}

}  // namespace weir
