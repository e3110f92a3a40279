// TwinPair: two threads that compute on the twin at the same time, with a
// stream of their own or with the same one.
//
//   TwinPair pair(2, /*has_two_streams=*/true);
//   EXPECT_EQ(pair.Join(), 0);  // results that were wrong
//
// Thread-safety: one thread.
// Ownership: the destructor joins; what blocks must be released before.
// Failure: none of its own.
#ifndef WEIR_TESTS_SUPPORT_TWIN_TWIN_PAIR_H_
#define WEIR_TESTS_SUPPORT_TWIN_TWIN_PAIR_H_

#include <array>

#include "sync/thread.h"

namespace weir {

class TwinPair {
 public:
  // Each thread computes `num_runs` times.
  TwinPair(int num_runs, bool has_two_streams);
  // How many results were wrong.
  int Join();

 private:
  std::array<int, 2> num_wrong_ = {};
  std::array<Thread, 2> threads_;
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_TWIN_TWIN_PAIR_H_
