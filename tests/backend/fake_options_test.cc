#include "backend/fake/fake_options.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::EndsWith;

TEST(FakeOptionsTest, AreTheDefaultsOfNoText) {
  const FakeBackend::Options options = *ParseFakeOptions("");
  EXPECT_EQ(options.devices.size(), 2);
  EXPECT_EQ(options.devices[1].name, "fake:1");
  EXPECT_EQ(options.devices[1].num_streams, 32);
}

TEST(FakeOptionsTest, ChangeAllDevices) {
  const FakeBackend::Options options =
      *ParseFakeOptions("num_streams=31,probe_end=blocks,slots_default=1");
  for (const FakeDeviceOptions& device : options.devices) {
    EXPECT_EQ(device.num_streams, 31);
    EXPECT_EQ(device.probe_end, FakeProbeEnd::kBlocks);
    EXPECT_EQ(device.slots_default, 1);
  }
  EXPECT_EQ(options.devices[0].name, "fake:0");
}

TEST(FakeOptionsTest, NameTheWrongPart) {
  for (const char* part :
       {"num_streams", "num_streams=", "num_streams=-1", "num_streams=1025",
        "num_streams=3x", "slots_default=0", "probe_end=ends", "streams=1", "=",
        " num_streams=1"}) {
    const absl::Status status =
        ParseFakeOptions(std::string("num_streams=2,") + part).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                EndsWith(std::string("wrong part: ") + part));
  }
}

}  // namespace
}  // namespace weir
