#include "tests/support/twin/twin_guise.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace weir {
namespace {

template <typename Value>
struct Choice {
  std::string_view name;
  Value value;
};

// One value out of few: `to` is set where `text` names one.
template <typename Value, size_t kNum>
bool Choose(std::string_view text, const Choice<Value> (&choices)[kNum],
            Value& to) {
  for (const Choice<Value>& choice : choices) {
    if (choice.name != text) continue;
    to = choice.value;
    return true;
  }
  return false;
}

constexpr Choice<TwinStreams> kStreams[] = {{"one", TwinStreams::kOne},
                                            {"wrap32", TwinStreams::kWrap32},
                                            {"throw31", TwinStreams::kThrow31},
                                            {"block31", TwinStreams::kBlock31}};
constexpr Choice<TwinQueries> kQueries[] = {{"done", TwinQueries::kDone},
                                            {"pending", TwinQueries::kPending},
                                            {"throws", TwinQueries::kThrow}};
constexpr Choice<TwinFault> kFaults[] = {{"none", TwinFault::kNone},
                                         {"count", TwinFault::kCount},
                                         {"corrupt", TwinFault::kCorrupt},
                                         {"hang", TwinFault::kHang},
                                         {"abort", TwinFault::kAbort}};
constexpr Choice<bool> kWorks[] = {{"works", true}, {"throws", false}};
constexpr Choice<bool> kSwitch[] = {{"on", true}, {"off", false}};

constexpr int kNumberMax = 10000;

bool ReadNumber(std::string_view text, int& to) {
  int number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number < 0 || number > kNumberMax) return false;
  to = number;
  return true;
}

// One more name; an empty one clears them.
bool AddName(std::string_view name, std::vector<std::string>& names) {
  if (name.empty()) {
    names.clear();
  } else {
    names.emplace_back(name);
  }
  return true;
}

bool Set(std::string_view key, std::string_view value, TwinGuise& guise) {
  if (key == "streams") return Choose(value, kStreams, guise.streams);
  if (key == "sync_stream") {
    return Choose(value, kWorks, guise.stream_synchronizes);
  }
  if (key == "events") return Choose(value, kWorks, guise.events_work);
  if (key == "sync_device") {
    return Choose(value, kWorks, guise.device_synchronizes);
  }
  if (key == "queries") return Choose(value, kQueries, guise.queries);
  if (key == "fail_syncs") return ReadNumber(value, guise.fail_syncs);
  if (key == "no_fp64") return Choose(value, kSwitch, guise.refuses_fp64);
  if (key == "pinned") return Choose(value, kSwitch, guise.pins);
  if (key == "missing") return AddName(value, guise.missing);
  if (key == "stalls") return AddName(value, guise.stalled);
  if (key == "alien") return AddName(value, guise.alien);
  if (key == "poison") return Choose(value, kSwitch, guise.poisons);
  if (key == "fault") return Choose(value, kFaults, guise.fault);
  if (key == "hold_ms") return ReadNumber(value, guise.hold_ms);
  if (key == "log") return Choose(value, kSwitch, guise.logs);
  return false;
}

}  // namespace

std::string ReadGuise(std::string_view settings, TwinGuise& guise) {
  TwinGuise changed = guise;
  while (!settings.empty()) {
    const std::string_view setting = settings.substr(0, settings.find(','));
    settings.remove_prefix(std::min(settings.size(), setting.size() + 1));
    const size_t equals = setting.find('=');
    if (equals == std::string_view::npos ||
        !Set(setting.substr(0, equals), setting.substr(equals + 1), changed)) {
      return "the twin knows no setting " + std::string(setting);
    }
  }
  guise = std::move(changed);
  return "";
}

}  // namespace weir
