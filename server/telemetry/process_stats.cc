#include "server/telemetry/process_stats.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#ifdef __APPLE__
#include <mach/mach.h>
#else
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#endif

namespace weir {
namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_usec) * 1e-6;
}

void ReadUsage(ProcessStats& stats) {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    stats.cpu_seconds = Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
      limit.rlim_cur != RLIM_INFINITY) {
    stats.num_open_files_max = static_cast<double>(limit.rlim_cur);
  }
}

#ifdef __APPLE__

void ReadSystem(ProcessStats& stats) {
  mach_task_basic_info info{};
  mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
  if (task_info(mach_task_self(), MACH_TASK_BASIC_INFO,
                reinterpret_cast<task_info_t>(&info), &count) == KERN_SUCCESS) {
    stats.resident_bytes = static_cast<double>(info.resident_size);
  }
}

#else

// When the system started, in seconds since 1970.
std::optional<double> BootTime() {
  std::ifstream file("/proc/stat");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return std::nullopt;
}

void ReadStat(ProcessStats& stats) {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  // The second field is the program's name, which may hold anything.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int number = 3; number < 22; ++number) fields >> field;
  double start_ticks = 0;
  double virtual_bytes = 0;
  double resident_pages = 0;
  if (!(fields >> start_ticks >> virtual_bytes >> resident_pages)) return;
  stats.resident_bytes =
      resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (const std::optional<double> boot = BootTime()) {
    stats.start_time_seconds =
        *boot + start_ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
}

void ReadSystem(ProcessStats& stats) {
  ReadStat(stats);
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  // One of them is the open folder itself.
  if (!error) {
    stats.num_open_files =
        static_cast<double>(std::distance(begin(files), end(files)) - 1);
  }
}

#endif

}  // namespace

ProcessStats ReadProcessStats() {
  ProcessStats stats;
  ReadUsage(stats);
  ReadSystem(stats);
  return stats;
}

}  // namespace weir
