// The field tables of Config (config/config.h): for each knob its key, its
// kind and bounds, and its comment.
//
//   ForEachField<Config>([](const auto& field) { ... });
//
// A new knob is a member there, with its comment, and a row here; a test says
// where the two differ. Whatever reads the tables needs no change.
//
// Thread-safety: constants.
// Ownership: none.
// Failure: none.
#ifndef WEIR_CONFIG_CONFIG_FIELDS_H_
#define WEIR_CONFIG_CONFIG_FIELDS_H_

#include <chrono>
#include <tuple>

#include "config/config.h"
#include "config/container_kind.h"
#include "config/field.h"
#include "config/kind.h"

namespace weir {

template <>
struct FieldTable<BackendConfig> {
  static constexpr auto kFields = std::make_tuple(
      OptionalField(
          "module", &BackendConfig::module,
          TextKind{1, 4096, "1 to 4096 bytes of text"},
          "The shared object that runs models; a name without a slash is "
          "looked for where the program's own libraries lie."),
      OptionalField(
          "threads_per_slot", &BackendConfig::threads_per_slot,
          WholeNumberKind<int>{1, 1024},
          "Threads that one run on the CPU computes with; slots times this "
          "should not pass the number of cores."),
      OptionalField(
          "synchronize", &BackendConfig::synchronize,
          ChoiceKind<Synchronize, 3>{{"auto", "block", "spin"}},
          "How a run waits for its device: spin answers soonest and keeps a "
          "core busy for each run, block leaves the core to others, auto "
          "sleeps until shortly before the model is usually done, spins for a "
          "little, and then blocks."),
      OptionalField(
          "environment", &BackendConfig::environment,
          TextMapKind{64, 4 * kKibibyte},
          "Variables that are set before the module is opened, for libraries "
          "that read their environment while they are loaded."));
};

template <>
struct FieldTable<DeviceConfig> {
  static constexpr auto kFields = std::make_tuple(
      OptionalField(
          "device", &DeviceConfig::device, DeviceNameKind{},
          "The device to run on; auto takes the best that the backend "
          "has."),
      OptionalField(
          "slots", &DeviceConfig::slots,
          AutoKind<WholeNumberKind<int>>{{1, kSlotsHardMax}},
          "How many runs the device holds at once, each on its own "
          "stream; auto asks the backend, and more than it can give is "
          "lowered to that with a warning."));
};

template <>
struct FieldTable<QueueConfig> {
  static constexpr auto kFields = std::make_tuple(
      OptionalField("requests_max", &QueueConfig::requests_max,
                    WholeNumberKind<int>{1, 1 << 20},
                    "Requests that may wait for one model; one more is refused "
                    "with a time to retry after."),
      OptionalField(
          "bytes_max", &QueueConfig::bytes_max,
          SizeKind{kKibibyte, 1024 * kGibibyte},
          "Bytes that one model's waiting requests may hold; a request "
          "that would pass it is refused with a time to retry after."),
      OptionalField(
          "total_requests_max", &QueueConfig::total_requests_max,
          WholeNumberKind<int>{1, 1 << 20},
          "Requests that may wait for all models together; one more is "
          "refused with a time to retry after."),
      OptionalField(
          "total_bytes_max", &QueueConfig::total_bytes_max,
          SizeKind{kKibibyte, 1024 * kGibibyte},
          "Bytes of all accepted requests, waiting, running or still "
          "being read; a request that would pass it is refused with a "
          "time to retry after. Memory use grows up to this."),
      OptionalField(
          "look_ahead_max", &QueueConfig::look_ahead_max,
          WholeNumberKind<int>{0, 65536},
          "Requests behind the first that are looked at to fill a batch "
          "of the same shapes; a larger number fills batches better "
          "where shapes are mixed, and costs time at every batch."));
};

template <>
struct FieldTable<OverloadConfig> {
  static constexpr auto kFields = std::make_tuple(OptionalField(
      "status", &OverloadConfig::status,
      ChoiceKind<OverloadStatus, 2>{{"resource_exhausted", "unavailable"}},
      "The status of a request refused because of load; unavailable "
      "is for clients that retry nothing else."));
};

template <>
struct FieldTable<LimitsConfig> {
  static constexpr auto kFields = std::make_tuple(
      OptionalField("inputs_max", &LimitsConfig::inputs_max,
                    WholeNumberKind<int>{1, kTensorsHardMax},
                    "Inputs that one request may carry; more is an invalid "
                    "argument."),
      OptionalField("rank_max", &LimitsConfig::rank_max,
                    WholeNumberKind<int>{1, kRankHardMax},
                    "Dimensions that one tensor may have; more is an invalid "
                    "argument."),
      OptionalField(
          "run_time_max", &LimitsConfig::run_time_max,
          TimeKind{std::chrono::milliseconds(1), std::chrono::hours(24)},
          "How long one run may take; past it the requests are answered "
          "unavailable and the slot is taken out of service."),
      OptionalField(
          "load_time_max", &LimitsConfig::load_time_max,
          TimeKind{std::chrono::milliseconds(1), std::chrono::hours(24)},
          "How long a model may take to load and warm up; past it the "
          "load has failed."));
};

template <>
struct FieldTable<DrainConfig> {
  static constexpr auto kFields = std::make_tuple(
      OptionalField(
          "grace", &DrainConfig::grace,
          TimeKind{Duration::zero(), std::chrono::hours(1)},
          "How long the daemon still accepts requests after it has told "
          "load balancers that it is going away."),
      OptionalField("deadline", &DrainConfig::deadline,
                    TimeKind{Duration::zero(), std::chrono::hours(24)},
                    "How long accepted requests may take to finish after that; "
                    "past it the rest are answered unavailable and the daemon "
                    "exits with code 3."));
};

template <>
struct FieldTable<Config> {
  static constexpr auto kFields = std::make_tuple(
      OptionalField("backend", &Config::backend, GroupKind{},
                    "What runs the models."),
      OptionalField("devices", &Config::devices,
                    GroupListKind{1, kDevicesHardMax},
                    "The devices to run on, each with its own slots."),
      OptionalField("queue", &Config::queue, GroupKind{}, "How much may wait."),
      OptionalField("overload", &Config::overload, GroupKind{},
                    "What a refusal because of load looks like."),
      OptionalField("limits", &Config::limits, GroupKind{},
                    "What one request, run or load may use."),
      OptionalField("drain", &Config::drain, GroupKind{},
                    "How the daemon stops."));
};

}  // namespace weir

#endif  // WEIR_CONFIG_CONFIG_FIELDS_H_
