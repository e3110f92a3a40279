#include "server/rpc/wire/wire_field.h"

#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(WireFieldTest, HasNumberTypePayloadAndAllOfItsBytes) {
  const std::string bytes = std::string("\x08\x05\x3A\x02") + "ab";
  const std::vector<Chunk> chunks = {{bytes.data(), bytes.size()}};
  WireFieldReader reader{ChunkCursor(chunks)};
  const std::optional<WireField> number = reader.Next();
  const std::optional<WireField> text = reader.Next();
  ASSERT_TRUE(number.has_value() && text.has_value());
  EXPECT_EQ(number->whole.remaining(), 2U);
  EXPECT_FALSE(number->Is(1));
  EXPECT_TRUE(text->Is(7));
  EXPECT_EQ(text->payload.Views()[0].data, &bytes[4]);
  EXPECT_EQ(text->whole.remaining(), 4U);
  EXPECT_FALSE(reader.Next().has_value());
  EXPECT_FALSE(reader.is_malformed());
}

TEST(WireFieldTest, EndsAtWhatIsNoField) {
  const std::vector<std::string> faults = {
      std::string("\0", 1),                       // no field at all
      std::string("\x02\0", 2),                   // field 0
      "\x7C",                                     // an end without a group
      "\x7B\x7B\x7C",                             // a group without end
      "\x7E",                                     // no such type
      "\x7F",                                     // likewise
      "\x78" + std::string(10, '\xFF') + "\x01",  // a number of eleven bytes
      "\xFA" + std::string(4, '\xFF') + "\x01",   // a tag of six
      "\x3A" + std::string(5, '\x80') + '\0',     // a length of six
      std::string("\x3A\x02") + "a",              // a length past the end
      "\x79" + std::string(7, 'a'),               // seven bytes for eight
      "\x7D" + std::string(3, 'a'),               // three for four
  };
  for (const std::string& fault : faults) {
    const std::vector<Chunk> chunks = {{fault.data(), fault.size()}};
    WireFieldReader reader{ChunkCursor(chunks)};
    EXPECT_FALSE(reader.Next().has_value()) << testing::PrintToString(fault);
    EXPECT_TRUE(reader.is_malformed()) << testing::PrintToString(fault);
    EXPECT_FALSE(reader.Next().has_value());
  }
}

}  // namespace
}  // namespace weir
