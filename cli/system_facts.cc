#include "cli/system_facts.h"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/sysctl.h>

#include <array>
#else
#include <algorithm>
#include <fstream>
#endif

#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "config/number.h"

namespace weir {
namespace {

// Beside a client's: models, devices, logs, the loader's.
constexpr int64_t kOtherFiles = 256;

#ifdef __APPLE__

std::string SystemName() {
  std::array<char, 64> version = {};
  size_t size = version.size();
  if (sysctlbyname("kern.osproductversion", version.data(), &size, nullptr,
                   0) != 0) {
    return "macOS";
  }
  return absl::StrCat("macOS ", version.data());
}

std::optional<int64_t> MemoryBytes() {
  int64_t bytes = 0;
  size_t size = sizeof(bytes);
  if (sysctlbyname("hw.memsize", &bytes, &size, nullptr, 0) != 0) return {};
  return bytes;
}

// There are no such groups.
std::optional<int64_t> GroupMemoryBytes() { return std::nullopt; }

#else

std::string SystemName() {
  std::ifstream file("/etc/os-release");
  std::string line;
  while (std::getline(file, line)) {
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, "PRETTY_NAME=")) continue;
    absl::ConsumePrefix(&rest, "\"");
    absl::ConsumeSuffix(&rest, "\"");
    return std::string(rest);
  }
  return "Linux";
}

std::optional<int64_t> MemoryBytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return std::nullopt;
  return int64_t{pages} * page_bytes;
}

std::optional<int64_t> NumberIn(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  int64_t number = 0;
  if (!(file >> word) || !absl::SimpleAtoi(word, &number)) return {};
  return number;
}

// The least bound of the process's control group and of those above it.
std::optional<int64_t> GroupMemoryBytes() {
  std::optional<int64_t> least;
  std::ifstream groups("/proc/self/cgroup");
  std::string line;
  while (std::getline(groups, line)) {
    const std::vector<std::string> parts =
        absl::StrSplit(line, absl::MaxSplits(':', 2));
    const bool is_v2 = parts.size() == 3 && parts[1].empty();
    if (!is_v2 && (parts.size() != 3 || parts[1] != "memory")) continue;
    std::string path = parts[2];
    while (true) {
      const std::optional<int64_t> bytes =
          NumberIn(is_v2 ? absl::StrCat("/sys/fs/cgroup", path, "/memory.max")
                         : absl::StrCat("/sys/fs/cgroup/memory", path,
                                        "/memory.limit_in_bytes"));
      if (bytes.has_value()) {
        least = std::min(*bytes, least.value_or(*bytes));
      }
      if (path.empty()) break;
      path.resize(path.rfind('/'));  // a group's path begins with one
    }
  }
  return least;
}

#endif

std::string Kernel() {
  utsname name = {};
  if (uname(&name) != 0) return "";
  return absl::StrCat(name.sysname, " ", name.release, " ", name.machine);
}

std::optional<int64_t> OpenFilesMax() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
      limit.rlim_cur == RLIM_INFINITY) {
    return std::nullopt;
  }
  return static_cast<int64_t>(limit.rlim_cur);
}

// Whole MiB, for the last bytes say nothing.
std::string Rounded(int64_t bytes) {
  return PrintSize(bytes < kMebibyte ? bytes : bytes / kMebibyte * kMebibyte);
}

Finding OpenFilesFinding(const SystemFacts& facts, const Config& config) {
  Finding finding{.subject = "open files", .what = "no bound"};
  if (!facts.open_files_max.has_value()) return finding;
  finding.what = absl::StrCat("at most ", *facts.open_files_max);
  const int64_t needed = config.limits.connections_max + kOtherFiles;
  if (*facts.open_files_max >= needed) return finding;
  finding.level = FindingLevel::kWarning;
  finding.advice = absl::StrCat(
      "limits.connections_max is ", config.limits.connections_max,
      ": raise the bound to ", needed,
      " (ulimit -n, or the service's own), or lower limits.connections_max");
  return finding;
}

Finding MemoryFinding(const SystemFacts& facts, const Config& config) {
  Finding finding{.subject = "memory", .what = "unknown"};
  if (!facts.memory_bytes.has_value()) return finding;
  int64_t bytes = *facts.memory_bytes;
  finding.what = Rounded(bytes);
  if (facts.group_memory_bytes.value_or(bytes) < bytes) {
    bytes = *facts.group_memory_bytes;
    absl::StrAppend(&finding.what, ", of which the control group allows ",
                    Rounded(bytes));
  }
  if (config.queue.total_bytes_max <= bytes / 2) return finding;
  finding.level = FindingLevel::kWarning;
  finding.advice = absl::StrCat(
      "queue.total_bytes_max is ", PrintSize(config.queue.total_bytes_max),
      ", more than half of it, and models need room too: lower it");
  return finding;
}

}  // namespace

SystemFacts ReadSystemFacts() {
  return {.system = SystemName(),
          .kernel = Kernel(),
          .num_cores = static_cast<int>(std::thread::hardware_concurrency()),
          .memory_bytes = MemoryBytes(),
          .group_memory_bytes = GroupMemoryBytes(),
          .open_files_max = OpenFilesMax()};
}

std::vector<Finding> SystemFindings(const SystemFacts& facts,
                                    const Config& config) {
  return {{.subject = "system",
           .what = absl::StrCat(facts.system, ", ", facts.kernel)},
          {.subject = "cores", .what = absl::StrCat(facts.num_cores)},
          MemoryFinding(facts, config),
          OpenFilesFinding(facts, config)};
}

}  // namespace weir
