// What load tools read before and after they measure.
#include "server/rpc/model_statistics.h"

#include <chrono>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rpc/infer_request.h"
#include "tests/rpc/rpc_rig.h"

namespace weir {
namespace {

using ::testing::Contains;
using ::testing::SizeIs;

class ModelStatisticsTest : public testing::Test {
 protected:
  void Load(const std::string& name, int64_t version = 3,
            const FakeScript& script = {}) {
    rig_.backend.Script(name, script);
    ModelConfig config;
    config.inputs = {{.name = "x", .datatype = "FP32", .shape = {-1, 1}}};
    config.outputs = {{.name = "y", .datatype = "FP32", .shape = {-1, 1}}};
    config.batch = BatchConfig{.rows_max = 8};
    rig_.pipeline.Load({.name = name, .version = version, .config = config});
  }
  void Infer(const std::string& model, int64_t rows) {
    inference::ModelInferRequest request =
        RequestOf(model, std::vector<float>(static_cast<size_t>(rows)));
    request.mutable_inputs(0)->set_shape(0, rows);
    request.mutable_inputs(0)->set_shape(1, 1);
    grpc::ClientContext context;
    inference::ModelInferResponse response;
    rig_.stub->ModelInfer(&context, request, &response);
  }
  grpc::Status Ask(const std::string& name, const std::string& version = "") {
    inference::ModelStatisticsRequest request;
    request.set_name(name);
    request.set_version(version);
    grpc::ClientContext context;
    return rig_.stub->ModelStatistics(&context, request, &response_);
  }
  inference::ModelStatistics Of(const std::string& name) {
    const grpc::Status status = Ask(name);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_THAT(response_.model_stats(), SizeIs(1));
    return response_.model_stats(0);
  }

  RpcRig rig_;
  inference::ModelStatisticsResponse response_;
};

TEST_F(ModelStatisticsTest, AreNothingAtFirst) {
  Load("m");
  const inference::ModelStatistics statistics = Of("m");
  EXPECT_EQ(statistics.name(), "m");
  EXPECT_EQ(statistics.version(), "3");
  EXPECT_EQ(statistics.inference_count(), 0U);
  EXPECT_EQ(statistics.last_inference(), 0U);
  EXPECT_EQ(statistics.inference_stats().success().count(), 0U);
  EXPECT_THAT(statistics.batch_stats(), SizeIs(0));
}

TEST_F(ModelStatisticsTest, CountRequestsRowsAndRuns) {
  Load("m", 3, {.delay = std::chrono::milliseconds(2)});
  Infer("m", 1);
  Infer("m", 4);
  Infer("m", 4);
  const inference::ModelStatistics statistics = Of("m");
  EXPECT_EQ(statistics.inference_count(), 9U);
  EXPECT_EQ(statistics.execution_count(), 3U);
  const inference::InferStatistics& requests = statistics.inference_stats();
  for (const auto& part :
       {requests.success(), requests.queue(), requests.compute_input(),
        requests.compute_infer(), requests.compute_output()}) {
    EXPECT_EQ(part.count(), 3U);
  }
  EXPECT_EQ(requests.fail().count(), 0U);
  EXPECT_GE(requests.compute_infer().ns(), 6'000'000U);
  EXPECT_GE(requests.success().ns(),
            requests.queue().ns() + requests.compute_input().ns() +
                requests.compute_infer().ns() + requests.compute_output().ns());
  ASSERT_THAT(statistics.batch_stats(), SizeIs(2));
  EXPECT_EQ(statistics.batch_stats(0).batch_size(), 1U);
  EXPECT_EQ(statistics.batch_stats(1).batch_size(), 4U);
  EXPECT_EQ(statistics.batch_stats(1).compute_infer().count(), 2U);
  EXPECT_GE(statistics.batch_stats(1).compute_infer().ns(), 4'000'000U);
}

TEST_F(ModelStatisticsTest, CountWhatFailsAndWhatIsRefused) {
  Load("m", 3, {.fails = {.every = 1}});
  Infer("m", 1);
  Infer("m", 9);
  const inference::ModelStatistics statistics = Of("m");
  EXPECT_EQ(statistics.inference_stats().fail().count(), 2U);
  EXPECT_GT(statistics.inference_stats().fail().ns(), 0U);
  EXPECT_EQ(statistics.inference_stats().success().count(), 0U);
  EXPECT_EQ(statistics.inference_stats().queue().count(), 0U);
  EXPECT_EQ(statistics.inference_count(), 0U);
  EXPECT_EQ(statistics.execution_count(), 0U);
}

uint64_t MillisecondsSince1970() {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::system_clock::now().time_since_epoch())
          .count());
}

TEST_F(ModelStatisticsTest, DateTheLastInference) {
  Load("m");
  const uint64_t before = MillisecondsSince1970();
  Infer("m", 1);
  const uint64_t date = Of("m").last_inference();
  EXPECT_GE(date + 1, before);  // two clocks are read, one after the other
  EXPECT_LE(date, MillisecondsSince1970());
}

TEST_F(ModelStatisticsTest, DateAnInferenceOfAnHourAgo) {
  constexpr uint64_t kHourMs = 3'600'000;
  Load("m");
  Infer("m", 1);
  inference::ModelStatistics statistics;
  FillStatistics(**rig_.pipeline.pipeline().store().Find("m", 0),
                 rig_.clock.Now() + std::chrono::hours(1), statistics);
  EXPECT_LE(statistics.last_inference(), MillisecondsSince1970() - kHourMs);
}

TEST_F(ModelStatisticsTest, AreOfAllModelsWhereNoneIsNamed) {
  Load("m");
  Load("n", 1);
  Infer("n", 2);
  ASSERT_TRUE(Ask("").ok());
  ASSERT_THAT(response_.model_stats(), SizeIs(2));
  EXPECT_EQ(response_.model_stats(0).name(), "m");
  EXPECT_EQ(response_.model_stats(1).name(), "n");
  EXPECT_EQ(response_.model_stats(0).inference_count(), 0U);
  EXPECT_EQ(response_.model_stats(1).inference_count(), 2U);
}

TEST_F(ModelStatisticsTest, SayThatAModelOrVersionIsUnknown) {
  Load("m");
  EXPECT_EQ(Ask("nobody").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Ask("m", "4").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Ask("m", "x").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(Ask("m", "3").ok());
}

TEST_F(ModelStatisticsTest, AreAnExtensionOfTheServer) {
  grpc::ClientContext context;
  inference::ServerMetadataResponse metadata;
  ASSERT_TRUE(rig_.stub->ServerMetadata(&context, {}, &metadata).ok());
  EXPECT_THAT(metadata.extensions(), Contains("statistics"));
}

}  // namespace
}  // namespace weir
