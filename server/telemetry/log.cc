#include "server/telemetry/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "config/client_text.h"
#include "config/json_text.h"

namespace weir {
namespace {

// A sentence of ours may quote what a client sent, and is longer.
constexpr size_t kMessageBytesMax = 4096;

// Writes a line at once, under spdlog's own lock.
using FileSink =
    spdlog::sinks::stdout_sink_base<spdlog::details::console_mutex>;

bool IsJson(const Log::Options& options) {
  if (options.format != LogFormat::kAuto) {
    return options.format == LogFormat::kJson;
  }
  return isatty(fileno(options.file)) == 0;
}

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

std::string JsonOf(absl::string_view message, const Log::Fields& fields) {
  std::string text = absl::StrCat(
      "\"message\":", JsonText(ClientText(message, kMessageBytesMax)));
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&text, ",", JsonText(name), ":",
                    JsonText(ClientText(value)));
  }
  return text;
}

std::string TextOf(absl::string_view message, const Log::Fields& fields) {
  std::string text = ClientText(message, kMessageBytesMax);
  for (const auto& [name, value] : fields) {
    const std::string shown = ClientText(value);
    const bool plain =
        !shown.empty() && shown.find_first_of(" \"=") == std::string::npos;
    // Backslashes are doubled already.
    absl::StrAppend(&text, " ", name, "=", plain ? "" : "\"",
                    absl::StrReplaceAll(shown, {{"\"", "\\\""}}),
                    plain ? "" : "\"");
  }
  return text;
}

}  // namespace

struct Log::Writer {
  explicit Writer(const Options& options)
      : json(IsJson(options)),
        logger("weir", std::make_shared<FileSink>(options.file)) {
    constexpr char kText[] = "%Y-%m-%dT%H:%M:%S.%eZ %L %v";
    constexpr char kJson[] =
        R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
        json ? kJson : kText, spdlog::pattern_time_type::utc));
    logger.set_level(LevelOf(options.level));
  }

  const bool json;
  spdlog::logger logger;
};

Log::Log(const Options& options) : writer_(std::make_unique<Writer>(options)) {}

Log::~Log() = default;

void Log::Write(LogLevel level, absl::string_view message,
                const Fields& fields) {
  if (!writer_->logger.should_log(LevelOf(level))) return;
  const std::string line =
      writer_->json ? JsonOf(message, fields) : TextOf(message, fields);
  writer_->logger.log(LevelOf(level), spdlog::string_view_t(line));
}

void Log::Debug(absl::string_view message, const Fields& fields) {
  Write(LogLevel::kDebug, message, fields);
}

void Log::Info(absl::string_view message, const Fields& fields) {
  Write(LogLevel::kInfo, message, fields);
}

void Log::Warning(absl::string_view message, const Fields& fields) {
  Write(LogLevel::kWarning, message, fields);
}

void Log::Error(absl::string_view message, const Fields& fields) {
  Write(LogLevel::kError, message, fields);
}

}  // namespace weir
