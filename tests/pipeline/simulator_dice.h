// Dice: what a seeded schedule decides by. The same seed rolls the same numbers
// with every compiler and library.
//
//   Dice dice(seed);
//   if (dice.OneIn(4)) Cancel();
//
// Thread-safety: none.
// Ownership: a value.
// Failure: none.
#ifndef WEIR_TESTS_PIPELINE_SIMULATOR_DICE_H_
#define WEIR_TESTS_PIPELINE_SIMULATOR_DICE_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace weir {

class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  // SplitMix64, by Sebastiano Vigna, in the public domain.
  uint64_t Roll() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }
  // Both ends belong to it.
  int Between(int low, int high) {
    return low +
           static_cast<int>(Roll() % static_cast<uint64_t>(high - low + 1));
  }
  size_t Below(size_t bound) { return Roll() % bound; }
  bool OneIn(int chances) { return Between(1, chances) == 1; }
  template <typename Value>
  Value OneOf(std::initializer_list<Value> values) {
    return values.begin()[Below(values.size())];
  }

 private:
  uint64_t state_;
};

}  // namespace weir

#endif  // WEIR_TESTS_PIPELINE_SIMULATOR_DICE_H_
