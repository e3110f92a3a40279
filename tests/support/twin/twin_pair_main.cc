// Computes on the twin, on two streams at once, and exits with 1 if a result is
// wrong: for a child process that plays what LIBWEIR_TWIN says.
#include <dlfcn.h>

#include "tests/support/twin/twin_pair.h"

int main() {
  if (dlopen(WEIR_TWIN_MODULE, RTLD_NOW | RTLD_LOCAL) == nullptr) return 2;
  weir::TwinPair pair(/*num_runs=*/2, /*has_two_streams=*/true);
  return pair.Join() > 0 ? 1 : 0;
}
