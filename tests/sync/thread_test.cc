#include "sync/thread.h"

#include <pthread.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(ThreadTest, CarriesTheFirstFifteenCharactersOfItsName) {
  std::array<char, 64> name{};
  {
    Thread thread("weir-a-very-long-name", [&] {
      pthread_getname_np(pthread_self(), name.data(), name.size());
    });
  }
  EXPECT_EQ(std::string(name.data()), "weir-a-very-lon");
}

// Taking it along fails as std::thread does where the system has no thread.
struct Unstartable {
  Unstartable() = default;
  Unstartable(const Unstartable&) {
    throw std::system_error(EAGAIN, std::generic_category());
  }
  void operator()() const {}
};

TEST(ThreadDeathTest, EndsTheProcessWithASentenceWhereThereIsNoThread) {
  EXPECT_EXIT(Thread("weir-timer", Unstartable()), testing::ExitedWithCode(1),
              "weir: cannot start the thread weir-timer: .*ulimit -u");
}

TEST(ThreadTest, JoinsWhenAssignedOver) {
  bool ran = false;
  Thread thread("first", [&] { ran = true; });
  thread = Thread();
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace weir
