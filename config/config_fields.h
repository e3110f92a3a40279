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
struct FieldTable<ListenConfig> {
  static constexpr auto kFields = std::make_tuple(
      OptionalField("grpc", &ListenConfig::grpc,
                    ListKind<ListenAddressKind>{{}, 1, 16, true},
                    "Where gRPC clients come to; localhost is both of "
                    "127.0.0.1 and ::1, port 0 any that is free, and a unix "
                    "socket is for the daemon's own user alone."),
      OptionalField("http", &ListenConfig::http,
                    ListKind<ListenAddressKind>{{}, 0, 16, true},
                    "Where /metrics, /healthz, /readyz and /status are; an "
                    "empty list for nowhere."),
      OptionalField("insecure_allow_remote",
                    &ListenConfig::insecure_allow_remote, FlagKind{},
                    "Whether an address that other machines reach may be "
                    "listened on, though whoever gets there may use it, and "
                    "read what others send."));
};

template <>
struct FieldTable<ModelsConfig> {
  static constexpr auto kFields = std::make_tuple(
      OptionalField("directory", &ModelsConfig::directory,
                    TextKind{1, 4096, "1 to 4096 bytes of text"},
                    "The folder that the models lie in, as NAME.pt or "
                    "NAME/VERSION/model.pt."));
};

template <>
struct FieldTable<LogConfig> {
  static constexpr auto kFields = std::make_tuple(
      OptionalField(
          "level", &LogConfig::level,
          ChoiceKind<LogLevel, 4>{{"debug", "info", "warning", "error"}},
          "The least of what is written."),
      OptionalField("format", &LogConfig::format,
                    ChoiceKind<LogFormat, 3>{{"auto", "text", "json"}},
                    "How a line looks; auto is text on a terminal, and JSON "
                    "elsewhere."));
};

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
          "lowered to that with a warning."),
      OptionalField("on_lost", &DeviceConfig::on_lost,
                    ChoiceKind<OnLost, 2>{{"exit", "stay"}},
                    "What the daemon does when the device is lost: exit ends "
                    "it with code 4, for a service manager to start it anew, "
                    "stay goes on with the other devices."));
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
      OptionalField("message_bytes_max", &LimitsConfig::message_bytes_max,
                    SizeKind{kKibibyte, kGibibyte},
                    "Bytes that one message of a client may have, inflated "
                    "where it came compressed; a larger one is refused."),
      OptionalField("connections_max", &LimitsConfig::connections_max,
                    WholeNumberKind<int>{1, 65536},
                    "Connections of gRPC clients that may be open; one more is "
                    "closed at once."),
      OptionalField("streams_per_connection_max",
                    &LimitsConfig::streams_per_connection_max,
                    WholeNumberKind<int>{1, 65536},
                    "Calls that one connection may have open; a client's "
                    "library keeps more of them back."),
      OptionalField(
          "keepalive_interval", &LimitsConfig::keepalive_interval,
          TimeKind{std::chrono::seconds(1), std::chrono::hours(24)},
          "How long a client's connection may be silent before it is asked "
          "whether anybody is there."),
      OptionalField(
          "keepalive_timeout", &LimitsConfig::keepalive_timeout,
          TimeKind{std::chrono::seconds(1), std::chrono::hours(24)},
          "How long the answer to that may take; past it the connection is "
          "closed, and its calls are cancelled."),
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
      OptionalField("listen", &Config::listen, GroupKind{},
                    "Where clients come to."),
      OptionalField("models", &Config::models, GroupKind{},
                    "Where the models are."),
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
                    "How the daemon stops."),
      OptionalField("log", &Config::log, GroupKind{},
                    "What an operator is told, on standard error."));
};

}  // namespace weir

#endif  // WEIR_CONFIG_CONFIG_FIELDS_H_
