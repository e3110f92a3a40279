// Plays seeded schedules; see simulator.h.
//
//   WEIR_SIMULATOR_SEED=7 simulator_test       one schedule, with its steps
//   WEIR_SIMULATOR_SCHEDULES=100000 simulator_test
#include "tests/pipeline/simulator.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/pipeline/simulator_race.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WEIR_TEST_IS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WEIR_TEST_IS_SANITIZED 1
#endif

namespace weir {
namespace {

#ifdef WEIR_TEST_IS_SANITIZED
constexpr uint64_t kSchedules = 1'000;
#else
constexpr uint64_t kSchedules = 10'000;
#endif

std::optional<uint64_t> NumberFrom(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

// Tells the seed where a failed check ends the process.
volatile uint64_t seed_now = 0;
void TellSeed(int) {
  std::fprintf(stderr, "replay with WEIR_SIMULATOR_SEED=%llu\n",
               static_cast<unsigned long long>(seed_now));
}

// Empty where all was well.
std::string Play(uint64_t seed, bool has_trace, int* num_steps) {
  seed_now = seed;
  try {
    Simulator simulator(seed, has_trace);
    std::string broken = simulator.Play();
    *num_steps += simulator.num_steps();
    return broken;
  } catch (const std::exception& thrown) {
    return thrown.what();
  }
}

class SeedTest : public ::testing::Test {
 protected:
  // The seeds to play: all of them, or the one that is asked for.
  const std::optional<uint64_t> only_ = NumberFrom("WEIR_SIMULATOR_SEED");
  const uint64_t first_ = only_.value_or(1);
  const uint64_t num_seeds_ =
      only_ ? 1 : NumberFrom("WEIR_SIMULATOR_SCHEDULES").value_or(kSchedules);
};

using SimulatorTest = SeedTest;
using SimulatedRaceTest = SeedTest;

// R01
// R05
// R06
// R08
// R22
TEST_F(SimulatorTest, KeepsEveryRuleInEverySchedule) {
  std::signal(SIGABRT, &TellSeed);
  int num_steps = 0;
  for (uint64_t seed = first_; seed < first_ + num_seeds_; ++seed) {
    ASSERT_EQ(Play(seed, only_.has_value(), &num_steps), "")
        << "replay with WEIR_SIMULATOR_SEED=" << seed;
  }
  std::printf("%llu schedules, %d steps\n",
              static_cast<unsigned long long>(num_seeds_), num_steps);
}

// A race is as long as twenty schedules.
TEST_F(SimulatedRaceTest, ServesModelsByWeightWithinTheBound) {
  const uint64_t num_races = (num_seeds_ + 19) / 20;
  double worst = 0;
  for (uint64_t seed = first_; seed < first_ + num_races; ++seed) {
    const double part_of_bound = SimulatedRace(seed).Run();
    ASSERT_LE(part_of_bound, 1) << "replay with WEIR_SIMULATOR_SEED=" << seed;
    worst = std::max(worst, part_of_bound);
  }
  std::printf("%llu races, the worst came to %.2f of the bound\n",
              static_cast<unsigned long long>(num_races), worst);
}

}  // namespace
}  // namespace weir
