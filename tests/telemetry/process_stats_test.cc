#include "server/telemetry/process_stats.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir {
namespace {

TEST(ProcessStatsTest, TellsTimeAndMemory) {
  const ProcessStats stats = ReadProcessStats();
  ASSERT_TRUE(stats.cpu_seconds && stats.resident_bytes);
  EXPECT_GT(*stats.cpu_seconds, 0);
  EXPECT_GT(*stats.resident_bytes, 1 << 16);
}

#ifndef __APPLE__
TEST(ProcessStatsTest, CountsAFileMoreWhenOneIsOpened) {
  const double before = ReadProcessStats().num_open_files.value();
  const int opened = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const double after = ReadProcessStats().num_open_files.value();
  close(opened);
  EXPECT_EQ(after, before + 1);
}

TEST(ProcessStatsTest, StartedAfterTheSystemAndBeforeNow) {
  struct stat self {};
  ASSERT_EQ(stat("/proc/self", &self), 0);
  const double start = ReadProcessStats().start_time_seconds.value();
  EXPECT_GT(start, static_cast<double>(self.st_ctime) - 600);
  EXPECT_LT(start, static_cast<double>(self.st_ctime) + 2);
}
#endif

}  // namespace
}  // namespace weir
