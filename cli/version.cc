#include "cli/version.h"

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "backend/module_abi.h"

namespace weir {
namespace {

// Enough to tell two builds apart; a refused module shows the whole hash.
constexpr int kHashDigits = 12;

#ifdef __clang__
constexpr char kCompiler[] = "clang " __clang_version__;
#else
constexpr char kCompiler[] = "gcc " __VERSION__;
#endif

std::string AbseilText(const ModuleAbi& abi) {
  return abi.abseil_lts == 0 ? "no release" : absl::StrCat(abi.abseil_lts);
}

void PrintVersion() {
  const ModuleAbi abi = ThisAbi();
  std::printf(
      "weir %s\n"
      "headers   %.*s\n"
      "abseil    %s\n"
      "compiler  %s\n",
      WEIR_VERSION, kHashDigits, abi.headers_hash, AbseilText(abi).c_str(),
      kCompiler);
}

}  // namespace

std::string VersionLine() {
  const ModuleAbi abi = ThisAbi();
  return absl::StrCat(WEIR_VERSION, ", headers ",
                      std::string(abi.headers_hash, kHashDigits), ", abseil ",
                      AbseilText(abi), ", ", kCompiler);
}

void AddVersionVerb(CLI::App& app, ExitCode& code) {
  CLI::App* verb =
      app.add_subcommand("version", "Tell which weir this is, and its build");
  verb->callback([&code] {
    PrintVersion();
    code = kExitOk;
  });
}

}  // namespace weir
