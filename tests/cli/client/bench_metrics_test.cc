#include "cli/bench_metrics.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/client/page_server.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

constexpr char kPage[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    "# HELP process_cpu_seconds_total Time.\n"
    "weir_process_cpu_seconds_total 9\n"
    "process_cpu_seconds_total 12.75\n"
    "process_open_fds 3\n";

TEST(BenchMetricsTest, FindsTheSeriesAmongTheOthers) {
  EXPECT_EQ(*CpuSecondsIn(kPage), 12.75);
}

TEST(BenchMetricsTest, SaysWhereThereIsNone) {
  EXPECT_THAT(
      std::string(CpuSecondsIn("HTTP/1.1 200 OK\r\n\r\n").status().message()),
      HasSubstr("does not tell process_cpu_seconds_total"));
  for (const char* answer :
       {"", "SSH-2.0\r\n", "HTTP/1.1 404 Not Found\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nprocess_cpu_seconds_total much\n",
        "HTTP/1.1 200 OK\r\n\r\nprocess_cpu_seconds_total +Inf\n"}) {
    EXPECT_EQ(CpuSecondsIn(answer).status().code(),
              absl::StatusCode::kUnavailable)
        << answer;
  }
}

TEST(BenchMetricsTest, AsksAServer) {
  const PageServer server(kPage);
  const absl::StatusOr<double> seconds = ReadCpuSeconds(server.address());
  ASSERT_TRUE(seconds.ok()) << seconds.status();
  EXPECT_EQ(*seconds, 12.75);
}

TEST(BenchMetricsTest, ReadsNoAnswerWithoutEnd) {
  const PageServer server(std::string(size_t{5} << 20, 'a'));
  EXPECT_EQ(ReadCpuSeconds(server.address()).status().message(),
            "it answers without end");
}

TEST(BenchMetricsTest, SaysWhereNobodyAnswers) {
  std::optional<PageServer> server(kPage);
  const std::string address = server->address();
  server.reset();
  EXPECT_EQ(ReadCpuSeconds(address).status().message(),
            "nothing answers at " + address);
  EXPECT_FALSE(ReadCpuSeconds("nowhere").ok());
  EXPECT_FALSE(ReadCpuSeconds("unix:/run/weir.sock").ok());
}

}  // namespace
}  // namespace weir
