#include "server/pipeline/health_board.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/thread.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Health kServing = Health::kServing;
constexpr Health kNotServing = Health::kNotServing;

// Debug builds die if it is called under the board's lock.
class Listener final : public HealthWatcher {
 public:
  void Tell(Health health) override {
    MutexLock lock(mutex_);
    told_.push_back(health);
  }
  void End() override {
    MutexLock lock(mutex_);
    ++num_ends_;
  }

  std::vector<Health> told() const {
    MutexLock lock(mutex_);
    return told_;
  }
  int num_ends() const {
    MutexLock lock(mutex_);
    return num_ends_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<Health> told_ ABSL_GUARDED_BY(mutex_);
  int num_ends_ ABSL_GUARDED_BY(mutex_) = 0;
};

class HealthBoardTest : public testing::Test {
 protected:
  void Set(const std::string& service, bool serves) {
    MutexLock lock(mutex_);
    serves_[service] = serves;
  }
  absl::Status WhyNot(const std::string& service) {
    MutexLock lock(mutex_);
    const auto found = serves_.find(service);
    if (found == serves_.end()) return absl::NotFoundError("unknown");
    return found->second ? absl::OkStatus() : absl::UnavailableError("down");
  }

  Mutex mutex_;
  std::map<std::string, bool> serves_ ABSL_GUARDED_BY(mutex_);
  HealthBoard board_{
      [this](const std::string& service) { return WhyNot(service); }};
  std::shared_ptr<Listener> listener_ = std::make_shared<Listener>();
};

TEST_F(HealthBoardTest, ChecksWhatIsTrueNow) {
  EXPECT_EQ(board_.Check("m"), Health::kUnknown);
  Set("m", true);
  EXPECT_EQ(board_.Check("m"), kServing);
  Set("m", false);
  EXPECT_EQ(board_.Check("m"), kNotServing);
}

TEST_F(HealthBoardTest, TellsAWatcherHowItIsAndThenEachChangeOnce) {
  Set("m", true);
  board_.Watch("m", listener_);
  board_.Update();
  Set("m", false);
  board_.Update();
  board_.Update();
  Set("m", true);
  board_.Update();
  EXPECT_THAT(listener_->told(), ElementsAre(kServing, kNotServing, kServing));
}

TEST_F(HealthBoardTest, GoesOnWithAServiceThatIsNotThereYet) {
  board_.Watch("m", listener_);
  Set("m", true);
  board_.Update();
  EXPECT_THAT(listener_->told(), ElementsAre(Health::kUnknown, kServing));
}

TEST_F(HealthBoardTest, TellsANewcomerAlone) {
  Set("m", true);
  board_.Watch("m", listener_);
  const auto late = std::make_shared<Listener>();
  board_.Watch("m", late);
  EXPECT_THAT(listener_->told(), ElementsAre(kServing));
  EXPECT_THAT(late->told(), ElementsAre(kServing));
}

TEST_F(HealthBoardTest, TellsThoseWhoWatchAnotherServiceNothing) {
  Set("m", true);
  Set("n", true);
  const auto other = std::make_shared<Listener>();
  board_.Watch("m", listener_);
  board_.Watch("n", other);
  Set("m", false);
  board_.Update();
  EXPECT_THAT(listener_->told(), ElementsAre(kServing, kNotServing));
  EXPECT_THAT(other->told(), ElementsAre(kServing));
}

TEST_F(HealthBoardTest, TellsNobodyWhoWasForgotten) {
  Set("m", true);
  const auto other = std::make_shared<Listener>();
  board_.Watch("m", listener_);
  board_.Watch("m", other);
  board_.Forget("m", listener_);
  Set("m", false);
  board_.Update();
  EXPECT_THAT(listener_->told(), ElementsAre(kServing));
  EXPECT_THAT(other->told(), ElementsAre(kServing, kNotServing));
}

TEST_F(HealthBoardTest, ServesNothingOnceItDrains) {
  Set("", true);
  board_.Watch("", listener_);
  board_.StartDraining();
  board_.Update();
  EXPECT_THAT(listener_->told(), ElementsAre(kServing, kNotServing));
  EXPECT_EQ(board_.Check(""), kNotServing);
  EXPECT_EQ(board_.Check("m"), Health::kUnknown);
}

TEST_F(HealthBoardTest, EndsAllWatchersAndThoseWhoComeLater) {
  board_.Watch("m", listener_);
  board_.Close();
  EXPECT_EQ(listener_->num_ends(), 1);
  const auto late = std::make_shared<Listener>();
  board_.Watch("m", late);
  EXPECT_EQ(late->num_ends(), 1);
  EXPECT_THAT(late->told(), IsEmpty());
  board_.Forget("m", late);
  board_.Update();
  EXPECT_THAT(listener_->told(), ElementsAre(Health::kUnknown));
}

// The change comes when the board has looked and before it has told.
TEST(HealthBoardRaceTest, TellsOfAChangeThatComesWhileItLooks) {
  bool serves = true;
  bool changes = true;
  HealthBoard* told = nullptr;
  HealthBoard board([&](const std::string&) {
    const bool served = serves;
    if (std::exchange(changes, false)) {
      serves = false;
      told->Update();
    }
    return served ? absl::OkStatus() : absl::UnavailableError("down");
  });
  told = &board;
  const auto listener = std::make_shared<Listener>();
  board.Watch("m", listener);
  EXPECT_THAT(listener->told(), ElementsAre(kServing, kNotServing));
}

TEST_F(HealthBoardTest, TellsTheLastStateLastHoweverManyThreadsChangeIt) {
  constexpr int kRounds = 200;
  constexpr int kThreads = 3;
  Set("m", true);
  board_.Watch("m", listener_);
  {
    std::vector<Thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back("change", [&, i] {
        for (int round = 0; round < kRounds; ++round) {
          Set("m", (i + round) % 2 == 0);
          board_.Update();
          const auto passing = std::make_shared<Listener>();
          board_.Watch("m", passing);
          board_.Forget("m", passing);
        }
      });
    }
  }
  Set("m", false);
  board_.Update();
  EXPECT_EQ(listener_->told().back(), kNotServing);
  for (size_t i = 1; i < listener_->told().size(); ++i) {
    EXPECT_NE(listener_->told()[i - 1], listener_->told()[i]);
  }
}

}  // namespace
}  // namespace weir
