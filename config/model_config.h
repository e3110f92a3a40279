// ModelConfig: what a model.yaml may say about one model, as plain values. All
// of it is optional; what is not said is taken from the model itself.
//
//   ModelConfig model;
//   model.inputs = {{.name = "x", .datatype = "FP32", .shape = {-1, 4}}};
//   model.batch = BatchConfig{.rows_max = 8};
//
// As in config/config.h: the initializer is the default, the comment is the
// manual, and a test keeps it equal to the field table.
//
// Thread-safety: plain values; const access from any number of threads.
// Ownership: owns all it holds.
// Failure: none. Only loading checks bounds; a value made by hand is taken as
// it is.
#ifndef WEIR_CONFIG_MODEL_CONFIG_H_
#define WEIR_CONFIG_MODEL_CONFIG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "sync/clock.h"

namespace weir {

// Both ends belong to it. Written [low, high].
struct ValueRange {
  int64_t low = 0;
  int64_t high = 0;

  bool operator==(const ValueRange&) const = default;
};

struct TensorConfig {
  // The name that requests use; required. Allowed: 1 to 256 bytes of text.
  std::string name = "";

  // The element type; required. Allowed: BOOL, UINT8, UINT16, UINT32, UINT64,
  // INT8, INT16, INT32, INT64, FP16, FP32, FP64, BF16, BYTES.
  std::string datatype = "";

  // The dimensions, -1 for one that varies; required. Dimension 0 is the batch
  // where there is one. Allowed: at most 16 entries, each -1 to 2147483647.
  std::vector<int64_t> shape = {};

  // The least and the greatest value that an integer input may hold; a request
  // with another one is refused before a device sees it. Costs one pass over
  // the input. Allowed: [low, high].
  std::optional<ValueRange> values = std::nullopt;

  bool operator==(const TensorConfig&) const = default;
};

struct BatchConfig {
  // Rows that run together at most; required. A request with more is an invalid
  // argument. Allowed: 1 to 65536.
  int rows_max = 1;

  // How long a batch that is not full may wait for more requests. It is added
  // to the latency under light load. Allowed: 0s to 1min.
  Duration delay_max = Duration::zero();

  bool operator==(const BatchConfig&) const = default;
};

struct ModelConfig {
  // The device to run on, or a list of several. Allowed: 1 to 64 entries, each
  // auto, or a device such as cpu, mps, cuda:0.
  std::vector<std::string> devices = {"auto"};

  // The inputs; without them the model accepts any, and is neither batched nor
  // warmed up. Allowed: at most 1024 entries.
  std::vector<TensorConfig> inputs = {};

  // The outputs, in the order that answers list them. Allowed: at most 1024
  // entries.
  std::vector<TensorConfig> outputs = {};

  // How requests run together; without it each runs alone.
  std::optional<BatchConfig> batch = std::nullopt;

  // Share of device time against the other models while they compete. Allowed:
  // 0.001 to 1000.
  double weight = 1;

  // Slots that the model may hold at once; auto is all that its device has.
  // Allowed: auto, or 1 to 1024.
  std::optional<int> runs_max = std::nullopt;

  // Numbers of rows to run once with zeros on each device before the model
  // takes requests. Allowed: at most 16 entries, each 1 to 65536.
  std::vector<int> warm_up = {};

  // Whether a run changes the model; a batch that failed is then not run again.
  // Allowed: true, false.
  bool stateful = false;

  // What the backend alone understands, as names and texts; the backend refuses
  // what it does not know. Allowed: at most 64 entries, each at most 64KiB of
  // text.
  std::map<std::string, std::string> backend_options = {};

  bool operator==(const ModelConfig&) const = default;
};

}  // namespace weir

#endif  // WEIR_CONFIG_MODEL_CONFIG_H_
