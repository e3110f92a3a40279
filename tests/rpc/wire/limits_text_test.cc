// docs/limits.md names limits of server/rpc, which config/ cannot see; here the
// two are held equal.
#include "config/limits_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "config/number.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/wire/infer_call.h"
#include "server/rpc/wire/infer_message.h"
#include "server/rpc/wire/tensor_claim.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

void ExpectRow(const std::string& what, const std::string& limit) {
  EXPECT_THAT(LimitsText(),
              HasSubstr(absl::StrCat("\n| ", what, " | ", limit, " | ")));
}

TEST(LimitsTextTest, SaysWhatTheWireKeepsTo) {
  ExpectRow("outputs that one request may name",
            absl::StrCat(kRequestedOutputsMax));
  ExpectRow("parameters of a request, or of one of its tensors",
            absl::StrCat(kParametersMax));
  ExpectRow("bytes of a request that are not tensors' data",
            PrintSize(static_cast<int64_t>(kHeaderBytesMax)));
  ExpectRow("elements in the bytes_contents of one request",
            absl::StrCat(kBytesContentsMax));
  ExpectRow("bytes of the name of a model, version or tensor",
            absl::StrCat(kNameBytesMax));
  ExpectRow("bytes of a request's id", absl::StrCat(kIdBytesMax));
}

}  // namespace
}  // namespace weir
