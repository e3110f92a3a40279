// RandomConfig and RandomModelConfig: any configuration that is allowed.
//
//   Config config = RandomConfig(seed);
//
// Values come from the field tables' kinds, often from their bounds; the rules
// between fields are then met by hand.
//
// Thread-safety: any thread.
// Ownership: values.
// Failure: none; the same seed gives the same configuration.
#ifndef WEIR_TESTS_CONFIG_RANDOM_CONFIG_H_
#define WEIR_TESTS_CONFIG_RANDOM_CONFIG_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "config/config_fields.h"
#include "config/model_fields.h"

namespace weir {

class RandomFiller {
 public:
  explicit RandomFiller(uint64_t seed) : engine_(seed) {}

  template <typename Integer>
  void Fill(const WholeNumberKind<Integer>& kind, Integer& value) {
    value = static_cast<Integer>(Within(kind.min, kind.max));
  }
  void Fill(const SizeKind& kind, int64_t& value) {
    value = Within(kind.min, kind.max);
  }
  void Fill(const TimeKind& kind, Duration& value) {
    value = Duration(Within(kind.min.count(), kind.max.count()));
  }
  void Fill(const DecimalKind& kind, double& value) {
    value = std::uniform_real_distribution<>(kind.min, kind.max)(engine_);
  }
  void Fill(const FlagKind&, bool& value) { value = Chance(); }
  template <typename Enum, size_t kCount>
  void Fill(const ChoiceKind<Enum, kCount>&, Enum& value) {
    value = static_cast<Enum>(Within(0, kCount - 1));
  }
  template <typename Kind, typename Value>
  void Fill(const AutoKind<Kind>& kind, std::optional<Value>& value) {
    value.reset();
    if (Chance()) Fill(kind.kind, value.emplace());
  }
  void Fill(const TextKind& kind, std::string& value) {
    const auto longest = std::min<size_t>(kind.bytes_max, 40);
    value = Characters(static_cast<size_t>(Within(
        static_cast<int64_t>(kind.bytes_min), static_cast<int64_t>(longest))));
  }
  void Fill(const DeviceNameKind&, std::string& value) {
    value = "fake:" + std::to_string(num_devices_++);
    if (num_devices_ % 5 == 0) value = "d_" + std::to_string(num_devices_);
  }
  void Fill(const ListenAddressKind&, std::string& value) {
    constexpr const char* kAddresses[] = {"localhost:0", "[::1]:65535",
                                          "*:8001", "unix:/run/weir.sock"};
    value = kAddresses[Within(0, 3)];
  }
  void Fill(const DatatypeKind&, std::string& value) {
    value = Chance() ? "INT64" : "BF16";
  }
  template <typename Kind, typename Value>
  void Fill(const ListKind<Kind>& kind, std::vector<Value>& list) {
    list.assign(SmallCount(kind.size_min, kind.size_max), Value{});
    for (Value& value : list) Fill(kind.kind, value);
  }
  void Fill(const RangeKind&, std::optional<ValueRange>& range) {
    constexpr auto kMin = std::numeric_limits<int64_t>::min() / 2;
    range.reset();
    if (!Chance()) return;
    range = ValueRange{Within(kMin, 0), Within(0, -kMin)};
  }
  void Fill(const TextMapKind&, std::map<std::string, std::string>& texts) {
    constexpr const char* kNames[] = {"script", "null", "1", "-", "a.b", "no"};
    texts.clear();
    for (const char* name : kNames) {
      if (Chance()) Fill(TextKind{0, 40, ""}, texts[name]);
    }
  }
  template <typename Struct>
  void Fill(GroupKind, Struct& group) {
    ForEachField<Struct>(
        [&](const auto& field) { Fill(field.kind, group.*field.member); });
  }
  template <typename Struct>
  void Fill(OptionalGroupKind, std::optional<Struct>& group) {
    group.reset();
    if (Chance()) Fill(GroupKind{}, group.emplace());
  }
  template <typename Struct>
  void Fill(const GroupListKind& kind, std::vector<Struct>& list) {
    list.assign(SmallCount(kind.size_min, kind.size_max), Struct{});
    for (Struct& item : list) Fill(GroupKind{}, item);
  }

 private:
  bool Chance() { return Within(0, 1) == 1; }

  // One time in four a bound.
  int64_t Within(int64_t min, int64_t max) {
    const auto choice = std::uniform_int_distribution<>(0, 7)(engine_);
    if (choice == 0 && max - min > 1) return min;
    if (choice == 1 && max - min > 1) return max;
    return std::uniform_int_distribution<int64_t>(min, max)(engine_);
  }
  size_t SmallCount(size_t min, size_t max) {
    const auto most = std::min<size_t>(max, 4);
    return std::uniform_int_distribution<size_t>(min, most)(engine_);
  }
  // Whole characters, `size` bytes in all.
  std::string Characters(size_t size) {
    const std::vector<std::string> characters = {
        "a", "Z",  "0",  ":",  " ",  "#",      "-",      ",",      "[",     "{",
        "'", "\"", "\\", "\n", "\t", "&",      "*",      "!",      "%",     "@",
        "`", "|",  ">",  "?",  "~",  "\u00e9", "\u20ac", "\u0085", "\u2028"};
    std::string text;
    while (text.size() < size) {
      const auto& next = characters[static_cast<size_t>(
          Within(0, static_cast<int64_t>(characters.size()) - 1))];
      text += text.size() + next.size() <= size ? next : "x";
    }
    return text;
  }

  std::mt19937_64 engine_;
  int num_devices_ = 0;
};

inline Config RandomConfig(uint64_t seed) {
  Config config;
  RandomFiller(seed).Fill(GroupKind{}, config);
  config.listen.insecure_allow_remote = true;
  QueueConfig& queue = config.queue;
  queue.requests_max = std::min(queue.requests_max, queue.total_requests_max);
  queue.bytes_max = std::min(queue.bytes_max, queue.total_bytes_max);
  return config;
}

inline ModelConfig RandomModelConfig(uint64_t seed) {
  ModelConfig model;
  RandomFiller(seed).Fill(GroupKind{}, model);
  int num_tensors = 0;
  for (auto* tensors : {&model.inputs, &model.outputs}) {
    for (TensorConfig& tensor : *tensors) {
      tensor.name += std::to_string(num_tensors++);
      if (model.batch.has_value()) {
        tensor.shape.resize(std::max<size_t>(1, tensor.shape.size()));
        tensor.shape[0] = -1;
      }
      const bool may_have_values =
          tensors == &model.inputs && tensor.datatype == "INT64";
      if (!may_have_values) tensor.values.reset();
    }
  }
  const int rows_max = model.batch.has_value() ? model.batch->rows_max : 1;
  for (int& rows : model.warm_up) rows = std::min(rows, rows_max);
  return model;
}

}  // namespace weir

#endif  // WEIR_TESTS_CONFIG_RANDOM_CONFIG_H_
