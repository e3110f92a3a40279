#include "config/problems.h"

#include <algorithm>
#include <string>

#include "config/config_yaml.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string ErrorOf(const std::string& text,
                    const Environment& environment = {}) {
  const auto config = ParseConfig("w.yaml", text, environment);
  return config.ok() ? "accepted" : std::string(config.status().message());
}

std::string ModelErrorOf(const std::string& text) {
  const auto model = ParseModelConfig("m.yaml", text);
  return model.ok() ? "accepted" : std::string(model.status().message());
}

TEST(ProblemsTest, AreNoneWhereAllIsOk) {
  Problems problems;
  problems.Add(absl::OkStatus());
  EXPECT_TRUE(problems.empty());
  EXPECT_TRUE(problems.ToStatus().ok());
}

TEST(ProblemsTest, AreAllToldInTheirOrder) {
  EXPECT_EQ(
      ErrorOf("qeue: {}\n"
              "queue: {requests_max: 0, bytes_max: x}\n"
              "devices: [{slots: 0}, 7, {on_lost: no}]\n",
              {{"WEIR_DRAIN_GRACE", "5"}, {"WEIR_X", "1"}}),
      "w.yaml:1:1: qeue: unknown key; allowed: listen, models, backend, "
      "devices, queue, overload, limits, drain, log; did you mean "
      "\"queue\"?\n"
      "w.yaml:2:23: queue.requests_max: out of bounds; got \"0\"; "
      "allowed: 1 to 1048576\n"
      "w.yaml:2:37: queue.bytes_max: not a size with its unit (B, KiB, MiB, "
      "GiB, TiB); got \"x\"; allowed: 1KiB to 1TiB\n"
      "w.yaml:3:19: devices[0].slots: out of bounds; got \"0\"; allowed: "
      "auto, or 1 to 1024\n"
      "w.yaml:3:23: devices[1]: a map is needed; got \"7\"; allowed: "
      "keys with their values\n"
      "w.yaml:3:36: devices[2].on_lost: not one of the names; got "
      "\"no\"; allowed: exit, stay\n"
      "WEIR_X: unknown variable; no knob has this name\n"
      "WEIR_DRAIN_GRACE: drain.grace: not a duration with its unit (ns, "
      "us, ms, s, min, h); got \"5\"; allowed: 0s to 1h");
}

TEST(ProblemsTest, BetweenFieldsAreAllTold) {
  EXPECT_EQ(ErrorOf("listen: {grpc: ['*:1'], http: ['*:2']}\n"
                    "queue: {requests_max: 9, total_requests_max: 8}\n"
                    "devices: [{device: cpu}, {device: cpu}]\n"),
            "w.yaml:2:23: queue.requests_max: more than "
            "queue.total_requests_max, which is 8 (w.yaml:2:46); got \"9\"\n"
            "w.yaml:1:17: listen.grpc[0]: other machines reach this, and "
            "anyone there could use it; listen on localhost or a unix socket, "
            "or set listen.insecure_allow_remote: true; got \"*:1\"\n"
            "w.yaml:1:32: listen.http[0]: other machines reach this, and "
            "anyone there could use it; listen on localhost or a unix socket, "
            "or set listen.insecure_allow_remote: true; got \"*:2\"\n"
            "w.yaml:3:35: devices[1].device: the same as devices[0].device; "
            "got \"cpu\"");
}

TEST(ProblemsTest, OfOneFieldCauseNoneBetweenFields) {
  EXPECT_THAT(ErrorOf("queue: {requests_max: 9000, total_requests_max: 9e9}\n"),
              Not(HasSubstr("\n")));
}

TEST(ProblemsTest, OfAModelAreAllTold) {
  EXPECT_EQ(ModelErrorOf("batch: {delay_max: 1}\n"
                         "inputs: [{name: x, shape: [a, b]}]\n"
                         "weight: 0\n"),
            "m.yaml:1:20: batch.delay_max: not a duration with its unit (ns, "
            "us, ms, s, min, h); got \"1\"; allowed: 0s to 1min\n"
            "m.yaml:1:8: batch.rows_max: this key is required; allowed: 1 to "
            "65536\n"
            "m.yaml:2:28: inputs[0].shape[0]: not a whole number; got \"a\"; "
            "allowed: -1 to 2147483647\n"
            "m.yaml:2:31: inputs[0].shape[1]: not a whole number; got \"b\"; "
            "allowed: -1 to 2147483647\n"
            "m.yaml:2:10: inputs[0].datatype: this key is required; allowed: "
            "BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, "
            "FP16, FP32, FP64, BF16, BYTES\n"
            "m.yaml:3:9: weight: out of bounds; got \"0\"; allowed: 0.001 to "
            "1000");
}

TEST(ProblemsTest, OfARangeAreNotToldTwice) {
  EXPECT_THAT(ModelErrorOf("inputs: [{name: x, datatype: INT8, shape: [1], "
                           "values: [5, x]}]"),
              Not(HasSubstr("\n")));
}

TEST(ProblemsTest, BetweenFieldsOfAModelAreAllTold) {
  EXPECT_EQ(
      ModelErrorOf("batch: {rows_max: 2}\n"
                   "inputs: [{name: x, datatype: FP32, shape: [3], values: [0, "
                   "1]}]\n"
                   "warm_up: [3, 4]\n"),
      "m.yaml:2:43: inputs[0].shape: dimension 0 is the batch, so it must be "
      "-1 where there is a batch; got \"3\"\n"
      "m.yaml:2:56: inputs[0].values: only an integer input may have values; "
      "got \"FP32 in inputs\"\n"
      "m.yaml:3:11: warm_up[0]: more than batch.rows_max, which is 2; got "
      "\"3\"\n"
      "m.yaml:3:14: warm_up[1]: more than batch.rows_max, which is 2; got "
      "\"4\"");
}

TEST(ProblemsTest, AreBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  const std::string error = ErrorOf(text);
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'),
            static_cast<int>(Problems::kMax));
  EXPECT_THAT(error, HasSubstr("k19: unknown key"));
  EXPECT_THAT(error, HasSubstr("\nthere is more; mend these first"));
}

}  // namespace
}  // namespace weir
