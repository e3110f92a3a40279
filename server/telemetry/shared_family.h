// SharedFamily: a family of Prometheus whose series are there as long as
// somebody uses them.
//
//   SharedFamily<prometheus::Counter> family(registry, "weir_x_total", "...");
//   SharedSeries<prometheus::Counter> series(family, {{"model", "m"}});
//   series->Increment();
//
// Users of the same labels share one series, and the last one removes it.
//
// Thread-safety: any number of threads.
// Ownership: the registry, which owns the family, outlives the SharedFamily,
// and that its SharedSeries.
// Failure: none.
#ifndef WEIR_SERVER_TELEMETRY_SHARED_FAMILY_H_
#define WEIR_SERVER_TELEMETRY_SHARED_FAMILY_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/labels.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "sync/mutex.h"

namespace weir {

inline prometheus::Family<prometheus::Counter>& MakeFamily(
    prometheus::Registry& registry, const std::string& name,
    const std::string& help, prometheus::Counter*) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
inline prometheus::Family<prometheus::Histogram>& MakeFamily(
    prometheus::Registry& registry, const std::string& name,
    const std::string& help, prometheus::Histogram*) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}
inline prometheus::Family<prometheus::Gauge>& MakeFamily(
    prometheus::Registry& registry, const std::string& name,
    const std::string& help, prometheus::Gauge*) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

template <typename Series>
class SharedFamily {
 public:
  SharedFamily(prometheus::Registry& registry, const std::string& name,
               const std::string& help)
      : family_(
            MakeFamily(registry, name, help, static_cast<Series*>(nullptr))) {}
  SharedFamily(const SharedFamily&) = delete;
  SharedFamily& operator=(const SharedFamily&) = delete;

  // `how` is what a new series is made with: a histogram's buckets.
  template <typename... How>
  Series& Take(const prometheus::Labels& labels, const How&... how) {
    MutexLock lock(mutex_);
    Series& series = family_.Add(labels, how...);
    ++num_users_[&series];
    return series;
  }

  std::vector<prometheus::MetricFamily> Collect() const {
    return family_.Collect();
  }

  void GiveBack(Series& series) {
    MutexLock lock(mutex_);
    const auto users = num_users_.find(&series);
    if (--users->second > 0) return;
    num_users_.erase(users);
    family_.Remove(&series);
  }

 private:
  prometheus::Family<Series>& family_;
  Mutex mutex_;
  std::map<Series*, int> num_users_ ABSL_GUARDED_BY(mutex_);
};

// One use of a series.
template <typename Series>
class SharedSeries {
 public:
  template <typename... How>
  SharedSeries(SharedFamily<Series>& family, const prometheus::Labels& labels,
               const How&... how)
      : family_(family), series_(family.Take(labels, how...)) {}
  ~SharedSeries() { family_.GiveBack(series_); }
  SharedSeries(const SharedSeries&) = delete;
  SharedSeries& operator=(const SharedSeries&) = delete;

  Series* operator->() { return &series_; }

 private:
  SharedFamily<Series>& family_;
  Series& series_;
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_SHARED_FAMILY_H_
