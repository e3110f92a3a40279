#include "config/status_macros.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

absl::StatusOr<int> Double(absl::StatusOr<int> number) {
  WEIR_ASSIGN_OR_RETURN(const int value, std::move(number));
  return 2 * value;
}

absl::Status Pass(absl::Status status, bool& went_on) {
  WEIR_RETURN_IF_ERROR(std::move(status));
  went_on = true;
  return absl::OkStatus();
}

TEST(StatusMacrosTest, AssignTakesTheValueOrReturnsTheError) {
  EXPECT_EQ(*Double(21), 42);
  EXPECT_EQ(Double(absl::NotFoundError("x")).status(),
            absl::NotFoundError("x"));
}

TEST(StatusMacrosTest, ReturnLeavesOnlyWithAnError) {
  bool went_on = false;
  EXPECT_EQ(Pass(absl::InternalError("x"), went_on), absl::InternalError("x"));
  EXPECT_FALSE(went_on);
  EXPECT_TRUE(Pass(absl::OkStatus(), went_on).ok());
  EXPECT_TRUE(went_on);
}

}  // namespace
}  // namespace weir
