// The field tables of ModelConfig (config/model_config.h): for each knob its
// key, its kind and bounds, and its comment.
//
//   ForEachField<ModelConfig>([](const auto& field) { ... });
//
// A new knob is a member there, with its comment, and a row here; a test says
// where the two differ. Whatever reads the tables needs no change.
//
// Thread-safety: constants.
// Ownership: none.
// Failure: none.
#ifndef WEIR_CONFIG_MODEL_FIELDS_H_
#define WEIR_CONFIG_MODEL_FIELDS_H_

#include <chrono>
#include <cstdint>
#include <limits>
#include <tuple>

#include "config/config.h"
#include "config/container_kind.h"
#include "config/field.h"
#include "config/kind.h"
#include "config/model_config.h"

namespace weir {

inline constexpr int64_t kDimensionMax = std::numeric_limits<int32_t>::max();
inline constexpr int kRowsHardMax = 65536;

template <>
struct FieldTable<TensorConfig> {
  static constexpr auto kFields = std::make_tuple(
      RequiredField("name", &TensorConfig::name,
                    TextKind{1, 256, "1 to 256 bytes of text"},
                    "The name that requests use; required."),
      RequiredField("datatype", &TensorConfig::datatype, DatatypeKind{},
                    "The element type; required."),
      RequiredField(
          "shape", &TensorConfig::shape,
          ListKind<WholeNumberKind<int64_t>>{
              {-1, kDimensionMax}, 0, kRankHardMax},
          "The dimensions, -1 for one that varies; required. Dimension "
          "0 is the batch where there is one."),
      OptionalField(
          "values", &TensorConfig::values, RangeKind{},
          "The least and the greatest value that an integer input may "
          "hold; a request with another one is refused before a device "
          "sees it. Costs one pass over the input."));
};

template <>
struct FieldTable<BatchConfig> {
  static constexpr auto kFields = std::make_tuple(
      RequiredField("rows_max", &BatchConfig::rows_max,
                    WholeNumberKind<int>{1, kRowsHardMax},
                    "Rows that run together at most; required. A request with "
                    "more is an invalid argument."),
      OptionalField("delay_max", &BatchConfig::delay_max,
                    TimeKind{Duration::zero(), std::chrono::minutes(1)},
                    "How long a batch that is not full may wait for more "
                    "requests. It is added to the latency under light load."));
};

template <>
struct FieldTable<ModelConfig> {
  static constexpr auto kFields = std::make_tuple(
      OptionalField("device", &ModelConfig::devices,
                    ListKind<DeviceNameKind>{
                        {}, 1, kDevicesHardMax, /*may_be_single=*/true},
                    "The device to run on, or a list of several."),
      OptionalField("inputs", &ModelConfig::inputs,
                    GroupListKind{0, kTensorsHardMax},
                    "The inputs; without them the model accepts any, and is "
                    "neither batched nor warmed up."),
      OptionalField("outputs", &ModelConfig::outputs,
                    GroupListKind{0, kTensorsHardMax},
                    "The outputs, in the order that answers list them."),
      OptionalField("batch", &ModelConfig::batch, OptionalGroupKind{},
                    "How requests run together; without it each runs alone."),
      OptionalField("weight", &ModelConfig::weight, DecimalKind{0.001, 1000},
                    "Share of device time against the other models while they "
                    "compete."),
      OptionalField(
          "runs_max", &ModelConfig::runs_max,
          AutoKind<WholeNumberKind<int>>{{1, kSlotsHardMax}},
          "Slots that the model may hold at once; auto is all that its "
          "device has."),
      OptionalField(
          "warm_up", &ModelConfig::warm_up,
          ListKind<WholeNumberKind<int>>{{1, kRowsHardMax}, 0, 16},
          "Numbers of rows to run once with zeros on each device before "
          "the model takes requests."),
      OptionalField(
          "stateful", &ModelConfig::stateful, FlagKind{},
          "Whether a run changes the model; a batch that failed is then "
          "not run again."),
      OptionalField(
          "backend_options", &ModelConfig::backend_options,
          TextMapKind{64, 64 * kKibibyte},
          "What the backend alone understands, as names and texts; the "
          "backend refuses what it does not know."));
};

}  // namespace weir

#endif  // WEIR_CONFIG_MODEL_FIELDS_H_
