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
struct FieldTable<DeviceConfig> {
  static constexpr auto kFields = std::make_tuple(
      Optional("device", &DeviceConfig::device, DeviceName{},
               "The device to run on; auto takes the best that the backend "
               "has."),
      Optional("slots", &DeviceConfig::slots,
               Auto<WholeNumber<int>>{{1, kSlotsHardMax}},
               "How many runs the device holds at once, each on its own "
               "stream; auto asks the backend, and more than it can give is "
               "lowered to that with a warning."),
      Optional("on_lost", &DeviceConfig::on_lost,
               Choice<OnLost, 2>{{"exit", "stay"}},
               "What follows when the device is lost for good: exit ends the "
               "daemon with code 4 so that the service manager restarts it, "
               "stay goes on with the others."));
};

template <>
struct FieldTable<QueueConfig> {
  static constexpr auto kFields = std::make_tuple(
      Optional("requests_max", &QueueConfig::requests_max,
               WholeNumber<int>{1, 1 << 20},
               "Requests that may wait for one model; one more is refused "
               "with a time to retry after."),
      Optional("bytes_max", &QueueConfig::bytes_max,
               Size{kKibibyte, 1024 * kGibibyte},
               "Bytes that one model's waiting requests may hold; a request "
               "that would pass it is refused with a time to retry after."),
      Optional("total_requests_max", &QueueConfig::total_requests_max,
               WholeNumber<int>{1, 1 << 20},
               "Requests that may wait for all models together; one more is "
               "refused with a time to retry after."),
      Optional("total_bytes_max", &QueueConfig::total_bytes_max,
               Size{kKibibyte, 1024 * kGibibyte},
               "Bytes of all accepted requests, waiting, running or still "
               "being read; a request that would pass it is refused with a "
               "time to retry after. Memory use grows up to this."),
      Optional("look_ahead_max", &QueueConfig::look_ahead_max,
               WholeNumber<int>{0, 65536},
               "Requests behind the first that are looked at to fill a batch "
               "of the same shapes; a larger number fills batches better "
               "where shapes are mixed, and costs time at every batch."));
};

template <>
struct FieldTable<OverloadConfig> {
  static constexpr auto kFields = std::make_tuple(
      Optional("status", &OverloadConfig::status,
               Choice<OverloadStatus, 2>{{"resource_exhausted", "unavailable"}},
               "The status of a request refused because of load; unavailable "
               "is for clients that retry nothing else."));
};

template <>
struct FieldTable<LimitsConfig> {
  static constexpr auto kFields = std::make_tuple(
      Optional("inputs_max", &LimitsConfig::inputs_max,
               WholeNumber<int>{1, kTensorsHardMax},
               "Inputs that one request may carry; more is an invalid "
               "argument."),
      Optional("outputs_max", &LimitsConfig::outputs_max,
               WholeNumber<int>{1, kTensorsHardMax},
               "Outputs that one request may ask for; more is an invalid "
               "argument."),
      Optional("rank_max", &LimitsConfig::rank_max,
               WholeNumber<int>{1, kRankHardMax},
               "Dimensions that one tensor may have; more is an invalid "
               "argument."),
      Optional("parameters_max", &LimitsConfig::parameters_max,
               WholeNumber<int>{0, 1024},
               "Parameters that one request or tensor may carry; more is an "
               "invalid argument."),
      Optional("run_time_max", &LimitsConfig::run_time_max,
               Time{std::chrono::milliseconds(1), std::chrono::hours(24)},
               "How long one run may take; past it the requests are answered "
               "unavailable and the slot is taken out of service."),
      Optional("load_time_max", &LimitsConfig::load_time_max,
               Time{std::chrono::milliseconds(1), std::chrono::hours(24)},
               "How long a model may take to load and warm up; past it the "
               "load has failed."));
};

template <>
struct FieldTable<DrainConfig> {
  static constexpr auto kFields = std::make_tuple(
      Optional("grace", &DrainConfig::grace,
               Time{Duration::zero(), std::chrono::hours(1)},
               "How long the daemon still accepts requests after it has told "
               "load balancers that it is going away."),
      Optional("deadline", &DrainConfig::deadline,
               Time{Duration::zero(), std::chrono::hours(24)},
               "How long accepted requests may take to finish after that; "
               "past it the rest are answered unavailable and the daemon "
               "exits with code 3."));
};

template <>
struct FieldTable<BackendConfig> {
  static constexpr auto kFields = std::make_tuple(
      Optional("module", &BackendConfig::module,
               Text{0, 4096, "a path of at most 4096 bytes, or empty"},
               "The backend module to load; empty takes the built-in choice."));
};

template <>
struct FieldTable<Config> {
  static constexpr auto kFields = std::make_tuple(
      Optional("devices", &Config::devices, GroupList{1, kDevicesHardMax},
               "The devices to run on, each with its own slots."),
      Optional("queue", &Config::queue, Group{}, "How much may wait."),
      Optional("overload", &Config::overload, Group{},
               "What a refusal because of load looks like."),
      Optional("limits", &Config::limits, Group{},
               "What one request, run or load may use."),
      Optional("drain", &Config::drain, Group{}, "How the daemon stops."),
      Optional("backend", &Config::backend, Group{}, "What runs the models."));
};

}  // namespace weir

#endif  // WEIR_CONFIG_CONFIG_FIELDS_H_
