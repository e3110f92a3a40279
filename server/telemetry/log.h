// Log: what an operator acts on, a line each.
//
//   Log log({.level = LogLevel::kInfo});
//   log.Info("model is ready", {{"model", "unet"}, {"version", "3"}});
//   // 2026-11-21T14:15:10.123Z I model is ready model=unet version=3
//
// On a terminal, or where `format` says so, a line is text; otherwise it is a
// JSON object with time, level, message and the fields. Whatever a line holds,
// it stays one line: values may come from clients, and are escaped and cut
// (config/client_text.h).
//
// Thread-safety: any number of threads. REQUIRES: no lock held.
// Ownership: borrows the file.
// Failure: what cannot be written is lost; logging never fails its caller.
#ifndef WEIR_SERVER_TELEMETRY_LOG_H_
#define WEIR_SERVER_TELEMETRY_LOG_H_

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/config.h"

namespace weir {

class Log {
 public:
  struct Options {
    LogLevel level = LogLevel::kInfo;  // the least that is written
    LogFormat format = LogFormat::kAuto;
    std::FILE* file = stderr;
  };
  // Names and values; a name is ours, lower case, and none of time, level and
  // message.
  using Fields = std::vector<std::pair<std::string, std::string>>;

  explicit Log(const Options& options);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void Debug(absl::string_view message, const Fields& fields = {});
  void Info(absl::string_view message, const Fields& fields = {});
  void Warning(absl::string_view message, const Fields& fields = {});
  void Error(absl::string_view message, const Fields& fields = {});

 private:
  struct Writer;

  void Write(LogLevel level, absl::string_view message, const Fields& fields);

  const std::unique_ptr<Writer> writer_;
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_LOG_H_
