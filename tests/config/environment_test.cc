#include "config/environment.h"

#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/ascii.h"
#include "config/config_fields.h"
#include "config/config_yaml.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

std::string ErrorOf(const Environment& environment,
                    const std::string& text = "") {
  const auto config = ParseConfig("w.yaml", text, environment);
  return config.ok() ? "accepted" : std::string(config.status().message());
}

// Calls `visitor(variable, kind)` for every row of the table that has one.
template <typename Struct, typename Visitor>
void ForEachVariable(const std::string& prefix, const Struct& value,
                     const Visitor& visitor) {
  ForEachField<Struct>([&](const auto& field) {
    const std::string name = prefix + "_" + absl::AsciiStrToUpper(field.name);
    if constexpr (std::is_same_v<decltype(field.kind), GroupKind>) {
      ForEachVariable(name, value.*field.member, visitor);
    } else {
      visitor(name, field.kind);
    }
  });
}

TEST(EnvironmentTest, StandsAboveTheFileWhichStandsAboveTheDefault) {
  const auto config = ParseConfig(
      "w.yaml", "queue: {requests_max: 7, look_ahead_max: 8}",
      {{"WEIR_QUEUE_REQUESTS_MAX", "100"}, {"WEIR_DRAIN_DEADLINE", "5s"}});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->queue.requests_max, 100);
  EXPECT_EQ(config->queue.look_ahead_max, 8);
  EXPECT_EQ(config->drain.deadline, std::chrono::seconds(5));
  EXPECT_EQ(config->drain.grace, Config{}.drain.grace);
}

TEST(EnvironmentTest, ReplacesAListByOneYamlValue) {
  const auto config =
      ParseConfig("w.yaml", "devices: [{device: cpu}, {device: mps}]",
                  {{"WEIR_DEVICES", "[{device: cuda:0, slots: 4}]"}});
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->devices.size(), 1U);
  EXPECT_EQ(config->devices[0].device, "cuda:0");
  EXPECT_THAT(ErrorOf({{"WEIR_DEVICES", "[{slots: 0}]"}}),
              HasSubstr("WEIR_DEVICES:1:10: devices[0].slots: out of bounds"));
}

// R47
TEST(EnvironmentTest, RefusesABadValueOfEveryKnobByName) {
  int num_knobs = 0;
  ForEachVariable(
      "WEIR", Config{}, [&](const std::string& name, const auto& kind) {
        ++num_knobs;
        std::vector<std::string> bad = {
            "",         "abc",   "-1",  "1e9", "99999999999999999999",
            "0x10",     "010 ",  "nan", "[",   "5 apples",
            "\x01\xFF", "{a: b}"};
        if constexpr (std::is_same_v<std::decay_t<decltype(kind)>, TextKind>) {
          bad = {"\x01", "\xFF", std::string(5000, 'x')};
        }
        if constexpr (std::is_same_v<std::decay_t<decltype(kind)>,
                                     TextMapKind>) {
          bad.back() = "{a b: c}";  // a map of names and texts is right there
        }
        for (const std::string& value : bad) {
          EXPECT_THAT(ErrorOf({{name, value}}), StartsWith(name + ":"))
              << value;
        }
      });
  EXPECT_GE(num_knobs, 13);
}

// Whether the value is in the bounds of its own knob.
bool IsWithin(const std::string& name, const std::string& value) {
  Config config;
  Origins origins;
  Problems problems;
  ApplyEnvironment({{name, value}}, config, origins, problems);
  return problems.empty();
}

struct BoundsCheck {
  template <typename Kind>
  void operator()(const std::string&, const Kind&) const {}
  void operator()(const std::string& name,
                  const WholeNumberKind<int>& kind) const {
    Expect(name, kind, kind.min - 1, kind.min, kind.max, kind.max + 1);
  }
  void operator()(const std::string& name, const SizeKind& kind) const {
    Expect(name, kind, kind.min - 1, kind.min, kind.max, kind.max + 1);
  }
  void operator()(const std::string& name, const TimeKind& kind) const {
    const Duration step(1);
    EXPECT_TRUE(IsWithin(name, kind.Print(kind.min))) << name;
    EXPECT_TRUE(IsWithin(name, kind.Print(kind.max))) << name;
    EXPECT_FALSE(IsWithin(name, kind.Print(kind.max + step))) << name;
    if (kind.min == Duration::zero()) return;
    EXPECT_FALSE(IsWithin(name, kind.Print(kind.min - step))) << name;
  }

  template <typename Kind, typename Value>
  static void Expect(const std::string& name, const Kind& kind, Value below,
                     Value min, Value max, Value above) {
    EXPECT_FALSE(IsWithin(name, kind.Print(below))) << name;
    EXPECT_TRUE(IsWithin(name, kind.Print(min))) << name;
    EXPECT_TRUE(IsWithin(name, kind.Print(max))) << name;
    EXPECT_FALSE(IsWithin(name, kind.Print(above))) << name;
  }
};

// R47
TEST(EnvironmentTest, TakesBothBoundsOfEveryKnobAndNothingBeyond) {
  ForEachVariable("WEIR", Config{}, BoundsCheck{});
}

// R47
TEST(EnvironmentTest, SaysTheKnobAndWhatIsAllowed) {
  EXPECT_EQ(ErrorOf({{"WEIR_QUEUE_REQUESTS_MAX", "1e9"}}),
            "WEIR_QUEUE_REQUESTS_MAX: queue.requests_max: not a whole number; "
            "got \"1e9\"; allowed: 1 to 1048576");
}

// R47
TEST(EnvironmentTest, RefusesAnUnknownVariableAndNamesTheNearest) {
  EXPECT_EQ(ErrorOf({{"WEIR_QUEUE_REQESTS_MAX", "1"}}),
            "WEIR_QUEUE_REQESTS_MAX: unknown variable; no knob has this name; "
            "did you mean \"WEIR_QUEUE_REQUESTS_MAX\"?");
  EXPECT_THAT(ErrorOf({{"WEIR_", "1"}}), HasSubstr("unknown variable"));
  EXPECT_THAT(ErrorOf({{"WEIR_QUEUE", "{}"}}), HasSubstr("unknown variable"));
}

TEST(EnvironmentTest, LooksAtNoOtherVariable) {
  EXPECT_EQ(ErrorOf({{"PATH", "x"}, {"MY_WEIR_X", "1"}, {"weir_x", "1"}}),
            "accepted");
}

TEST(EnvironmentTest, HasOneVariableForEachKnob) {
  const std::vector<std::string> names = EnvironmentNames();
  const std::set<std::string> unique(names.begin(), names.end());
  EXPECT_EQ(unique.size(), names.size());
  ForEachVariable("WEIR", Config{}, [&](const std::string& name, const auto&) {
    EXPECT_THAT(names, Contains(name));
  });
  EXPECT_THAT(names, Contains("WEIR_QUEUE_REQUESTS_MAX"));
}

TEST(EnvironmentTest, IsNamedInAContradiction) {
  EXPECT_EQ(ErrorOf({{"WEIR_QUEUE_TOTAL_REQUESTS_MAX", "5"}},
                    "queue: {requests_max: 6}"),
            "w.yaml:1:23: queue.requests_max: more than "
            "queue.total_requests_max, which is 5 "
            "(WEIR_QUEUE_TOTAL_REQUESTS_MAX); got \"6\"");
  EXPECT_THAT(ErrorOf({{"WEIR_QUEUE_TOTAL_REQUESTS_MAX", "5"}}),
              StartsWith("WEIR_QUEUE_TOTAL_REQUESTS_MAX: "));
}

TEST(EnvironmentTest, CapturesWeirVariablesOnly) {
  ASSERT_EQ(setenv("WEIR_DRAIN_GRACE", "1s=", 1), 0);
  ASSERT_EQ(setenv("NOT_WEIR", "x", 1), 0);
  const Environment environment = CaptureEnvironment();
  unsetenv("WEIR_DRAIN_GRACE");
  unsetenv("NOT_WEIR");
  EXPECT_EQ(environment.at("WEIR_DRAIN_GRACE"), "1s=");
  EXPECT_EQ(environment.count("NOT_WEIR"), 0U);
  EXPECT_EQ(CaptureEnvironment().count("WEIR_DRAIN_GRACE"), 0U);
}

}  // namespace
}  // namespace weir
