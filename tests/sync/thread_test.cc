#include "sync/thread.h"

#include <pthread.h>

#include <array>
#include <string>

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

TEST(ThreadTest, JoinsWhenAssignedOver) {
  bool ran = false;
  Thread thread("first", [&] { ran = true; });
  thread = Thread();
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace weir
