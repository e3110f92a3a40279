#include "server/rpc/open_calls.h"

#include <chrono>
#include <optional>

#include "gtest/gtest.h"
#include "sync/thread.h"

namespace weir {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kLong{60};

TEST(OpenCallsTest, WaitsForNobodyWhereNobodyIs) {
  OpenCalls calls;
  { const OpenCalls::Call call(calls); }
  EXPECT_TRUE(calls.AwaitEarlier(steady_clock::now() + kLong));
}

TEST(OpenCallsTest, WaitsForACallThatHasBegun) {
  OpenCalls calls;
  std::optional<OpenCalls::Call> call(std::in_place, calls);
  EXPECT_FALSE(calls.AwaitEarlier(steady_clock::now()));
  Thread ends("ends", [&call] { call.reset(); });
  EXPECT_TRUE(calls.AwaitEarlier(steady_clock::now() + kLong));
  ends.Join();
}

TEST(OpenCallsTest, DoesNotWaitForWhoComesMeanwhile) {
  OpenCalls calls;
  EXPECT_TRUE(calls.AwaitEarlier(steady_clock::now() + kLong));
  const OpenCalls::Call late(calls);
  EXPECT_TRUE(calls.AwaitEarlier(steady_clock::now() + kLong));
}

}  // namespace
}  // namespace weir
