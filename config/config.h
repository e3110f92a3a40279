// Config: every knob of the daemon, as plain values. This file is the manual:
// a member's initializer is its default, its comment says what it does, what
// happens at the bound and which values are allowed.
//
//   Config config;                                  // all defaults
//   config.devices = {{.device = "fake:0", .slots = 4}};
//   config.queue.requests_max = 64;
//
// A knob is listed twice and no more: here, and in the field table
// (config/config_fields.h) that loading, printing, bounds, environment names
// and config/default.yaml come from. A test keeps the two equal.
//
// Durations are nanoseconds, sizes are bytes. A knob enters with the work that
// makes it real; until then it is an unknown key.
//
// Thread-safety: plain values; const access from any number of threads.
// Ownership: owns all it holds.
// Failure: none. Only loading checks bounds; a value made by hand is taken as
// it is.
#ifndef WEIR_CONFIG_CONFIG_H_
#define WEIR_CONFIG_CONFIG_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sync/clock.h"

namespace weir {

// No pool is larger, whatever the configuration and the probe say.
inline constexpr int kSlotsHardMax = 1024;
inline constexpr int kDevicesHardMax = 64;
inline constexpr int kTensorsHardMax = 1024;
inline constexpr int kRankHardMax = 16;

inline constexpr int64_t kKibibyte = 1024;
inline constexpr int64_t kMebibyte = 1024 * kKibibyte;
inline constexpr int64_t kGibibyte = 1024 * kMebibyte;

// The gRPC status that answers a request refused because of load.
enum class OverloadStatus { kResourceExhausted, kUnavailable };

// How a slot's thread waits for its device.
enum class Synchronize { kAuto, kBlock, kSpin };

// What is written to the log.
enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kAuto, kText, kJson };

// What the daemon does when it has lost a device.
enum class OnLost { kExit, kStay };

struct ListenConfig {
  // Where gRPC clients come to; localhost is both of 127.0.0.1 and ::1, port 0
  // any that is free, and a unix socket is for the daemon's own user alone.
  // Allowed: 1 to 16 entries, each ADDRESS:PORT, [ADDRESS]:PORT,
  // localhost:PORT,
  // *:PORT, unix:/PATH.
  std::vector<std::string> grpc = {"localhost:8001"};

  // Where /metrics, /healthz, /readyz and /status are; an empty list for
  // nowhere. Allowed: at most 16 entries, each ADDRESS:PORT, [ADDRESS]:PORT,
  // localhost:PORT, *:PORT, unix:/PATH.
  std::vector<std::string> http = {"localhost:8002"};

  // Whether an address that other machines reach may be listened on, though
  // whoever gets there may use it, and read what others send. Allowed: true,
  // false.
  bool insecure_allow_remote = false;

  bool operator==(const ListenConfig&) const = default;
};

struct ModelsConfig {
  // The folder that the models lie in, as NAME.pt or NAME/VERSION/model.pt.
  // Allowed: 1 to 4096 bytes of text.
  std::string directory = "models";

  bool operator==(const ModelsConfig&) const = default;
};

struct BackendConfig {
  // The shared object that runs models; a name without a slash is looked for
  // where the program's own libraries lie. Allowed: 1 to 4096 bytes of text.
  std::string module = "libweir_torch.so";

  // Threads that one run on the CPU computes with; slots times this should not
  // pass the number of cores. Allowed: 1 to 1024.
  int threads_per_slot = 1;

  // How a run waits for its device: spin answers soonest and keeps a core busy
  // for each run, block leaves the core to others, auto sleeps until shortly
  // before the model is usually done, spins for a little, and then blocks.
  // Allowed: auto, block, spin.
  Synchronize synchronize = Synchronize::kAuto;

  // Variables that are set before the module is opened, for libraries that read
  // their environment while they are loaded. Allowed: at most 64 entries, each
  // at most 4KiB of text.
  std::map<std::string, std::string> environment = {};

  bool operator==(const BackendConfig&) const = default;
};

struct DeviceConfig {
  // The device to run on; auto takes the best that the backend has. Allowed:
  // auto, or a device such as cpu, mps, cuda:0.
  std::string device = "auto";

  // How many runs the device holds at once, each on its own stream; auto asks
  // the backend, and more than it can give is lowered to that with a warning.
  // Allowed: auto, or 1 to 1024.
  std::optional<int> slots = std::nullopt;

  // What the daemon does when the device is lost: exit ends it with code 4, for
  // a service manager to start it anew, stay goes on with the other devices.
  // Allowed: exit, stay.
  OnLost on_lost = OnLost::kExit;

  bool operator==(const DeviceConfig&) const = default;
};

struct QueueConfig {
  // Requests that may wait for one model; one more is refused with a time to
  // retry after. Allowed: 1 to 1048576.
  int requests_max = 512;

  // Bytes that one model's waiting requests may hold; a request that would pass
  // it is refused with a time to retry after. Allowed: 1KiB to 1TiB.
  int64_t bytes_max = 128 * kMebibyte;

  // Requests that may wait for all models together; one more is refused with a
  // time to retry after. Allowed: 1 to 1048576.
  int total_requests_max = 2048;

  // Bytes of all accepted requests, waiting, running or still being read; a
  // request that would pass it is refused with a time to retry after. Memory
  // use grows up to this. Allowed: 1KiB to 1TiB.
  int64_t total_bytes_max = 256 * kMebibyte;

  // Requests behind the first that are looked at to fill a batch of the same
  // shapes; a larger number fills batches better where shapes are mixed, and
  // costs time at every batch. Allowed: 0 to 65536.
  int look_ahead_max = 128;

  bool operator==(const QueueConfig&) const = default;
};

struct OverloadConfig {
  // The status of a request refused because of load; unavailable is for clients
  // that retry nothing else. Allowed: resource_exhausted, unavailable.
  OverloadStatus status = OverloadStatus::kResourceExhausted;

  bool operator==(const OverloadConfig&) const = default;
};

struct LimitsConfig {
  // Bytes that one message of a client may have, inflated where it came
  // compressed; a larger one is refused. Allowed: 1KiB to 1GiB.
  int64_t message_bytes_max = 64 * kMebibyte;

  // Connections of gRPC clients that may be open; one more is closed at once.
  // Allowed: 1 to 65536.
  int connections_max = 1024;

  // Calls that one connection may have open; a client's library keeps more of
  // them back. Allowed: 1 to 65536.
  int streams_per_connection_max = 100;

  // How long a client's connection may be silent before it is asked whether
  // anybody is there. Allowed: 1s to 24h.
  Duration keepalive_interval = std::chrono::seconds(30);

  // How long the answer to that may take; past it the connection is closed, and
  // its calls are cancelled. Allowed: 1s to 24h.
  Duration keepalive_timeout = std::chrono::seconds(10);

  // Inputs that one request may carry; more is an invalid argument. Allowed: 1
  // to 1024.
  int inputs_max = 256;

  // Dimensions that one tensor may have; more is an invalid argument. Allowed:
  // 1 to 16.
  int rank_max = 16;

  // How long one run may take; past it the requests are answered unavailable
  // and the slot is taken out of service. Allowed: 1ms to 24h.
  Duration run_time_max = std::chrono::seconds(60);

  // How long a model may take to load and warm up; past it the load has failed.
  // Allowed: 1ms to 24h.
  Duration load_time_max = std::chrono::seconds(300);

  bool operator==(const LimitsConfig&) const = default;
};

struct DrainConfig {
  // How long the daemon still accepts requests after it has told load balancers
  // that it is going away. Allowed: 0s to 1h.
  Duration grace = Duration::zero();

  // How long accepted requests may take to finish after that; past it the rest
  // are answered unavailable and the daemon exits with code 3. Allowed: 0s to
  // 24h.
  Duration deadline = std::chrono::seconds(30);

  bool operator==(const DrainConfig&) const = default;
};

struct LogConfig {
  // The least of what is written. Allowed: debug, info, warning, error.
  LogLevel level = LogLevel::kInfo;

  // How a line looks; auto is text on a terminal, and JSON elsewhere. Allowed:
  // auto, text, json.
  LogFormat format = LogFormat::kAuto;

  bool operator==(const LogConfig&) const = default;
};

struct Config {
  // Where clients come to.
  ListenConfig listen = {};

  // Where the models are.
  ModelsConfig models = {};

  // What runs the models.
  BackendConfig backend = {};

  // The devices to run on, each with its own slots. Allowed: 1 to 64 entries.
  std::vector<DeviceConfig> devices = {DeviceConfig{}};

  // How much may wait.
  QueueConfig queue = {};

  // What a refusal because of load looks like.
  OverloadConfig overload = {};

  // What one request, run or load may use.
  LimitsConfig limits = {};

  // How the daemon stops.
  DrainConfig drain = {};

  // What an operator is told, on standard error.
  LogConfig log = {};

  bool operator==(const Config&) const = default;
};

}  // namespace weir

#endif  // WEIR_CONFIG_CONFIG_H_
