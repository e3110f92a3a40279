#include "server/pipeline/health_board.h"

namespace weir {

Health HealthBoard::Judge(const absl::Status& why_not) const {
  if (absl::IsNotFound(why_not)) return Health::kUnknown;
  return why_not.ok() && !draining_ ? Health::kServing : Health::kNotServing;
}

Health HealthBoard::Check(const std::string& service) const {
  const absl::Status why_not = why_not_(service);
  MutexLock lock(mutex_);
  return Judge(why_not);
}

void HealthBoard::Watch(const std::string& service,
                        std::shared_ptr<HealthWatcher> watcher) {
  std::shared_ptr<HealthWatcher> late;
  bool is_my_turn = false;
  {
    MutexLock lock(mutex_);
    if (closed_) {
      late = std::move(watcher);
    } else {
      watched_[service].newcomers.insert(std::move(watcher));
      doubtful_.insert(service);
      is_my_turn = TakeTurn();
    }
  }
  if (late != nullptr) late->End();
  if (is_my_turn) LookAndTell();
}

void HealthBoard::Forget(const std::string& service,
                         const std::shared_ptr<HealthWatcher>& watcher) {
  MutexLock lock(mutex_);
  const auto found = watched_.find(service);
  if (found == watched_.end()) return;
  // The caller's own reference outlives both: nothing is destroyed here.
  found->second.watchers.erase(watcher);
  found->second.newcomers.erase(watcher);
  if (!found->second.watchers.empty()) return;
  if (!found->second.newcomers.empty()) return;
  watched_.erase(found);
  doubtful_.erase(service);
}

void HealthBoard::Update() {
  {
    MutexLock lock(mutex_);
    for (const auto& [service, watched] : watched_) doubtful_.insert(service);
    if (!TakeTurn()) return;
  }
  LookAndTell();
}

void HealthBoard::StartDraining() {
  {
    MutexLock lock(mutex_);
    draining_ = true;
  }
  Update();
}

void HealthBoard::Close() {
  std::map<std::string, Watched> ended;
  {
    MutexLock lock(mutex_);
    closed_ = true;
    ended.swap(watched_);
    doubtful_.clear();
  }
  for (const auto& [service, watched] : ended) {
    for (const auto& watcher : watched.watchers) watcher->End();
    for (const auto& watcher : watched.newcomers) watcher->End();
  }
  MutexLock lock(mutex_);
  while (is_looking_) idle_.Wait(mutex_);
}

void HealthBoard::LookAndTell() {
  for (;;) {
    std::set<std::string> doubtful;
    {
      MutexLock lock(mutex_);
      doubtful.swap(doubtful_);
      if (doubtful.empty()) {
        is_looking_ = false;
        idle_.NotifyAll();
        return;
      }
    }
    News news;
    for (const std::string& service : doubtful) {
      const absl::Status why_not = why_not_(service);
      MutexLock lock(mutex_);
      Note(service, why_not, news);
    }
    for (const auto& [watcher, health] : news) watcher->Tell(health);
  }
}

void HealthBoard::Note(const std::string& service, const absl::Status& why_not,
                       News& news) {
  const auto found = watched_.find(service);
  if (found == watched_.end()) return;  // nobody is left
  Watched& watched = found->second;
  const Health health = Judge(why_not);
  if (watched.told != health) {
    watched.told = health;
    for (const auto& watcher : watched.watchers) {
      news.emplace_back(watcher, health);
    }
  }
  for (const auto& watcher : watched.newcomers) {
    news.emplace_back(watcher, health);
  }
  watched.watchers.merge(watched.newcomers);
}

}  // namespace weir
