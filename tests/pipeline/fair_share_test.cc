#include "server/pipeline/fair_share.h"

#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

constexpr FlowId kFirst = 1;
constexpr FlowId kSecond = 2;

// Dispatches the next flow and charges it.
FlowId Dispatch(FairShare& share, double seconds) {
  const FlowId flow = share.Next().value();
  share.Charge(flow, seconds);
  return flow;
}

std::vector<FlowId> Dispatch(FairShare& share, int times, double seconds) {
  std::vector<FlowId> flows;
  for (int i = 0; i < times; ++i) flows.push_back(Dispatch(share, seconds));
  return flows;
}

// Two eligible flows of these weights.
FairShare TwoFlows(double first = 1, double second = 1) {
  FairShare share;
  share.Add(kFirst, first);
  share.Add(kSecond, second);
  share.SetEligible(kFirst, true);
  share.SetEligible(kSecond, true);
  return share;
}

TEST(FairShareTest, NamesNobodyWhenNoneIsEligible) {
  FairShare share;
  share.Add(kFirst, 1);
  EXPECT_EQ(share.Next(), std::nullopt);
  EXPECT_FALSE(share.HasEligible());
}

TEST(FairShareTest, TakesTurnsWhenRunsAreEqual) {
  FairShare share = TwoFlows();
  EXPECT_EQ(Dispatch(share, 4, 1.0),
            (std::vector<FlowId>{kFirst, kSecond, kFirst, kSecond}));
}

TEST(FairShareTest, TakesTurnsWhenNothingIsCharged) {
  FairShare share = TwoFlows();
  EXPECT_EQ(Dispatch(share, 4, 0.0),
            (std::vector<FlowId>{kFirst, kSecond, kFirst, kSecond}));
}

TEST(FairShareTest, ServesByWeight) {
  FairShare share = TwoFlows(/*first=*/1, /*second=*/3);
  int num_second = 0;
  for (const FlowId flow : Dispatch(share, 40, 1.0)) {
    num_second += flow == kSecond ? 1 : 0;
  }
  EXPECT_EQ(num_second, 30);
}

TEST(FairShareTest, ServesByDeviceTimeWhenRunsDiffer) {
  FairShare share = TwoFlows();
  double first = 0;
  double second = 0;
  for (int i = 0; i < 50; ++i) {
    const FlowId flow = share.Next().value();
    const double seconds = flow == kFirst ? 1 : 4;
    share.Charge(flow, seconds);
    (flow == kFirst ? first : second) += seconds;
  }
  EXPECT_NEAR(first, second, 5);
}

TEST(FairShareTest, RaisesTheTagOfOneThatBecomesEligible) {
  FairShare share = TwoFlows();
  share.SetEligible(kSecond, false);
  Dispatch(share, 100, 1.0);
  share.SetEligible(kSecond, true);
  EXPECT_EQ(Dispatch(share, 4, 1.0),
            (std::vector<FlowId>{kSecond, kFirst, kSecond, kFirst}));
}

TEST(FairShareTest, KeepsTheDebtOfOneThatComesBack) {
  FairShare share = TwoFlows();
  Dispatch(share, 3.0);
  share.SetEligible(kFirst, false);
  share.SetEligible(kFirst, true);
  EXPECT_EQ(Dispatch(share, 3, 1.0),
            (std::vector<FlowId>{kSecond, kSecond, kSecond}));
}

TEST(FairShareTest, GivesBackWhatWasChargedTooMuch) {
  FairShare share = TwoFlows();
  Dispatch(share, 10.0);
  Dispatch(share, 2.0);
  share.Correct(kFirst, -9.0);
  EXPECT_EQ(share.Next(), kFirst);
}

TEST(FairShareTest, ChargesWhatWasExpectedTooLittle) {
  FairShare share = TwoFlows();
  Dispatch(share, 0.0);
  Dispatch(share, 2.0);
  share.Correct(kFirst, 3.0);
  EXPECT_EQ(share.Next(), kSecond);
}

TEST(FairShareTest, ShrinksADebtWhenTheWeightGrows) {
  FairShare share = TwoFlows(/*first=*/0.001);
  Dispatch(share, 1.0);  // a debt of 1000 s against the second
  share.SetWeight(kFirst, 1);
  EXPECT_EQ(Dispatch(share, 3, 0.6),
            (std::vector<FlowId>{kSecond, kSecond, kFirst}));
}

TEST(FairShareTest, KeepsADebtWhenTheWeightShrinks) {
  FairShare share = TwoFlows();
  Dispatch(share, 1.0);
  share.SetWeight(kFirst, 0.001);
  EXPECT_EQ(Dispatch(share, 3, 0.6),
            (std::vector<FlowId>{kSecond, kSecond, kFirst}));
}

TEST(FairShareTest, IgnoresACorrectionForOneThatWasRemoved) {
  FairShare share = TwoFlows();
  Dispatch(share, 1.0);
  share.Remove(kFirst);
  share.Correct(kFirst, 5.0);
  EXPECT_EQ(share.Next(), kSecond);
}

TEST(FairShareDeathTest, DiesWhenAFlowHasNoWeight) {
  FairShare share;
  EXPECT_DEATH(share.Add(kFirst, 0), "has a weight");
}

}  // namespace
}  // namespace weir
