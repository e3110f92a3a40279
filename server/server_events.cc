#include "server/server_events.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace weir {

void ServerEvents::NoteLoading(const Key& key) {
  const TimePoint now = clock_.Now();
  MutexLock lock(mutex_);
  loads_[key].began = now;
}

Duration ServerEvents::NoteReady(const Key& key) {
  const TimePoint now = clock_.Now();
  MutexLock lock(mutex_);
  Load& load = loads_[key];
  load.took = now - load.began;
  return load.took;
}

Duration ServerEvents::LoadTime(const std::string& model,
                                int64_t version) const {
  MutexLock lock(mutex_);
  const auto found = loads_.find({model, version});
  return found == loads_.end() ? Duration::zero() : found->second.took;
}

void ServerEvents::OnModelState(const std::string& model, int64_t version,
                                ModelState state, const absl::Status& why) {
  Log::Fields fields = {{"model", model}, {"version", absl::StrCat(version)}};
  switch (state) {
    case ModelState::kLoading:
      NoteLoading({model, version});
      log_.Debug("model is loading", fields);
      break;
    case ModelState::kWarmingUp:
      log_.Debug("model is warming up", fields);
      break;
    case ModelState::kReady:
      fields.emplace_back(
          "load_time",
          absl::StrFormat("%.3fs", ToSeconds(NoteReady({model, version}))));
      log_.Info("model is ready", fields);
      break;
    case ModelState::kFailed:
      fields.emplace_back("why", std::string(why.message()));
      log_.Error("model failed to load", fields);
      break;
    case ModelState::kDraining:
      log_.Debug("model takes no more requests", fields);
      break;
    case ModelState::kUnloaded:
      log_.Debug("model is unloaded", fields);
      break;
  }
  hooks_.on_change();
}

void ServerEvents::OnStuckRun(const std::string& model,
                              const std::string& device) {
  if (model.empty()) {
    log_.Error(
        "loading, freeing or repairing takes longer than "
        "limits.load_time_max; its slot is out of service until it returns",
        {{"device", device}});
  } else {
    log_.Error(
        "a run takes longer than limits.run_time_max; its requests were "
        "answered, and its slot is out of service until it returns",
        {{"model", model}, {"device", device}});
  }
  hooks_.on_change();
}

void ServerEvents::OnStuckRunReturned(const std::string& model,
                                      const std::string& device) {
  log_.Warning("a run that had been given up has come back",
               {{"model", model}, {"device", device}});
  hooks_.on_change();
}

void ServerEvents::OnDevice(const std::string& device,
                            const ServiceNews& news) {
  if (news.lost) {
    log_.Error("device is lost", {{"device", device}});
    hooks_.on_lost(device);
  } else {
    log_.Warning(
        "slots in service changed",
        {{"device", device}, {"in_service", absl::StrCat(news.in_service)}});
  }
  hooks_.on_change();
}

void ServerEvents::OnWarning(const std::string& sentence) {
  log_.Warning(sentence);
}

}  // namespace weir
