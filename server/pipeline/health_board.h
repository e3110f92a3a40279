// HealthBoard: what can answer now, and who is told when that changes.
//
//   HealthBoard board([&](const std::string& service) {
//     return pipeline.WhyNotReady(service, /*version=*/0);
//   });
//   board.Watch("unet", watcher);   // watcher->Tell(Health::kServing)
//   ...
//   board.Update();                 // after anything that may have changed it
//   board.StartDraining();          // the first thing of a drain
//   board.Close();                  // watcher->End()
//
// The board remembers nothing that could be out of date: a check looks, and an
// update looks at what is watched and tells those for whom it changed. An
// update that comes while another thread is at it has that thread look again,
// so what watchers are told last is what was true last, and each is told in
// order, once for each change that is seen.
//
// Thread-safety: any number of threads; neither `why_not` nor a watcher is
// called under a lock, and both may call the board. A watcher is told by one
// thread at a time, but for End, which may come beside a Tell.
// Ownership: borrows what `why_not` does, which is asked only for a Check or
// while somebody watches, and not once Close has returned. Shares the watchers
// with their owner. Failure: none. Watchers are as many as calls may be open at
// once, which the bounds of connections and of streams say; their services are
// no more.
#ifndef WEIR_SERVER_PIPELINE_HEALTH_BOARD_H_
#define WEIR_SERVER_PIPELINE_HEALTH_BOARD_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "sync/mutex.h"

namespace weir {

enum class Health {
  kUnknown,  // there is no such service
  kServing,
  kNotServing,
};

class HealthWatcher {
 public:
  virtual ~HealthWatcher() = default;
  virtual void Tell(Health health) = 0;
  // There is nothing to tell any more.
  virtual void End() = 0;
};

class HealthBoard {
 public:
  // Why a service could not answer now. OK: it can. NOT_FOUND: there is none.
  using WhyNot = std::function<absl::Status(const std::string& service)>;

  explicit HealthBoard(WhyNot why_not) : why_not_(std::move(why_not)) {}
  HealthBoard(const HealthBoard&) = delete;
  HealthBoard& operator=(const HealthBoard&) = delete;

  Health Check(const std::string& service) const;

  // Tells the watcher how the service is, and then each change, until Forget.
  // REQUIRES: watches one service at a time.
  void Watch(const std::string& service,
             std::shared_ptr<HealthWatcher> watcher);
  // The watcher may be told once more by a thread that is at it.
  void Forget(const std::string& service,
              const std::shared_ptr<HealthWatcher>& watcher);

  // Something happened that may have changed what can answer.
  void Update();

  // From now on nothing serves.
  void StartDraining();

  // Ends all watchers, and those who come later. Once it returns, nobody is
  // told and nothing is looked at any more, but for a Check. REQUIRES: not
  // called by a watcher or by `why_not`.
  void Close();

 private:
  using Watchers = std::set<std::shared_ptr<HealthWatcher>>;
  using News = std::vector<std::pair<std::shared_ptr<HealthWatcher>, Health>>;

  struct Watched {
    std::optional<Health> told = std::nullopt;  // to all but the newcomers
    Watchers watchers = {};
    Watchers newcomers = {};
  };

  // Looks at what may have changed, until nothing has. By one thread at a time.
  void LookAndTell();
  Health Judge(const absl::Status& why_not) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Note(const std::string& service, const absl::Status& why_not, News& news)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // True: nobody is at it, so that the caller must.
  bool TakeTurn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !std::exchange(is_looking_, true);
  }

  const WhyNot why_not_;

  mutable Mutex mutex_;
  CondVar idle_;
  std::map<std::string, Watched> watched_ ABSL_GUARDED_BY(mutex_);
  // Of those, what may have changed since it was looked at.
  std::set<std::string> doubtful_ ABSL_GUARDED_BY(mutex_);
  bool is_looking_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_HEALTH_BOARD_H_
