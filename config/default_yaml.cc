// weir_default_yaml: prints what config/default.yaml holds, from the field
// tables. The suite default_yaml compares the two.
#include <cstdio>

#include "config/config_yaml.h"

int main() {
  std::fputs(weir::DefaultYaml().c_str(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 1;
}
