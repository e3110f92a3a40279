// The client against weir's own service, over the scripted backend.
#include <string>

#include "clients/cpp/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rpc/rpc_rig.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class WeirServerTest : public testing::Test {
 protected:
  WeirServerTest() {
    rig_.backend.Script("m", {.compute = FakeCompute::kAffine, .scale = 2});
    rig_.pipeline.Load(
        {.name = "m",
         .version = 3,
         .config = {
             .inputs = {{.name = "x", .datatype = "FP32", .shape = {-1, 2}}},
             .outputs = {{.name = "y", .datatype = "FP32", .shape = {-1, 2}}},
             .batch = BatchConfig{.rows_max = 8}}});
  }
  RpcRig rig_;
  const Client client_ = OrDie(Client::Connect(rig_.server->addresses()[0]));
};

TEST_F(WeirServerTest, RunsAModel) {
  const absl::StatusOr<InferResult> result =
      client_.Infer({.model = "m",
                     .id = "17",
                     .inputs = {TensorOf<float>("x", {1, 2}, {1, 2.5})}});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->model, "m");
  EXPECT_EQ(result->version, "3");
  EXPECT_EQ(result->id, "17");
  ASSERT_NE(result->Find("y"), nullptr);
  EXPECT_EQ(result->Find("z"), nullptr);
  EXPECT_THAT(*ElementsOf<float>(*result->Find("y")), ElementsAre(2, 5));
}

TEST_F(WeirServerTest, TellsWhatIsServed) {
  const absl::StatusOr<ServerMetadata> server = client_.GetServerMetadata();
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(server->name, "weir");
  const absl::StatusOr<ModelMetadata> model = client_.GetModelMetadata("m");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_THAT(model->versions, ElementsAre("3"));
  EXPECT_EQ(model->inputs[0].name, "x");
  EXPECT_EQ(model->inputs[0].datatype, "FP32");
  EXPECT_THAT(model->inputs[0].shape, ElementsAre(-1, 2));
  EXPECT_EQ(model->outputs[0].name, "y");
  const absl::StatusOr<ServedModelConfig> config = client_.GetModelConfig("m");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->rows_max, 8);
  EXPECT_EQ(config->name, "m");
}

TEST_F(WeirServerTest, TellsWhatIsReady) {
  EXPECT_TRUE(*client_.ServerLive());
  EXPECT_TRUE(*client_.ServerReady());
  rig_.is_ready = false;
  EXPECT_FALSE(*client_.ServerReady());
  EXPECT_TRUE(*client_.ModelReady("m"));
  EXPECT_TRUE(*client_.ModelReady("m", "3"));
  EXPECT_FALSE(*client_.ModelReady("m", "4"));
  EXPECT_FALSE(*client_.ModelReady("nobody"));
}

TEST_F(WeirServerTest, SaysWhatIsUnknown) {
  for (const absl::Status& status :
       {client_.GetModelMetadata("nobody").status(),
        client_.GetModelConfig("nobody").status(),
        client_.Infer({.model = "nobody"}).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(std::string(status.message()), HasSubstr("unknown model"));
  }
}

TEST_F(WeirServerTest, SaysWhatIsWrongWithATensor) {
  const absl::Status status =
      client_
          .Infer(
              {.model = "m", .inputs = {TensorOf<double>("x", {1, 2}, {1, 2})}})
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace weir
