// What happens where names change while models are looked for, or after.
#include <fcntl.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/model_directory.h"
#include "sync/check.h"
#include "sync/thread.h"
#include "tests/server/odd_files.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

constexpr int kRounds = 2000;

// Puts one and then the other of two things where `path` leads, all the time.
class Swapper {
 public:
  Swapper(std::string path, std::string other)
      : path_(std::move(path)), other_(std::move(other)) {
    thread_ = Thread("swapper", [this] {
      while (!stop_.load(std::memory_order_relaxed)) Swap();
    });
  }
  ~Swapper() { stop_.store(true, std::memory_order_relaxed); }
  Swapper(const Swapper&) = delete;
  Swapper& operator=(const Swapper&) = delete;

 private:
  // At once: at no time is nothing there.
  void Swap() const {
#ifdef __APPLE__
    const int result = renamex_np(path_.c_str(), other_.c_str(), RENAME_SWAP);
#else
    const int result = renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD,
                                 other_.c_str(), RENAME_EXCHANGE);
#endif
    WEIR_CHECK(result == 0, "a test's file system swaps names");
  }

  const std::string path_;
  const std::string other_;
  std::atomic<bool> stop_ = false;  // a flag alone; the join orders the rest
  Thread thread_;                   // last: it is joined first
};

// Looks for models again and again; each one that is found is ours.
void ExpectOnlyOurs(const std::string& models) {
  for (int round = 0; round < kRounds; ++round) {
    for (const FoundModel& model : FindModels(models).models) {
      ASSERT_EQ(ReadAll(model.source.path), "ours") << "in round " << round;
    }
  }
}

// SEC-07
TEST(ModelSwapTest, ReadsTheFileThatWasChecked) {
  const TemporaryFolder folder;
  const std::string secret = folder.Write("secret", "theirs");
  const std::string file = folder.Write("models/net/1/model.pt", "ours");
  const ModelDirectory found = FindModels(folder.path() + "/models");
  ASSERT_EQ(found.models.size(), 1u);
  std::filesystem::remove(file);
  MakeLink(secret, file);
  EXPECT_EQ(ReadAll(file), "theirs");
  EXPECT_EQ(ReadAll(found.models[0].source.path), "ours");
}

// SEC-07
TEST(ModelSwapTest, FollowsNoLinkThatTakesAFilesPlace) {
  const TemporaryFolder folder;
  const std::string link = folder.path() + "/link";
  MakeLink(folder.Write("secret", "theirs"), link);
  const std::string file = folder.Write("models/net/1/model.pt", "ours");
  const Swapper swapper(file, link);
  ExpectOnlyOurs(folder.path() + "/models");
}

// SEC-07
TEST(ModelSwapTest, FollowsNoLinkThatTakesAVersionsPlace) {
  const TemporaryFolder folder;
  folder.Write("outside/model.pt", "theirs");
  const std::string link = folder.path() + "/link";
  MakeLink(folder.path() + "/outside", link);
  folder.Write("models/net/1/model.pt", "ours");
  const Swapper swapper(folder.path() + "/models/net/1", link);
  ExpectOnlyOurs(folder.path() + "/models");
}

// SEC-07
TEST(ModelSwapTest, FollowsNoLinkThatTakesAModelsPlace) {
  const TemporaryFolder folder;
  folder.Write("outside/1/model.pt", "theirs");
  const std::string link = folder.path() + "/link";
  MakeLink(folder.path() + "/outside", link);
  folder.Write("models/net/1/model.pt", "ours");
  const Swapper swapper(folder.path() + "/models/net", link);
  ExpectOnlyOurs(folder.path() + "/models");
}

// SEC-07: a look that opened the pipe to wait for a writer would not return.
TEST(ModelSwapTest, WaitsForNoPipeThatTakesAFilesPlace) {
  const TemporaryFolder folder;
  const std::string pipe = folder.path() + "/pipe";
  MakePipe(pipe);
  const std::string file = folder.Write("models/net/1/model.pt", "ours");
  const Swapper swapper(file, pipe);
  ExpectOnlyOurs(folder.path() + "/models");
}

}  // namespace
}  // namespace weir
