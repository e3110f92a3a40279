#include "config/config_yaml.h"

#include <chrono>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  const auto config = ParseConfig("w.yaml", text);
  return config.ok() ? "accepted" : std::string(config.status().message());
}

Config Parsed(const std::string& text) {
  const auto config = ParseConfig("w.yaml", text);
  EXPECT_TRUE(config.ok()) << config.status();
  return config.value_or(Config{});
}

TEST(ConfigTest, IsAllDefaultsWhereNothingIsWritten) {
  EXPECT_EQ(Parsed(""), Config{});
  EXPECT_EQ(Parsed("# nothing\n"), Config{});
  EXPECT_EQ(Parsed("queue:\ndrain: {}\n"), Config{});
}

TEST(ConfigTest, TakesWhatIsWrittenAndKeepsTheOtherDefaults) {
  Config expected;
  expected.queue.requests_max = 64;
  expected.queue.bytes_max = 64 * kMebibyte;
  expected.drain.grace = std::chrono::milliseconds(250);
  expected.overload.status = OverloadStatus::kUnavailable;
  EXPECT_EQ(Parsed("queue: {requests_max: 64, bytes_max: 64MiB}\n"
                   "drain:\n  grace: 250ms\n"
                   "overload: {status: unavailable}\n"),
            expected);
}

TEST(ConfigTest, ReplacesTheListOfDevices) {
  const Config config = Parsed(
      "devices:\n"
      "  - {device: cuda:0, slots: 4}\n"
      "  - {device: fake:1, slots: auto}\n");
  ASSERT_EQ(config.devices.size(), 2U);
  EXPECT_EQ(config.devices[0], (DeviceConfig{.device = "cuda:0", .slots = 4}));
  EXPECT_EQ(config.devices[1], (DeviceConfig{.device = "fake:1"}));
}

// SEC-19
TEST(ConfigTest, RefusesAnUnknownKeyAndNamesTheNearest) {
  EXPECT_EQ(ErrorOf("drain: {}\nqeue: {}\n"),
            "w.yaml:2:1: qeue: unknown key; allowed: listen, models, "
            "backend, devices, queue, overload, limits, drain, log; did you "
            "mean \"queue\"?");
  EXPECT_EQ(ErrorOf("drain:\n  zebra: 1\n"),
            "w.yaml:2:3: drain.zebra: unknown key; allowed: grace, deadline");
  EXPECT_THAT(ErrorOf("devices: [{slot: 1}]"),
              HasSubstr("w.yaml:1:12: devices[0].slot: unknown key"));
}

TEST(ConfigTest, DoesNotKnowAKnobThatNothingMakesReal) {
  for (const char* key : {"tls", "tokens", "cache"}) {
    EXPECT_THAT(ErrorOf(std::string(key) + ": {}"), HasSubstr("unknown key"));
  }
  EXPECT_THAT(ErrorOf("overload: {codel_target: 5ms}"),
              HasSubstr("unknown key"));
}

TEST(ConfigTest, ListensToOtherMachinesOnlyWhereThatWasSaid) {
  EXPECT_THAT(ErrorOf("listen:\n  grpc: [localhost:1, '*:8001']\n"),
              HasSubstr("w.yaml:2:23: listen.grpc[1]: other machines reach"));
  EXPECT_THAT(ErrorOf("listen: {http: 192.0.2.1:8002}"),
              HasSubstr("listen.http[0]: other machines reach"));
  EXPECT_EQ(ErrorOf("listen: {grpc: '[::]:1', insecure_allow_remote: true}"),
            "accepted");
  EXPECT_EQ(ErrorOf("listen: {grpc: 'unix:/w', http: []}"), "accepted");
}

TEST(ConfigTest, SaysWhatAnAddressLooksLike) {
  EXPECT_EQ(ErrorOf("listen: {grpc: example.org:8001}"),
            "w.yaml:1:16: listen.grpc: no address; got "
            "\"example.org:8001\"; allowed: ADDRESS:PORT, [ADDRESS]:PORT, "
            "localhost:PORT, *:PORT, unix:/PATH");
}

// SEC-19
TEST(ConfigTest, RefusesADuplicateKeyWithItsLine) {
  EXPECT_EQ(ErrorOf("queue:\n  requests_max: 1\n  requests_max: 2\n"),
            "w.yaml:3:3: queue.requests_max: this key is written twice, first "
            "in line 2");
}

// SEC-19
TEST(ConfigTest, RefusesTheWrongKindOfValue) {
  EXPECT_EQ(ErrorOf("queue: [1, 2]"),
            "w.yaml:1:8: queue: a map is needed; got a list of 2; allowed: "
            "keys with their values");
  EXPECT_EQ(ErrorOf("devices: auto"),
            "w.yaml:1:10: devices: a list is needed; got \"auto\"; allowed: 1 "
            "to 64 entries");
  EXPECT_EQ(ErrorOf("queue: {requests_max: {a: 1}}"),
            "w.yaml:1:23: queue.requests_max: one value is needed; got a map; "
            "allowed: 1 to 1048576");
  EXPECT_EQ(ErrorOf("queue: {requests_max: }"),
            "w.yaml:1:23: queue.requests_max: one value is needed; got "
            "nothing; allowed: 1 to 1048576");
  EXPECT_EQ(ErrorOf("devices: [auto]"),
            "w.yaml:1:11: devices[0]: a map is needed; got \"auto\"; allowed: "
            "keys with their values");
  EXPECT_THAT(ErrorOf("text"), HasSubstr("w.yaml:1:1: a map is needed"));
}

// R46 absent: nothing here traces or profiles libtorch, so nothing switches it
// on.
TEST(ConfigTest, KnowsNoProfiler) {
  for (const char* key : {"profile", "profiler", "trace", "tracing"}) {
    EXPECT_THAT(ErrorOf("backend: {" + std::string(key) + ": true}"),
                HasSubstr("unknown key"));
  }
}

// R47
TEST(ConfigTest, RefusesANumberInQuotes) {
  EXPECT_EQ(ErrorOf("queue: {requests_max: \"5\"}"),
            "w.yaml:1:23: queue.requests_max: quotes make it text; got \"5\"; "
            "allowed: 1 to 1048576");
}

// R47
TEST(ConfigTest, RefusesANumberThatYamlWouldTakeForOctal) {
  EXPECT_EQ(ErrorOf("queue: {requests_max: 010}"),
            "w.yaml:1:23: queue.requests_max: not a whole number; got "
            "\"010\"; allowed: 1 to 1048576");
}

// R03
TEST(ConfigTest, RefusesSlotsThatArePointlessAndTakesMany) {
  EXPECT_EQ(ErrorOf("devices: [{slots: 0}]"),
            "w.yaml:1:19: devices[0].slots: out of bounds; got \"0\"; allowed: "
            "auto, or 1 to 1024");
  EXPECT_THAT(ErrorOf("devices: [{slots: -1}]"), HasSubstr("out of bounds"));
  EXPECT_THAT(ErrorOf("devices: [{slots: 1025}]"), HasSubstr("out of bounds"));
  EXPECT_EQ(Parsed("devices: [{slots: 64}]").devices[0].slots, 64);
  EXPECT_EQ(Parsed("devices: [{slots: 1024}]").devices[0].slots, 1024);
}

TEST(ConfigTest, RefusesNoDeviceAndTooManyDevices) {
  EXPECT_THAT(ErrorOf("devices: []"), HasSubstr("the wrong number of entries"));
  std::string list = "devices: [";
  for (int i = 0; i < 64; ++i) {
    list += "{device: fake:" + std::to_string(i) + "},";
  }
  EXPECT_EQ(ErrorOf(list + "]"), "accepted");
  EXPECT_THAT(ErrorOf(list + "{device: cpu}]"), HasSubstr("a list of 65"));
}

TEST(ConfigTest, RefusesADeviceThatIsListedTwice) {
  EXPECT_EQ(ErrorOf("devices:\n- {device: cpu}\n- {device: cpu}\n"),
            "w.yaml:3:12: devices[1].device: the same as devices[0].device; "
            "got \"cpu\"");
}

TEST(ConfigTest, RefusesAutoBesideAnotherDevice) {
  const std::string reason = "auto chooses one device and stands alone";
  EXPECT_THAT(ErrorOf("devices: [{device: cpu}, {}]"), HasSubstr(reason));
  EXPECT_THAT(ErrorOf("devices: [{device: auto}, {device: cpu}]"),
              HasSubstr(reason));
}

TEST(ConfigTest, RefusesAQueueLargerThanAllTogether) {
  EXPECT_EQ(ErrorOf("queue: {requests_max: 2048}"), "accepted");
  EXPECT_EQ(ErrorOf("queue: {requests_max: 2049}"),
            "w.yaml:1:23: queue.requests_max: more than "
            "queue.total_requests_max, which is 2048 (default); got \"2049\"");
  EXPECT_EQ(ErrorOf("queue: {total_bytes_max: 1KiB}"),
            "w.yaml:1:26: queue.total_bytes_max: less than queue.bytes_max, "
            "which is 128MiB by default; set both; got \"1KiB\"");
  EXPECT_EQ(ErrorOf("queue:\n  bytes_max: 2KiB\n  total_bytes_max: 1KiB\n"),
            "w.yaml:2:14: queue.bytes_max: more than queue.total_bytes_max, "
            "which is 1KiB (w.yaml:3:20); got \"2KiB\"");
}

TEST(ConfigTest, CutsAndEscapesWhatItQuotes) {
  const std::string error =
      ErrorOf("queue: {requests_max: \"" + std::string(5000, 'x') + "\\n\"}");
  EXPECT_THAT(error, HasSubstr("got \"" + std::string(77, 'x') + "...\""));
  EXPECT_THAT(ErrorOf("queue: {\"a\\nb\": 1}"), HasSubstr("queue.a\\nb: "));
}

}  // namespace
}  // namespace weir
