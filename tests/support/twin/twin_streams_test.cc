#include <c10/core/Event.h>

#include <future>
#include <set>
#include <string>
#include <vector>

#include "sync/thread.h"
#include "tests/support/twin/twin_rig.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint32_t kSoonMs = 20000;

class TwinStreamsTest : public TwinTest {
 protected:
  static std::set<int64_t> TakeStreams(int num) {
    std::set<int64_t> streams;
    for (int i = 0; i < num; ++i) streams.insert(NewStream().id());
    return streams;
  }
};

TEST_F(TwinStreamsTest, GivesOneStreamForEver) {
  EXPECT_THAT(TakeStreams(40), ElementsAre(0));
}

TEST_F(TwinStreamsTest, Gives32StreamsAndThenTheSameAgain) {
  Configure("streams=wrap32");
  EXPECT_EQ(TakeStreams(32).size(), 32U);
  EXPECT_EQ(NewStream().id(), 1);
  EXPECT_EQ(TakeStreams(100).size(), 32U);
}

TEST_F(TwinStreamsTest, Gives31StreamsAndThenThrows) {
  Configure("streams=throw31");
  EXPECT_EQ(TakeStreams(31).size(), 31U);
  EXPECT_THAT(Thrown([] { NewStream(); }), HasSubstr("exhausted"));
}

TEST_F(TwinStreamsTest, TakesTheStreamsBackWhenTheirThreadEnds) {
  Configure("streams=throw31");
  for (int i = 0; i < 3; ++i) {
    Thread("taker", [] { EXPECT_EQ(TakeStreams(31).size(), 31U); });
  }
  EXPECT_EQ(TakeStreams(31).size(), 31U);
}

TEST_F(TwinStreamsTest, TakesNoStreamOfAnEarlierPoolBack) {
  Configure("streams=throw31");
  std::string thrown;
  Thread holder;
  Thread earlier("earlier", [&] {
    TakeStreams(31);
    Configure("streams=block31");
    holder = Thread("holder", [&] {
      TakeStreams(31);
      thrown = Thrown([] { NewStream(); });
    });
    EXPECT_EQ(twin_.await_blocked(1, kSoonMs), 1);
  });
  earlier.Join();
  EXPECT_EQ(Status().num_blocked, 1U);
  twin_.release();
  holder.Join();
  EXPECT_THAT(thrown, HasSubstr("exhausted"));
}

TEST_F(TwinStreamsTest, TakesBackOnlyWhatIsOfTheCurrentPool) {
  Configure("streams=throw31");
  std::promise<void> has_all;
  std::string thrown;
  Thread holder;
  Thread both("both", [&] {
    TakeStreams(31);
    Configure("streams=block31");
    NewStream();
    holder = Thread("holder", [&] {
      TakeStreams(31);
      has_all.set_value();
      thrown = Thrown([] { NewStream(); });
    });
    EXPECT_EQ(twin_.await_blocked(1, kSoonMs), 1);
  });
  both.Join();
  has_all.get_future().wait();
  EXPECT_EQ(twin_.await_blocked(1, 1000), 1);
  twin_.release();
  holder.Join();
  EXPECT_THAT(thrown, HasSubstr("exhausted"));
}

TEST_F(TwinStreamsTest, BlocksTheOneWhoAsksForA32ndUntilReleased) {
  Configure("streams=block31");
  TakeStreams(31);
  std::string thrown;
  Thread blocked("blocked", [&] { thrown = Thrown([] { NewStream(); }); });
  EXPECT_EQ(twin_.await_blocked(1, kSoonMs), 1);
  EXPECT_EQ(Status().num_blocked, 1U);
  twin_.release();
  blocked.Join();
  EXPECT_THAT(thrown, HasSubstr("exhausted"));
}

TEST_F(TwinStreamsTest, GivesTheBlockedOneAStreamWhenAnothersThreadEnds) {
  Configure("streams=block31");
  int64_t stream = 0;
  Thread blocked;
  Thread taker("taker", [&] {
    TakeStreams(31);
    blocked = Thread("blocked", [&] { stream = NewStream().id(); });
    EXPECT_EQ(twin_.await_blocked(1, kSoonMs), 1);
  });
  taker.Join();
  blocked.Join();
  EXPECT_GE(stream, 1);
}

TEST_F(TwinStreamsTest, HasACurrentStreamPerThread) {
  Configure("streams=wrap32");
  const c10::StreamGuard guard(NewStream());
  EXPECT_EQ(Guard().getStream(Device()).id(), 1);
  Thread("other", [] { EXPECT_EQ(Guard().getStream(Device()).id(), 0); });
}

// The whole ladder: what is there to wait with, rung by rung.
TEST_F(TwinStreamsTest, ThrowsAsTheBaseClassWhereItCannotSynchroniseAStream) {
  EXPECT_EQ(Thrown([] { Guard().synchronizeStream(NewStream()); }),
            "Backend doesn't support synchronizing streams.");
  EXPECT_EQ(Thrown([] { Guard().queryStream(NewStream()); }),
            "Backend doesn't support querying streams.");
  Configure("sync_stream=works");
  EXPECT_NO_THROW(NewStream().synchronize());
  EXPECT_TRUE(NewStream().query());
}

TEST_F(TwinStreamsTest, ThrowsAsTheBaseClassWhereItHasNoEvents) {
  c10::Event event(Device().type());
  EXPECT_NO_THROW(event.record(NewStream()));
  EXPECT_NO_THROW(event.synchronize());
  EXPECT_TRUE(event.query());
  Configure("events=throws");
  EXPECT_EQ(Thrown([&] { event.record(NewStream()); }),
            "Backend doesn't support events.");
  EXPECT_EQ(Thrown([&] { event.synchronize(); }),
            "Backend doesn't support synchronizing events.");
}

TEST_F(TwinStreamsTest, ThrowsAsTheBaseClassWhereItCannotSynchroniseItself) {
  EXPECT_NO_THROW(Guard().synchronizeDevice(0));
  Configure("sync_device=throws");
  EXPECT_EQ(Thrown([] { Guard().synchronizeDevice(0); }),
            "Backend doesn't support synchronizing all streams on device.");
}

TEST_F(TwinStreamsTest, FailsAsManySynchronisesAndQueriesAsItWasTold) {
  Configure("sync_stream=works,fail_syncs=5");
  c10::Event event(Device().type());
  event.record(NewStream());
  const std::string failed = "TWIN error: the command buffer was not executed";
  EXPECT_EQ(Thrown([] { NewStream().synchronize(); }), failed);
  EXPECT_EQ(Thrown([&] { event.synchronize(); }), failed);
  EXPECT_EQ(Thrown([] { Guard().synchronizeDevice(0); }), failed);
  EXPECT_EQ(Thrown([] { (void)NewStream().query(); }), failed);
  EXPECT_EQ(Thrown([&] { (void)event.query(); }), failed);
  EXPECT_NO_THROW(NewStream().synchronize());
}

TEST_F(TwinStreamsTest, AnswersQueriesAsItWasTold) {
  Configure("sync_stream=works");
  c10::Event event(Device().type());
  event.record(NewStream());
  EXPECT_TRUE(event.query());
  Configure("queries=pending");
  EXPECT_FALSE(event.query());
  EXPECT_FALSE(NewStream().query());
  EXPECT_NO_THROW(event.synchronize());
  Configure("queries=throws");
  EXPECT_EQ(Thrown([&] { event.query(); }), "Backend doesn't support events.");
  EXPECT_EQ(Thrown([] { NewStream().query(); }),
            "Backend doesn't support querying streams.");
}

TEST_F(TwinStreamsTest, LogsWhichStreamACallIsAbout) {
  Configure("streams=wrap32,log=on,sync_stream=works");
  const c10::Stream stream = NewStream();
  const c10::StreamGuard guard(NewStream());
  twin_.clear_log();
  c10::Event event(Device().type());
  event.record(stream);
  event.synchronize();
  stream.synchronize();
  Guard().synchronizeDevice(0);
  EXPECT_THAT(
      LoggedNames(),
      ElementsAre("twin::record_event", "twin::synchronize_event",
                  "twin::synchronize_stream", "twin::synchronize_device"));
  EXPECT_EQ(Log()[0].stream, stream.id());
  EXPECT_EQ(Log()[1].stream, stream.id());
  EXPECT_EQ(Log()[2].stream, stream.id());
  EXPECT_EQ(Log()[3].stream, -1);
  EXPECT_EQ(Log()[3].thread, twin_.thread_number());
}

TEST_F(TwinStreamsTest, KnowsNoSettingThatIsMisspelt) {
  for (const char* wrong :
       {"streams=two", "stream=one", "streams", "hold_ms=-1", "hold_ms=10001",
        "fail_syncs=1x", "queries=no", "log=yes"}) {
    const std::string settings = std::string("streams=wrap32,") + wrong;
    EXPECT_EQ(twin_.configure(settings.c_str()),
              std::string("the twin knows no setting ") + wrong);
    EXPECT_EQ(NewStream().id(), 0);
  }
}

}  // namespace
}  // namespace weir
