// SystemFacts: the machine that weir runs on, as far as it bounds what weir can
// do.
//
//   const SystemFacts facts = ReadSystemFacts();
//   facts.memory_bytes;   // nothing where the system does not say
//
// Thread-safety: any thread.
// Ownership: values.
// Failure: none; what cannot be read is left out.
#ifndef WEIR_CLI_SYSTEM_FACTS_H_
#define WEIR_CLI_SYSTEM_FACTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/finding.h"
#include "config/config.h"

namespace weir {

struct SystemFacts {
  std::string system = {};  // "Debian GNU/Linux 12 (bookworm)", "macOS 14.5"
  std::string kernel = {};  // "Linux 6.1.0 x86_64"
  int num_cores = 0;        // that this process may use
  std::optional<int64_t> memory_bytes = std::nullopt;
  // What the process's group may use, where that is less.
  std::optional<int64_t> group_memory_bytes = std::nullopt;
  // Nothing: no bound.
  std::optional<int64_t> open_files_max = std::nullopt;
};

SystemFacts ReadSystemFacts();

// The facts, held against what the configuration may need.
std::vector<Finding> SystemFindings(const SystemFacts& facts,
                                    const Config& config);

}  // namespace weir

#endif  // WEIR_CLI_SYSTEM_FACTS_H_
