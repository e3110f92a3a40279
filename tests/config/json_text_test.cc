#include "config/json_text.h"

#include <string>

#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(JsonTextTest, QuotesAText) {
  EXPECT_EQ(JsonText(""), "\"\"");
  EXPECT_EQ(JsonText("unet \xC3\xA9"), "\"unet \xC3\xA9\"");
}

TEST(JsonTextTest, LetsNothingEndTheText) {
  EXPECT_EQ(JsonText("a\"b\\c\nd\x1b"), R"("a\"b\\c\u000ad\u001b")");
  EXPECT_EQ(JsonText(std::string("a\0b", 3)), R"("a\u0000b")");
}

}  // namespace
}  // namespace weir
