#include "server/telemetry/status_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/telemetry/status_scenes.h"

namespace weir {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(StatusJsonTest, TellsOfTheServer) {
  TelemetrySnapshot snapshot;
  snapshot.version = "1.2.3";
  snapshot.ready = true;
  snapshot.uptime = std::chrono::milliseconds(1500);
  snapshot.accepted = 9;
  snapshot.answered = 7;
  snapshot.lost_answers = 1;
  snapshot.inflight_bytes = 64;
  snapshot.refused = {{"invalid", 3}, {"draining", 0}};
  EXPECT_EQ(StatusJson(snapshot, {}),
            R"({"server":{"name":"weir","version":"1.2.3","state":"ready",)"
            R"("uptime_seconds":1.500000},"requests":{"accepted":9,)"
            R"("answered":7,"lost":1,"inflight_bytes":64,)"
            R"("refused":{"invalid":3,"draining":0}},)"
            "\"models\":[],\"devices\":[]}\n");
}

TEST(StatusJsonTest, TellsOfItsModels) {
  TelemetrySnapshot snapshot;
  snapshot.models = {{.name = "m",
                      .versions = {{.version = 2,
                                    .state = "failed",
                                    .why = "no \"file\"\n",
                                    .load_time = std::chrono::seconds(1)}},
                      .queue_requests = 1,
                      .queue_bytes = 2,
                      .queue_limit_requests = 3,
                      .queue_limit_bytes = 4,
                      .estimated_wait = std::chrono::milliseconds(250),
                      .requests = 5,
                      .errors = 6}};
  EXPECT_THAT(
      StatusJson(snapshot, {}),
      HasSubstr(R"("models":[{"name":"m","requests":5,"errors":6,)"
                R"("estimated_wait_seconds":0.250000,"queue":{"requests":1,)"
                R"("requests_max":3,"bytes":2,"bytes_max":4},"versions":[)"
                R"({"version":2,"state":"failed","why":"no \"file\"\\n",)"
                R"("load_seconds":1.000000}]}])"));
}

TEST(StatusJsonTest, TellsOfItsDevicesAndTheirLastMinute) {
  TelemetrySnapshot snapshot;
  snapshot.devices = {{.name = "cpu",
                       .slots = {{.stream = "s",
                                  .leased = true,
                                  .leases = 1,
                                  .failures = 2,
                                  .rows = 3,
                                  .busy = std::chrono::seconds(4)},
                                 {.in_service = false}},
                       .num_waiters = 5,
                       .memory_bytes = {{"allocated", 6}}}};
  EXPECT_THAT(
      StatusJson(snapshot, {{"cpu", {{0, 50, 100}}}}),
      HasSubstr(
          R"("devices":[{"name":"cpu","waiters":5,"memory_bytes":)"
          R"({"allocated":6},"slots":[{"slot":0,"stream":"s","leased":true,)"
          R"("in_service":true,"leases":1,"failures":2,"rows":3,)"
          R"("busy_seconds":4.000000,"busy_percents":[0,50,100]},)"
          R"({"slot":1,"stream":"","leased":false,"in_service":false,)"
          R"("leases":0,"failures":0,"rows":0,"busy_seconds":0.000000,)"
          R"("busy_percents":[]}]}]})"));
}

TEST(StatusJsonTest, SaysInOneWordHowTheServerIs) {
  TelemetrySnapshot snapshot;
  EXPECT_THAT(StatusJson(snapshot, {}), HasSubstr("\"state\":\"not_ready\""));
  snapshot.ready = true;
  EXPECT_THAT(StatusJson(snapshot, {}), HasSubstr("\"state\":\"ready\""));
  snapshot.draining = true;
  EXPECT_THAT(StatusJson(snapshot, {}), HasSubstr("\"state\":\"draining\""));
}

// SEC-13: what others wrote neither ends a text nor is without an end.
TEST(StatusJsonTest, EscapesAndCutsWhatOthersWrote) {
  TelemetrySnapshot snapshot = HostileScene().snapshot;
  snapshot.devices[0].name = std::string(1 << 20, 'x');
  snapshot.models[0].versions[0].why = std::string(1 << 20, 'x');
  const std::string json = StatusJson(snapshot, {});
  EXPECT_THAT(json, Not(HasSubstr("\x1b")));
  EXPECT_THAT(json, Not(HasSubstr("\xff")));
  EXPECT_EQ(json.find('\n'), json.size() - 1);
  EXPECT_LT(json.size(), 8000U);
}

}  // namespace
}  // namespace weir
