#include "config/nearest_name.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

const std::vector<absl::string_view> kNames = {"devices", "queue",
                                               "requests_max"};

TEST(NearestNameTest, FindsANameWithOneMistake) {
  for (const char* meant : {"quue", "queues", "quoue", "qeuue", "Queue"}) {
    EXPECT_EQ(NearestName(meant, kNames), "queue") << meant;
  }
}

TEST(NearestNameTest, AllowsMoreMistakesInALongerName) {
  EXPECT_EQ(NearestName("reqests_mx", kNames), "requests_max");
  EXPECT_EQ(NearestName("qxxue", kNames), "");
}

TEST(NearestNameTest, PrefersTheNearestWhateverTheOrder) {
  EXPECT_EQ(NearestName("rows_mx", {"rows_max", "rows_min"}), "rows_max");
  EXPECT_EQ(NearestName("rows_mx", {"rows_min", "rows_max"}), "rows_max");
  EXPECT_EQ(NearestName("rows_mn", {"rows_max", "rows_min"}), "rows_min");
}

TEST(NearestNameTest, FindsNothingForAStranger) {
  EXPECT_EQ(NearestName("zebra", kNames), "");
  EXPECT_EQ(NearestName("", kNames), "");
  EXPECT_EQ(NearestName("queue", {}), "");
}

TEST(NearestNameTest, LooksAtNothingLong) {
  const std::string longest(64, 'a');
  const std::string longer(65, 'a');
  EXPECT_EQ(NearestName(longest, {longest}), longest);
  EXPECT_EQ(NearestName(longer, {longer}), "");
  EXPECT_EQ(NearestName(longest, {longer}), "");
}

}  // namespace
}  // namespace weir
