#include "backend/module.h"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

#include "backend/slot_pool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/clock.h"
#include "tests/support/tensors.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Text(const absl::Status& status) {
  return std::string(status.message());
}

class ModuleTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Backend>> Load(const std::string& path) {
    return LoadBackendModule(path, {.clock = &clock_});
  }

  RealClock clock_;
};

TEST_F(ModuleTest, RunsAModelOfTheFakeModule) {
  const std::unique_ptr<Backend> backend = *Load(WEIR_FAKE_MODULE);
  EXPECT_EQ(backend->name(), "fake");
  SlotPool pool("fake:0", std::move(backend->Probe("fake:0", 1)->slots), clock_,
                nullptr);
  SlotLease lease = *pool.TryAcquire(-1);
  ModelSource source{.name = "adder"};
  source.config.backend_options = {{"compute", "affine"}, {"offset", "1"}};
  auto model = *backend->Load(lease, **backend->Read(source));
  const NamedTensor x{"x", FloatTensor({1, 2}, {1, 2})};
  const RunResult result =
      model->Run(lease, {{absl::MakeConstSpan(&x, 1)}, 1}, {});
  EXPECT_THAT(Floats((*result.outputs)[0].tensor), ElementsAre(2, 3));
  model->Free(lease);
}

TEST_F(ModuleTest, GivesTwoBackendsWhenLoadedTwice) {
  const std::unique_ptr<Backend> first = *Load(WEIR_FAKE_MODULE);
  const std::unique_ptr<Backend> second = *Load(WEIR_FAKE_MODULE);
  EXPECT_NE(first, second);
  EXPECT_TRUE(first->Probe("fake:0", 1).ok());
  EXPECT_TRUE(second->Probe("fake:0", 1).ok());
}

TEST_F(ModuleTest, RefusesAFileThatIsNotThere) {
  for (const char* path : {"/nonexistent/libweir.so", "libweir_absent.so"}) {
    const absl::Status status = Load(path).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(Text(status), HasSubstr(path));
  }
}

TEST_F(ModuleTest, RefusesAFolder) {
  for (const std::string& path : {testing::TempDir(), std::string()}) {
    EXPECT_EQ(Load(path).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(ModuleTest, RefusesAFileThatIsNoSharedObject) {
  const std::string path = testing::TempDir() + "/not_a_module.so";
  std::ofstream(path) << "this is a text\n";
  const absl::Status status = Load(path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Text(status), HasSubstr("cannot load the backend module"));
  std::remove(path.c_str());
}

TEST_F(ModuleTest, RefusesASharedObjectWithoutAnEntry) {
  const absl::Status status = Load(WEIR_MODULE_NO_ENTRY).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Text(status), HasSubstr("it has no weir_backend_entry"));
}

TEST_F(ModuleTest, RefusesAnEntryThatDescribesNothing) {
  EXPECT_EQ(Load(WEIR_MODULE_NOTHING).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ModuleTest, RefusesAnotherHashAndNamesBoth) {
  const absl::Status status = Load(WEIR_MODULE_OTHER_HASH).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Text(status), AllOf(HasSubstr(std::string(64, 'f')),
                                  HasSubstr(kBackendHeadersHash)));
}

TEST_F(ModuleTest, RefusesAnotherSizeBeforeItReadsOn) {
  const absl::Status status = Load(WEIR_MODULE_OTHER_SIZE).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Text(status), HasSubstr("the size of its description is 4"));
}

TEST_F(ModuleTest, TellsWhyAModuleMakesNoBackend) {
  const absl::Status status = Load(WEIR_MODULE_REFUSING).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Text(status), HasSubstr("this machine has no such device"));
}

TEST(ModuleAbiTest, AcceptsItself) {
  EXPECT_TRUE(CheckModuleAbi(ThisAbi(), ThisAbi()).ok());
}

TEST(ModuleAbiTest, NamesTheValueThatDiffersAndWhatWasExpected) {
  ModuleAbi layout = ThisAbi();
  layout.glibcxx_cxx11_abi = -7;
  EXPECT_THAT(Text(CheckModuleAbi(ThisAbi(), layout)),
              HasSubstr("_GLIBCXX_USE_CXX11_ABI is -7, expected "));
  ModuleAbi abseil = ThisAbi();
  abseil.abseil_lts = 20200101;
  EXPECT_THAT(Text(CheckModuleAbi(ThisAbi(), abseil)),
              HasSubstr("the release of abseil is 20200101, expected "));
}

TEST(ModuleAbiTest, ReadsNoFurtherThanAHashMayGo) {
  ModuleAbi endless = ThisAbi();
  std::memset(endless.headers_hash, 'a', sizeof(endless.headers_hash));
  EXPECT_FALSE(CheckModuleAbi(ThisAbi(), endless).ok());
}

TEST(ModuleAbiTest, CutsTheReasonToTheRoomThereIs) {
  char error[4] = {'x', 'x', 'x', 'x'};
  EXPECT_EQ(RefuseToMake("reason", error, sizeof(error)), nullptr);
  EXPECT_STREQ(error, "rea");
  EXPECT_EQ(RefuseToMake("reason", nullptr, 0), nullptr);
}

}  // namespace
}  // namespace weir
