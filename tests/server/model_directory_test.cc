#include "server/model_directory.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/odd_files.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> NamesOf(const ModelDirectory& found) {
  std::vector<std::string> names;
  for (const FoundModel& model : found.models) {
    names.push_back(model.source.name);
  }
  return names;
}

TEST(ModelDirectoryTest, FindsAModelInItsFolder) {
  const TemporaryFolder folder;
  const std::string file = folder.Write("net/3/model.pt", "weights");
  folder.Write("net/model.yaml", "weight: 2\n");
  const ModelDirectory found = FindModels(folder.path());
  EXPECT_THAT(found.problems, IsEmpty());
  ASSERT_EQ(found.models.size(), 1u);
  const FoundModel& model = found.models[0];
  EXPECT_EQ(model.source.name, "net");
  EXPECT_EQ(model.source.version, 3);
  EXPECT_EQ(model.source.config.weight, 2);
  EXPECT_EQ(model.place, file);
  EXPECT_EQ(ReadAll(model.source.path), "weights");
}

TEST(ModelDirectoryTest, FindsAPlainFile) {
  const TemporaryFolder folder;
  folder.Write("net.v2.pt", "weights");
  folder.Write("net.v2.yaml", "weight: 2\n");
  const ModelDirectory found = FindModels(folder.path());
  EXPECT_THAT(found.problems, IsEmpty());
  ASSERT_EQ(found.models.size(), 1u);
  EXPECT_EQ(found.models[0].source.name, "net.v2");
  EXPECT_EQ(found.models[0].source.version, 1);
  EXPECT_EQ(found.models[0].source.config.weight, 2);
  EXPECT_EQ(ReadAll(found.models[0].source.path), "weights");
}

TEST(ModelDirectoryTest, TakesADefaultConfigurationWhereThereIsNone) {
  const TemporaryFolder folder;
  folder.Write("a/1/model.pt", "x");
  folder.Write("b.pt", "x");
  const ModelDirectory found = FindModels(folder.path());
  ASSERT_EQ(found.models.size(), 2u);
  EXPECT_EQ(found.models[0].source.config, ModelConfig{});
  EXPECT_EQ(found.models[1].source.config, ModelConfig{});
}

TEST(ModelDirectoryTest, TakesTheNewestVersionByItsNumber) {
  const TemporaryFolder folder;
  for (const std::string version : {"1", "2", "10", "9"}) {
    folder.Write("net/" + version + "/model.pt", "of " + version);
  }
  const ModelDirectory found = FindModels(folder.path());
  ASSERT_EQ(found.models.size(), 1u);
  EXPECT_EQ(found.models[0].source.version, 10);
  EXPECT_EQ(ReadAll(found.models[0].source.path), "of 10");
}

TEST(ModelDirectoryTest, SortsModelsByName) {
  const TemporaryFolder folder;
  folder.Write("c/1/model.pt", "x");
  folder.Write("b.pt", "x");
  folder.Write("a/1/model.pt", "x");
  EXPECT_THAT(NamesOf(FindModels(folder.path())), ElementsAre("a", "b", "c"));
}

TEST(ModelDirectoryTest, LeavesAloneWhatMeansToBeNoModel) {
  const TemporaryFolder folder;
  for (const char* name :
       {".git/config", ".net.pt.swp", "net~", "old~/1/model.pt", "#net.pt#",
        "README.md", "make_models.py", "lone.yaml", "lost+found/x",
        "__pycache__/x.pyc", "net/.2/model.pt", "net/1~/model.pt",
        "net/labels.txt", "net/model.yaml~", "net/1/extra.bin"}) {
    folder.Write(name, "x");
  }
  MakeLink("nobody@here.1:2", folder.path() + "/.#net.pt");
  folder.Write("net/1/model.pt", "x");
  const ModelDirectory found = FindModels(folder.path());
  EXPECT_THAT(found.problems, IsEmpty());
  EXPECT_THAT(NamesOf(found), ElementsAre("net"));
}

TEST(ModelDirectoryTest, TakesAFolderThatIsALinkItself) {
  const TemporaryFolder folder;
  folder.Write("real/net.pt", "x");
  MakeLink("real", folder.path() + "/models");
  EXPECT_THAT(NamesOf(FindModels(folder.path() + "/models")),
              ElementsAre("net"));
}

TEST(ModelDirectoryTest, FindsTheModelOfOneFile) {
  const TemporaryFolder folder;
  const std::string file = folder.Write("net.pt", "weights");
  folder.Write("net.yaml", "weight: 2\n");
  folder.Write("other.pt", "x");
  const ModelDirectory found = FindModel(file);
  EXPECT_THAT(found.problems, IsEmpty());
  ASSERT_EQ(found.models.size(), 1u);
  EXPECT_EQ(found.models[0].source.name, "net");
  EXPECT_EQ(found.models[0].source.config.weight, 2);
  EXPECT_EQ(ReadAll(found.models[0].source.path), "weights");
}

TEST(ModelDirectoryTest, FindsScriptedModelsWhereNoFileIsNeeded) {
  const TemporaryFolder folder;
  folder.Write("a/model.yaml", "backend_options: {outputs: none}\n");
  folder.Write("b/4/model.pt", "x");
  folder.Write("b/model.yaml", "");
  folder.Write("c/2/notes.txt", "");
  folder.Write("c/model.yaml", "");
  const ModelDirectory found = FindModels(folder.path(), {.needs_file = false});
  EXPECT_THAT(found.problems, IsEmpty());
  ASSERT_THAT(NamesOf(found), ElementsAre("a", "b", "c"));
  EXPECT_EQ(found.models[0].source.config.backend_options.size(), 1u);
  EXPECT_EQ(found.models[0].source.version, 1);
  EXPECT_EQ(found.models[0].source.path, "");
  EXPECT_EQ(ReadAll(found.models[1].source.path), "x");
  EXPECT_EQ(found.models[2].source.version, 2);
}

TEST(ModelDirectoryTest, FindsOneScriptedModel) {
  const TemporaryFolder folder;
  const std::string file = folder.Write("net.yaml", "weight: 2\n");
  const ModelDirectory found = FindModel(file, {.needs_file = false});
  EXPECT_THAT(found.problems, IsEmpty());
  ASSERT_EQ(found.models.size(), 1u);
  EXPECT_EQ(found.models[0].source.config.weight, 2);
  EXPECT_EQ(found.models[0].place, file);
}

}  // namespace
}  // namespace weir
