#include "server/pipeline/fair_share.h"

#include <algorithm>

#include "sync/check.h"

namespace weir {

void FairShare::Add(FlowId flow, double weight) {
  WEIR_CHECK(weight > 0, "a flow has a weight");
  Flow added;
  added.weight = weight;
  WEIR_CHECK(flows_.emplace(flow, added).second, "a flow is added once");
}

void FairShare::SetWeight(FlowId flow, double weight) {
  WEIR_CHECK(weight > 0, "a flow has a weight");
  Flow& entry = flows_.at(flow);
  const double debt = std::max(0.0, entry.tag - virtual_time_) * entry.weight;
  const bool is_more = weight > entry.weight;
  const double saved = is_more ? debt / entry.weight - debt / weight : 0;
  entry.weight = weight;
  MoveTag(flow, entry, -saved * weight);
}

void FairShare::Remove(FlowId flow) {
  SetEligible(flow, false);
  flows_.erase(flow);
}

void FairShare::SetEligible(FlowId flow, bool eligible) {
  Flow& entry = flows_.at(flow);
  if (entry.eligible == eligible) return;
  entry.eligible = eligible;
  if (!eligible) {
    line_.erase(RankOf(flow, entry));
    return;
  }
  entry.tag = std::max(entry.tag, virtual_time_);
  line_.insert(RankOf(flow, entry));
}

bool FairShare::IsEligible(FlowId flow) const {
  return flows_.at(flow).eligible;
}

std::optional<FlowId> FairShare::Next() const {
  if (line_.empty()) return std::nullopt;
  return std::get<FlowId>(*line_.begin());
}

void FairShare::Charge(FlowId flow, double seconds) {
  Flow& entry = flows_.at(flow);
  virtual_time_ = std::max(virtual_time_, entry.tag);
  if (entry.eligible) line_.erase(RankOf(flow, entry));
  entry.served = ++num_dispatches_;
  if (entry.eligible) line_.insert(RankOf(flow, entry));
  MoveTag(flow, entry, seconds);
}

void FairShare::Correct(FlowId flow, double seconds) {
  const auto found = flows_.find(flow);
  if (found != flows_.end()) MoveTag(flow, found->second, seconds);
}

void FairShare::MoveTag(FlowId id, Flow& flow, double seconds) {
  if (flow.eligible) line_.erase(RankOf(id, flow));
  flow.tag += seconds / flow.weight;
  if (flow.eligible) line_.insert(RankOf(id, flow));
}

}  // namespace weir
