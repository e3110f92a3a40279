// weir_default_yaml FILE: writes config/default.yaml from the field tables.
// weir_default_yaml --check FILE: exits 1 where FILE is not what it would
// write.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include "config/config_yaml.h"

namespace {

int Check(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (file.good() && text.str() == weir::DefaultYaml()) return 0;
  std::fprintf(stderr, "%s is not current; run weir_default_yaml %s\n", path,
               path);
  return 1;
}

int Write(const char* path) {
  std::ofstream file(path);
  file << weir::DefaultYaml();
  file.close();
  if (file.good()) return 0;
  std::fprintf(stderr, "%s cannot be written\n", path);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--check") == 0) return Check(argv[2]);
  if (argc == 2) return Write(argv[1]);
  std::fprintf(stderr, "usage: weir_default_yaml [--check] FILE\n");
  return 2;
}
