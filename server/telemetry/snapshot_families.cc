#include "server/telemetry/snapshot_families.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace weir {
namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

// One family under construction.
class FamilyBuilder {
 public:
  FamilyBuilder(std::string name, std::string help,
                prometheus::MetricType type) {
    family_.name = std::move(name);
    family_.help = std::move(help);
    family_.type = type;
  }

  void Add(Labels labels, double value) {
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    if (family_.type == prometheus::MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    family_.metric.push_back(std::move(metric));
  }
  template <typename Number>
  void Add(Labels labels, Number value) {
    Add(std::move(labels), static_cast<double>(value));
  }

  prometheus::MetricFamily Take() && { return std::move(family_); }

 private:
  prometheus::MetricFamily family_;
};

FamilyBuilder Gauge(std::string name, std::string help) {
  return {std::move(name), std::move(help), prometheus::MetricType::Gauge};
}

FamilyBuilder Counter(std::string name, std::string help) {
  return {std::move(name), std::move(help), prometheus::MetricType::Counter};
}

// Collects the families of one snapshot.
class Collector {
 public:
  explicit Collector(const TelemetrySnapshot& snapshot) : snapshot_(snapshot) {}

  std::vector<prometheus::MetricFamily> Collect(const ProcessStats& process) {
    AddSlots();
    AddDevices();
    AddModels();
    AddVersions();
    AddDaemon();
    AddProcess(process);
    return std::move(families_);
  }

 private:
  void Keep(FamilyBuilder family) {
    families_.push_back(std::move(family).Take());
  }

  // Calls `add` for each slot, with the labels that name it.
  template <typename Add>
  void EachSlot(Add add) {
    for (const DeviceSnapshot& device : snapshot_.devices) {
      int number = 0;
      for (const SlotSnapshot& slot : device.slots) {
        add(Labels{{"device", device.name}, {"slot", absl::StrCat(number++)}},
            slot);
      }
    }
  }

  // A family with a series for each slot.
  template <typename Value>
  void KeepBySlot(FamilyBuilder family, Value value) {
    EachSlot([&](Labels labels, const SlotSnapshot& slot) {
      family.Add(std::move(labels), value(slot));
    });
    Keep(std::move(family));
  }

  template <typename Value>
  void KeepByModel(FamilyBuilder family, Value value) {
    for (const ModelSnapshot& model : snapshot_.models) {
      family.Add({{"model", model.name}}, value(model));
    }
    Keep(std::move(family));
  }

  void AddSlots() {
    FamilyBuilder info = Gauge(
        "weir_slot_info", "The stream that a slot runs on, as a label; 1.");
    EachSlot([&info](Labels labels, const SlotSnapshot& slot) {
      labels.push_back({"stream", slot.stream});
      info.Add(std::move(labels), 1);
    });
    Keep(std::move(info));
    KeepBySlot(Gauge("weir_slot_leased", "Whether a lease holds the slot now."),
               [](const SlotSnapshot& slot) { return slot.leased; });
    KeepBySlot(Counter("weir_slot_leases_total",
                       "Leases of the slot that ran something."),
               [](const SlotSnapshot& slot) { return slot.leases; });
    KeepBySlot(Counter("weir_slot_busy_seconds_total",
                       "Time that runs took on the slot."),
               [](const SlotSnapshot& slot) { return ToSeconds(slot.busy); });
    KeepBySlot(Counter("weir_slot_rows_total", "Rows that ran on the slot."),
               [](const SlotSnapshot& slot) { return slot.rows; });
    KeepBySlot(Counter("weir_slot_failures_total",
                       "Runs on the slot that failed, and faults of it."),
               [](const SlotSnapshot& slot) { return slot.failures; });
  }

  void AddDevices() {
    FamilyBuilder slots = Gauge(
        "weir_slots", "Slots of the device, by whether they may be used.");
    FamilyBuilder waiters = Gauge(
        "weir_slot_waiters", "Threads that wait for a slot of the device.");
    FamilyBuilder memory =
        Gauge("weir_device_memory_bytes",
              "Memory of the device, as its library counts.");
    for (const DeviceSnapshot& device : snapshot_.devices) {
      const auto in_service = std::count_if(
          device.slots.begin(), device.slots.end(),
          [](const SlotSnapshot& slot) { return slot.in_service; });
      const auto num_slots = static_cast<int64_t>(device.slots.size());
      slots.Add({{"device", device.name}, {"state", "in_service"}}, in_service);
      slots.Add({{"device", device.name}, {"state", "retired"}},
                num_slots - in_service);
      waiters.Add({{"device", device.name}}, device.num_waiters);
      for (const auto& [kind, bytes] : device.memory_bytes) {
        memory.Add({{"device", device.name}, {"kind", kind}}, bytes);
      }
    }
    Keep(std::move(slots));
    Keep(std::move(waiters));
    Keep(std::move(memory));
  }

  void AddModels() {
    KeepByModel(
        Gauge("weir_queue_requests", "Requests that wait."),
        [](const ModelSnapshot& model) { return model.queue_requests; });
    KeepByModel(Gauge("weir_queue_bytes", "Bytes of the requests that wait."),
                [](const ModelSnapshot& model) { return model.queue_bytes; });
    KeepByModel(
        Gauge("weir_queue_limit_requests", "Requests that may wait at most."),
        [](const ModelSnapshot& model) { return model.queue_limit_requests; });
    KeepByModel(
        Gauge("weir_queue_limit_bytes", "Bytes that may wait at most."),
        [](const ModelSnapshot& model) { return model.queue_limit_bytes; });
    KeepByModel(Gauge("weir_estimated_wait_seconds",
                      "How long a request that came now would wait."),
                [](const ModelSnapshot& model) {
                  return ToSeconds(model.estimated_wait);
                });
    FamilyBuilder serialized =
        Counter("weir_device_serialized_seconds_total",
                "Device time of runs that had to be alone, by model.");
    for (const ModelSnapshot& model : snapshot_.models) {
      for (const auto& [device, time] : model.serialized) {
        serialized.Add({{"device", device}, {"model", model.name}},
                       ToSeconds(time));
      }
    }
    Keep(std::move(serialized));
  }

  void AddVersions() {
    FamilyBuilder states =
        Gauge("weir_model_state", "1 for the state that a version is in.");
    FamilyBuilder load = Gauge("weir_model_load_duration_seconds",
                               "How long the version took to load.");
    for (const ModelSnapshot& model : snapshot_.models) {
      for (const VersionSnapshot& version : model.versions) {
        const std::string number = absl::StrCat(version.version);
        for (const absl::string_view state : kModelStateNames) {
          states.Add({{"model", model.name},
                      {"version", number},
                      {"state", std::string(state)}},
                     version.state == state);
        }
        load.Add({{"model", model.name}, {"version", number}},
                 ToSeconds(version.load_time));
      }
    }
    Keep(std::move(states));
    Keep(std::move(load));
  }

  void KeepOne(FamilyBuilder family, double value) {
    family.Add({}, value);
    Keep(std::move(family));
  }

  void AddDaemon() {
    KeepOne(Gauge("weir_inflight_bytes", "Bytes of all accepted requests."),
            static_cast<double>(snapshot_.inflight_bytes));
    KeepOne(Gauge("weir_ready", "Whether the daemon is ready for requests."),
            snapshot_.ready ? 1 : 0);
    KeepOne(Gauge("weir_draining", "Whether the daemon is going away."),
            snapshot_.draining ? 1 : 0);
    KeepOne(Counter("weir_internal_faults_total",
                    "Requests that a fault of the daemon's own answered."),
            static_cast<double>(snapshot_.lost_answers));
    KeepOne(Gauge("weir_insecure_remote",
                  "Whether others may connect, unencrypted and unchecked."),
            snapshot_.insecure_remote ? 1 : 0);
  }

  void KeepIfKnown(FamilyBuilder family, const std::optional<double>& value) {
    if (value.has_value()) KeepOne(std::move(family), *value);
  }

  void AddProcess(const ProcessStats& process) {
    KeepIfKnown(Counter("process_cpu_seconds_total",
                        "User and system CPU time spent in seconds."),
                process.cpu_seconds);
    KeepIfKnown(Gauge("process_resident_memory_bytes",
                      "Resident memory size in bytes."),
                process.resident_bytes);
    KeepIfKnown(Gauge("process_open_fds", "Number of open file descriptors."),
                process.num_open_files);
    KeepIfKnown(
        Gauge("process_max_fds", "Maximum number of open file descriptors."),
        process.num_open_files_max);
    KeepIfKnown(Gauge("process_start_time_seconds",
                      "When the process started, in seconds since 1970."),
                process.start_time_seconds);
  }

  const TelemetrySnapshot& snapshot_;
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace

std::vector<prometheus::MetricFamily> SnapshotFamilies(
    const TelemetrySnapshot& snapshot, const ProcessStats& process) {
  return Collector(snapshot).Collect(process);
}

}  // namespace weir
