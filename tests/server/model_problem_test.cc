#include <sys/resource.h>
#include <sys/stat.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/model_directory.h"
#include "tests/server/odd_files.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The problems, where that is all there is.
std::vector<std::string> ProblemsOf(const TemporaryFolder& folder,
                                    const ModelDirectoryOptions& options = {}) {
  ModelDirectory found = FindModels(folder.path(), options);
  EXPECT_THAT(found.models, IsEmpty());
  return found.problems;
}

TEST(ModelProblemTest, SaysThatThereIsNoFolder) {
  EXPECT_THAT(FindModels("/none/models").problems,
              ElementsAre("/none/models: cannot be opened: No such file or "
                          "directory; put it there or name another"));
}

TEST(ModelProblemTest, SaysWhereToPutModelsWhereThereAreNone) {
  const TemporaryFolder folder;
  folder.Write("README.md", "x");
  EXPECT_THAT(ProblemsOf(folder),
              ElementsAre(absl::StrCat(
                  folder.path(), ": holds no model; put one at ", folder.path(),
                  "/NAME/1/model.pt or ", folder.path(), "/NAME.pt")));
}

TEST(ModelProblemTest, SaysThatAModelHasNoVersion) {
  const TemporaryFolder folder;
  folder.Write("net/model.pt", "x");
  EXPECT_THAT(ProblemsOf(folder), ElementsAre(absl::StrCat(
                                      folder.path(),
                                      "/net: holds no version; put the model's "
                                      "file at ",
                                      folder.path(), "/net/1/model.pt")));
}

// R13
TEST(ModelProblemTest, TakesNoOlderVersionForTheNewest) {
  const TemporaryFolder folder;
  folder.Write("net/1/model.pt", "x");
  folder.Write("net/2/model.onnx", "x");
  EXPECT_THAT(ProblemsOf(folder),
              ElementsAre(HasSubstr("/net/2/model.pt: cannot be opened: No "
                                    "such file or directory; put it there")));
}

// R13
TEST(ModelProblemTest, TakesNeitherOfTwoModelsOfOneName) {
  const TemporaryFolder folder;
  folder.Write("net/1/model.pt", "x");
  folder.Write("net.pt", "x");
  EXPECT_THAT(
      ProblemsOf(folder),
      ElementsAre(absl::StrCat(folder.path(),
                               "/net.pt: is model \"net\" a second time, "
                               "beside ",
                               folder.path(), "/net; move one of them away")));
}

// SEC-19, R47
TEST(ModelProblemTest, TellsTheLineOfAWrongConfiguration) {
  const TemporaryFolder folder;
  folder.Write("a/1/model.pt", "x");
  folder.Write("a/model.yaml", "\nwieght: 2\n");
  folder.Write("b.pt", "x");
  folder.Write("b.yaml", "weight: 0\n");
  EXPECT_THAT(ProblemsOf(folder),
              ElementsAre(HasSubstr("/a/model.yaml:2:1: wieght: unknown key"),
                          HasSubstr("/b.yaml:1:9: weight: ")));
}

// SEC-19
TEST(ModelProblemTest, ReadsNoConfigurationPastTheLimit) {
  const TemporaryFolder folder;
  folder.Write("a/1/model.pt", "x");
  folder.Write("a/model.yaml", std::string(size_t{3} << 20, '#'));
  EXPECT_THAT(
      ProblemsOf(folder),
      ElementsAre(HasSubstr("/a/model.yaml:1:1: larger than 1048576 bytes")));
}

// SEC-07
TEST(ModelProblemTest, FollowsNoLinkOutOfTheFolder) {
  const TemporaryFolder outside;
  const std::string file = outside.Write("net/1/model.pt", "x");
  const TemporaryFolder folder;
  for (const char* name : {"b/1/model.pt", "c/1/model.pt", "f.pt"}) {
    folder.Write(name, "x");
  }
  MakeFolder(folder.path() + "/e");
  std::filesystem::remove(folder.path() + "/b/1/model.pt");
  MakeLink(outside.path() + "/net", folder.path() + "/a");
  MakeLink(file, folder.path() + "/b/1/model.pt");
  MakeLink(file, folder.path() + "/c/model.yaml");
  MakeLink(file, folder.path() + "/d.pt");
  MakeLink(outside.path() + "/net/1", folder.path() + "/e/1");
  MakeLink(file, folder.path() + "/f.yaml");
  const auto is_link = [](const std::string& place) {
    return HasSubstr(place + ": is a symbolic link, and none is followed; put");
  };
  EXPECT_THAT(ProblemsOf(folder),
              ElementsAre(is_link("/a"), is_link("/d.pt"),
                          is_link("/b/1/model.pt"), is_link("/c/model.yaml"),
                          is_link("/e/1"), is_link("/f.yaml")));
}

// SEC-07
TEST(ModelProblemTest, OpensNothingButFiles) {
  const TemporaryFolder folder;
  MakeFolder(folder.path() + "/a.pt");
  MakePipe(folder.path() + "/b.pt");
  MakePipe(folder.path() + "/c");
  folder.Write("d/1/other", "x");
  MakePipe(folder.path() + "/d/1/model.pt");
  folder.Write("e/1/model.pt/x", "x");
  folder.Write("f/1/model.pt", "x");
  MakePipe(folder.path() + "/f/model.yaml");
  folder.Write("g/2", "x");
  EXPECT_THAT(
      ProblemsOf(folder),
      ElementsAre(HasSubstr("/a.pt: is a folder; put a file there"),
                  HasSubstr("/b.pt: is a pipe; put a file there"),
                  HasSubstr("/c: is a pipe; put a folder there"),
                  HasSubstr("/d/1/model.pt: is a pipe; put a file there"),
                  HasSubstr("/e/1/model.pt: is a folder; put a file there"),
                  HasSubstr("/f/model.yaml: is a pipe; put a file there"),
                  HasSubstr("/g/2: is a file; put a folder there")));
}

TEST(ModelProblemTest, FindsTheOthersBesideAProblem) {
  const TemporaryFolder folder;
  folder.Write("a/model.pt", "x");
  folder.Write("b.pt", "x");
  const ModelDirectory found = FindModels(folder.path());
  EXPECT_THAT(found.problems, SizeIs(1));
  ASSERT_THAT(found.models, SizeIs(1));
  EXPECT_EQ(found.models[0].source.name, "b");
}

TEST(ModelProblemTest, TakesNothingFromAFolderPastTheLimit) {
  const TemporaryFolder folder;
  for (const char* name : {"a.pt", "b.pt", "c.pt"}) folder.Write(name, "x");
  EXPECT_THAT(ProblemsOf(folder, {.entries_max = 2}),
              ElementsAre(HasSubstr(": holds more than 2 files and folders")));
  const TemporaryFolder other;
  for (const char* name : {"1", "2", "3"})
    other.Write("a/" + std::string(name), "x");
  EXPECT_THAT(ProblemsOf(other, {.entries_max = 2}),
              ElementsAre(HasSubstr("/a: holds more than 2 files")));
}

TEST(ModelProblemTest, SaysThatTooManyFilesAreOpen) {
  const TemporaryFolder folder;
  for (int i = 0; i < 40; ++i) folder.Write(absl::StrCat(i, ".pt"), "x");
  rlimit old = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &old), 0);
  const rlimit few = {32, old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const ModelDirectory found = FindModels(folder.path());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &old), 0);
  ASSERT_FALSE(found.problems.empty());
  EXPECT_THAT(found.problems.back(),
              HasSubstr("Too many open files; each model keeps a file open: "
                        "raise the limit (ulimit -n)"));
}

TEST(ModelProblemTest, SaysWhatIsNoModelsFile) {
  const TemporaryFolder folder;
  const std::string file = folder.Write("net.onnx", "x");
  EXPECT_THAT(FindModel(file).problems,
              ElementsAre(file + ": is no model's file; give NAME.pt, or a "
                                 "folder of models with --models"));
  EXPECT_THAT(FindModel(folder.path() + "/none.pt").problems,
              ElementsAre(HasSubstr("/none.pt: cannot be opened: No such")));
  EXPECT_THAT(FindModel(folder.Write("a b.pt", "x")).problems,
              ElementsAre(HasSubstr("/a b.pt: is no name for a model")));
}

TEST(ModelProblemTest, SaysThatAScriptedModelHasNoScript) {
  const TemporaryFolder folder;
  folder.Write("a/1/model.pt", "x");
  const ModelDirectoryOptions options = {.needs_file = false};
  EXPECT_THAT(ProblemsOf(folder, options),
              ElementsAre(HasSubstr("/a/model.yaml: is not there, and this "
                                    "backend's models are in such files")));
  EXPECT_THAT(FindModel(folder.path() + "/n.yaml", options).problems,
              ElementsAre(HasSubstr("/n.yaml: is not there, and")));
}

}  // namespace
}  // namespace weir
