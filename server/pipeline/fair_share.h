// FairShare: whose turn it is on one device: start-time fair queueing of models
// on device seconds.
//
//   share.Add(flow, /*weight=*/2);
//   share.SetEligible(flow, true);        // it has work that may run now
//   FlowId next = *share.Next();          // the smallest tag
//   share.Charge(next, expected_seconds); // at dispatch, by estimate
//   share.Correct(next, seconds - expected_seconds);
//
// Each flow has a tag: the virtual time at which its next run starts. A run
// moves it on by seconds / weight, and the flow with the smallest tag is next.
// The device's virtual time is the largest tag that was dispatched. A flow that
// becomes eligible is raised to it: what it did not use while it had nothing to
// run is gone, so it can neither starve the others nor be starved by them. A
// flow that was charged more than its run took gets the difference back.
//
// Between two flows that both stay eligible the device seconds per weight
// differ by at most (slots + 1) x (max_run_i / w_i + max_run_j / w_j).
//
// Thread-safety: none; the scheduler's mutex guards it.
// Ownership: values.
// Failure: none; an unknown flow is a failed check.
#ifndef WEIR_SERVER_PIPELINE_FAIR_SHARE_H_
#define WEIR_SERVER_PIPELINE_FAIR_SHARE_H_

#include <cstdint>
#include <optional>
#include <set>
#include <tuple>

#include "absl/container/flat_hash_map.h"

namespace weir {

// A model, as the scheduler numbers them.
using FlowId = int;

class FairShare {
 public:
  // REQUIRES: not there yet; weight > 0.
  void Add(FlowId flow, double weight);
  // With a greater weight, what the flow has yet to wait for shrinks too.
  void SetWeight(FlowId flow, double weight);
  void Remove(FlowId flow);

  void SetEligible(FlowId flow, bool eligible);
  bool IsEligible(FlowId flow) const;

  // The eligible flow whose turn it is; equal tags take turns.
  std::optional<FlowId> Next() const;

  void Charge(FlowId flow, double seconds);
  void Correct(FlowId flow, double seconds);

  bool HasEligible() const { return !line_.empty(); }
  // Calls `visit` for each eligible flow, in their order, until it says true.
  template <typename Visit>
  bool AnyEligible(Visit visit) const {
    for (const Rank& rank : line_) {
      if (visit(std::get<FlowId>(rank))) return true;
    }
    return false;
  }

 private:
  // Tag, then the dispatch it was last served by: equal tags take turns.
  using Rank = std::tuple<double, uint64_t, FlowId>;
  struct Flow {
    double weight = 1;
    double tag = 0;
    uint64_t served = 0;
    bool eligible = false;
  };

  Rank RankOf(FlowId id, const Flow& flow) const {
    return {flow.tag, flow.served, id};
  }
  void MoveTag(FlowId id, Flow& flow, double seconds);

  absl::flat_hash_map<FlowId, Flow> flows_;
  std::set<Rank> line_;  // the eligible ones
  double virtual_time_ = 0;
  uint64_t num_dispatches_ = 0;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_FAIR_SHARE_H_
