// weir_limits: prints what docs/limits.md holds, from the field tables. The
// suite limits_page compares the two.
#include <cstdio>

#include "config/limits_text.h"

int main() {
  std::fputs(weir::LimitsText().c_str(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 1;
}
