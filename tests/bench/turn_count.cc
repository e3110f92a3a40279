// turn_count MODELS TURNS: for an instruction counter to run.
#include <cstdlib>

#include "tests/bench/turn.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  weir::Turns turns(std::atoi(argv[1]));
  for (int i = std::atoi(argv[2]); i > 0; --i) turns.Take();
  return 0;
}
