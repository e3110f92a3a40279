#include "server/telemetry/status_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/telemetry/status_scenes.h"

namespace weir {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string PageOf(const StatusScene& scene) {
  return StatusPage(scene.snapshot, scene.lanes);
}

// The outline of one slot with that history.
std::string OutlineOf(const SlotHistory::Percents& percents) {
  TelemetrySnapshot snapshot;
  snapshot.devices = {{.name = "cpu", .slots = {{}}}};
  const std::string page = StatusPage(snapshot, {{"cpu", {percents}}});
  const size_t start = page.find(" d=\"") + 4;
  return page.substr(start, page.find('"', start) - start);
}

TEST(StatusPageTest, ShowsTheServer) {
  EXPECT_THAT(
      PageOf(BusyScene()),
      AllOf(HasSubstr("<title>weir: Ready</title>"),
            HasSubstr("<span class=\"soft\">0.1.0</span></h1>"),
            HasSubstr("<dt>Up for</dt><dd>3 h 12 min</dd>"),
            HasSubstr("<dt>Accepted</dt><dd>187,345</dd>"),
            HasSubstr("<dt>Answered</dt><dd>187,318</dd>"),
            HasSubstr("<dt>In flight</dt><dd>27<small>5.1 MiB</small>"),
            HasSubstr("<dt>Refused</dt><dd>414<small>3 invalid, 411 model "
                      "requests</small>"),
            Not(HasSubstr("<dt>Lost</dt>"))));
}

TEST(StatusPageTest, SaysHowTheServerIs) {
  EXPECT_THAT(PageOf(EmptyScene()), HasSubstr("class=\"bad\">Not ready</p>"));
  EXPECT_THAT(PageOf(HostileScene()),
              AllOf(HasSubstr("class=\"warn\">Draining</p>"),
                    HasSubstr("<dt>Lost</dt><dd>1<small>")));
}

TEST(StatusPageTest, SaysThatThereIsNothing) {
  EXPECT_THAT(PageOf(EmptyScene()),
              AllOf(HasSubstr("There is no model."),
                    HasSubstr("There is no device."), Not(HasSubstr("<svg"))));
}

TEST(StatusPageTest, ShowsEachModelAndItsVersions) {
  EXPECT_THAT(
      PageOf(BusyScene()),
      AllOf(HasSubstr(">unet</th>"),
            HasSubstr("<span class=\"version good\">ready</span> <span "
                      "class=\"soft\">version 3</span>"),
            HasSubstr("<span class=\"version warn\">draining</span> <span "
                      "class=\"soft\">version 2</span>"),
            HasSubstr("data-label=\"Queue\">4 of 512</td>"),
            HasSubstr("data-label=\"Estimated wait\">1.5 s</td>"),
            HasSubstr("data-label=\"Requests\">35,284</td>"),
            HasSubstr("data-label=\"Errors\">8</td>")));
}

TEST(StatusPageTest, ShowsEachDeviceAndItsSlots) {
  EXPECT_THAT(PageOf(HostileScene()),
              HasSubstr("class=\"bad\">retired</span>"));
  EXPECT_THAT(PageOf(BusyScene()),
              AllOf(HasSubstr("<h3>mps</h3><p>2 of 4 slots in use</p><p>2 wait "
                              "for a slot</p><p class=\"soft\">memory "
                              "allocated: 1.4 GiB</p>"),
                    HasSubstr("\"Slot 2: busy 57 % of the last 60 seconds\""),
                    HasSubstr("<ol class=\"lanes\"")));
  EXPECT_THAT(PageOf(WideScene()),
              AllOf(HasSubstr("\"Slot 2: busy 86 % of the last 20 seconds\""),
                    HasSubstr("<ol class=\"lanes many\"")));
}

TEST(StatusPageTest, DrawsAStepForEachChangeWithTheNewestAtTheRight) {
  EXPECT_EQ(OutlineOf({}), "M60 100H60V100Z");
  EXPECT_EQ(OutlineOf(SlotHistory::Percents(60, 0)), "M0 100H60V100Z");
  EXPECT_EQ(OutlineOf({0, 25, 25, 100}), "M56 100H57V75H59V0H60V100Z");
}

// SEC-13
TEST(StatusPageTest, EscapesAndCutsWhatOthersWrote) {
  StatusScene scene = HostileScene();
  EXPECT_THAT(
      PageOf(scene),
      AllOf(HasSubstr("&lt;img src=x onerror=alert(1)&gt; "
                      "&quot;quoted&quot; &#39;single&#39; &amp; "
                      "\\r\\nforged line\\x1b[2J \\xff\\xfe"),
            Not(HasSubstr("<img")), Not(HasSubstr("alert(1)</script"))));
  const size_t before = PageOf(scene).size();
  scene.snapshot.devices[0].name = std::string(1 << 20, 'x');
  scene.snapshot.models[0].versions[0].why = std::string(1 << 20, 'x');
  EXPECT_LT(PageOf(scene).size(), before + 4096);
}

}  // namespace
}  // namespace weir
