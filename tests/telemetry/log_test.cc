#include "server/telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sync/thread.h"

namespace weir {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr char kTime[] =
    "[0-9]+-[0-9][0-9]-[0-9][0-9]T[0-9:]+\\.[0-9][0-9][0-9]Z";

// A log whose lines a test can read.
class LogTest : public testing::Test {
 public:
  ~LogTest() override { std::fclose(file_); }

 protected:
  Log::Options As(LogFormat format) const {
    return {.format = format, .file = file_};
  }
  // All that was written; nothing is flushed here.
  std::string Written() const {
    std::string text;
    std::array<char, 4096> part{};
    std::FILE* const reader =
        fdopen(dup(fileno(file_)), "r");  // shares the place in the file
    std::rewind(reader);
    size_t got = 0;
    while ((got = std::fread(part.data(), 1, part.size(), reader)) > 0) {
      text.append(part.data(), got);
    }
    std::fclose(reader);
    return text;
  }

  std::FILE* const file_ = std::tmpfile();
};

TEST_F(LogTest, WritesALineOfText) {
  Log log(As(LogFormat::kText));
  log.Info("model is ready", {{"model", "unet"}, {"version", "3"}});
  EXPECT_THAT(Written(),
              MatchesRegex(absl::StrCat(
                  kTime, " I model is ready model=unet version=3\n")));
}

TEST_F(LogTest, WritesAnObjectOfJson) {
  Log log(As(LogFormat::kJson));
  log.Warning("a \"b\" \\", {{"model", "un et"}});
  EXPECT_THAT(Written(),
              MatchesRegex(absl::StrCat("\\{\"time\":\"", kTime,
                                        "\",\"level\":\"warning\",\"message\":"
                                        "\"a \\\\\"b\\\\\" \\\\\\\\\\\\\\\\\","
                                        "\"model\":\"un et\"\\}\n")));
}

TEST_F(LogTest, WritesJsonWhereNobodySitsAtATerminal) {
  Log log(As(LogFormat::kAuto));
  log.Error("x");
  EXPECT_THAT(Written(), HasSubstr("\"level\":\"error\",\"message\":\"x\"}\n"));
}

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
  Log log(
      {.level = LogLevel::kWarning, .format = LogFormat::kText, .file = file_});
  log.Info("quiet");
  log.Warning("loud");
  EXPECT_THAT(Written(), Not(HasSubstr("quiet")));
  EXPECT_THAT(Written(), HasSubstr(" W loud\n"));
}

// SEC-13: what a client sends makes no second line and no escape sequence.
TEST_F(LogTest, KeepsALineALineWhateverAClientSent) {
  Log text(As(LogFormat::kText));
  text.Info("no model", {{"model", "a\r\nb\x1b[2J"}});
  EXPECT_THAT(Written(), HasSubstr("no model model=a\\r\\nb\\x1b[2J\n"));
  Log json(As(LogFormat::kJson));
  json.Info("x\ny", {{"model", std::string(1 << 20, 'z')}});
  EXPECT_THAT(Written(),
              HasSubstr(absl::StrCat("\"message\":\"x\\\\ny\",\"model\":\"",
                                     std::string(256, 'z'), "...\"}\n")));
}

TEST_F(LogTest, QuotesValuesThatWouldReadAsMoreFields) {
  Log log(As(LogFormat::kText));
  log.Info("x", {{"model", "a version=9"}, {"empty", ""}, {"q", "\""}});
  EXPECT_THAT(Written(),
              HasSubstr(" x model=\"a version=9\" empty=\"\" q=\"\\\"\"\n"));
}

TEST_F(LogTest, NeverMixesTheLinesOfThreads) {
  Log log(As(LogFormat::kText));
  {
    std::vector<Thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back("logger", [&log] {
        for (int line = 0; line < 50; ++line) log.Info(std::string(100, 'x'));
      });
    }
  }
  const std::string line = absl::StrCat(" I ", std::string(100, 'x'), "\n");
  size_t num_lines = 0;
  const std::string all = Written();
  for (size_t at = all.find(line); at != std::string::npos;
       at = all.find(line, at + 1)) {
    ++num_lines;
  }
  EXPECT_EQ(num_lines, 200U);
}

}  // namespace
}  // namespace weir
