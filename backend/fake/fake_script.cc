#include "backend/fake/fake_script.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace weir {
namespace {

// Each Parse takes a text into a field, or says no and leaves it.
template <typename Integer>
bool ParseCount(const std::string& text, Integer& target) {
  Integer value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < 0) return false;
  target = value;
  return true;
}

bool Parse(const std::string& text, int64_t& target) {
  return ParseCount(text, target);
}

bool Parse(const std::string& text, int& target) {
  return ParseCount(text, target);
}

bool Parse(const std::string& text, double& target) {
  double value = 0;
  if (!absl::SimpleAtod(text, &value) || !std::isfinite(value)) return false;
  target = value;
  return true;
}

bool Parse(const std::string& text, std::optional<double>& target) {
  double value = 0;
  if (!Parse(text, value)) return false;
  target = value;
  return true;
}

bool Parse(const std::string& text, bool& target) {
  if (text != "true" && text != "false") return false;
  target = text == "true";
  return true;
}

bool Parse(const std::string& text, std::string& target) {
  target = text;
  return !text.empty();
}

bool Parse(const std::string& text, Duration& target) {
  static constexpr std::array<std::pair<std::string_view, int64_t>, 4> kUnits =
      {{{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}}};
  const size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string::npos) return false;
  for (const auto& [unit, nanoseconds] : kUnits) {
    if (text.substr(digits) != unit) continue;
    int64_t count = 0;
    if (!Parse(text.substr(0, digits), count)) return false;
    if (__builtin_mul_overflow(count, nanoseconds, &count)) return false;
    target = Duration(count);
    return true;
  }
  return false;
}

// For an enum whose names lie in the order of its values.
template <typename Enum, size_t kCount>
bool ParseName(std::string_view text,
               const std::array<std::string_view, kCount>& names,
               Enum& target) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return false;
  target = static_cast<Enum>(found - names.begin());
  return true;
}

bool Parse(const std::string& text, FakeCompute& target) {
  return ParseName<FakeCompute, 3>(text, {"identity", "affine", "row_sum"},
                                   target);
}

bool Parse(const std::string& text, FakeStage& target) {
  FakeStage stage = FakeStage::kLoad;
  if (!ParseName(text, kFakeStageNames, stage)) return false;
  if (stage < FakeStage::kAlloc || stage > FakeStage::kDeviceToHost) {
    return false;
  }
  target = stage;
  return true;
}

bool Parse(const std::string& text, FakeException& target) {
  return ParseName<FakeException, 3>(text, {"standard", "foreign", "integer"},
                                     target);
}

bool Parse(const std::string& text, FakeMisshape& target) {
  return ParseName<FakeMisshape, 2>(text, {"row_missing", "extra_output"},
                                    target);
}

bool Parse(const std::string& text, FakeOverlap& target) {
  return ParseName<FakeOverlap, 4>(
      text, {"nothing", "corrupts", "hangs", "aborts"}, target);
}

bool Parse(const std::string& text, Fault& target) {
  return ParseName<Fault, 2>(text, {"slot", "device"}, target);
}

bool Parse(const std::string& text, absl::StatusCode& target) {
  if (text != "invalid_argument" && text != "internal") return false;
  target = text == "internal" ? absl::StatusCode::kInternal
                              : absl::StatusCode::kInvalidArgument;
  return true;
}

// Hands `visit` each field with its name in a model.yaml.
template <typename Visitor>
void VisitFields(FakeScript& script, const Visitor& visit) {
  const auto visit_when = [&](const std::string& name, FakeWhen& when) {
    visit(absl::StrCat(name, "_at"), when.at);
    visit(absl::StrCat(name, "_every"), when.every);
  };
  visit("compute", script.compute);
  visit("scale", script.scale);
  visit("offset", script.offset);
  visit("alias", script.alias);
  visit("delay", script.delay);
  visit("delay_per_row", script.delay_per_row);
  visit("gate", script.gate);
  visit_when("waits", script.waits);
  visit("heeds_stop", script.heeds_stop);
  visit_when("fails", script.fails);
  visit("fail_code", script.fail_code);
  visit("poison", script.poison);
  visit_when("throws", script.throws);
  visit("throw_stage", script.throw_stage);
  visit("throw_kind", script.throw_kind);
  visit_when("corrupts", script.corrupts);
  visit_when("misshapes", script.misshapes);
  visit("misshape", script.misshape);
  visit("overlap", script.overlap);
  visit("overlap_runs", script.overlap_runs);
  visit_when("faults", script.faults);
  visit("fault", script.fault);
  visit_when("leaves_work", script.leaves_work);
  visit_when("load_fails", script.load_fails);
  visit_when("load_throws", script.load_throws);
  visit("load_gate", script.load_gate);
  visit("load_delay", script.load_delay);
  visit("runs_max", script.runs_max);
}

}  // namespace

absl::StatusOr<FakeScript> ParseFakeScript(
    const std::map<std::string, std::string>& options) {
  FakeScript script;
  // In a text, `waits_at` alone means that run and no other.
  if (options.count("waits_at") > 0) script.waits.every = 0;
  size_t num_known = 0;
  std::string wrong;
  VisitFields(script, [&](const std::string& name, auto& field) {
    const auto option = options.find(name);
    if (option == options.end()) return;
    ++num_known;
    if (!Parse(option->second, field)) wrong = name;
  });
  if (!wrong.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "wrong value of backend option ", wrong, ": ", options.at(wrong)));
  }
  if (num_known == options.size()) return script;
  auto unknown = options;
  VisitFields(script,
              [&](const std::string& name, auto&) { unknown.erase(name); });
  return absl::InvalidArgumentError(
      absl::StrCat("unknown backend option: ", unknown.begin()->first));
}

}  // namespace weir
