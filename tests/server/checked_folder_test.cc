#include "server/checked_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/odd_files.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A user that is neither root nor whoever runs the tests.
constexpr uid_t kSomebody = 54321;

CheckedFolder Open(const TemporaryFolder& folder, uid_t user = geteuid()) {
  absl::StatusOr<CheckedFolder> opened =
      CheckedFolder::Open(folder.path(), user);
  WEIR_CHECK(opened.ok(), "a test's folder opens");
  return *std::move(opened);
}

// Reads as a user who may read nothing that is not public.
class AsNobody {
 public:
  AsNobody() { Become(geteuid() == 0 ? kSomebody : geteuid()); }
  ~AsNobody() { Become(was_); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  static void Become(uid_t user) {
    WEIR_CHECK(seteuid(user) == 0, "a test may change who it is");
  }
  const uid_t was_ = geteuid();
};

TEST(CheckedFolderTest, OpensAFileAtItsBeginning) {
  const TemporaryFolder folder;
  folder.Write("net/model.pt", "weights");
  const auto net = Open(folder).OpenFolder("net");
  ASSERT_TRUE(net.ok()) << net.status();
  const auto file = net->OpenFile("model.pt");
  ASSERT_TRUE(file.ok()) << file.status();
  char text[16] = {};
  EXPECT_EQ(read(file->get(), text, sizeof(text)), 7);
  EXPECT_STREQ(text, "weights");
  EXPECT_NE(fcntl(file->get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(CheckedFolderTest, SaysThatNothingIsThere) {
  const TemporaryFolder folder;
  EXPECT_EQ(Open(folder).OpenFile("net.pt").status(),
            absl::NotFoundError(folder.path() +
                                "/net.pt: cannot be opened: No such file or "
                                "directory; put it there or name another"));
  EXPECT_TRUE(absl::IsNotFound(Open(folder).OpenFolder("net").status()));
  EXPECT_TRUE(absl::IsNotFound(Open(folder).KindOf("net").status()));
  EXPECT_TRUE(
      absl::IsNotFound(CheckedFolder::Open(folder.path() + "/x").status()));
}

// SEC-07
TEST(CheckedFolderTest, RefusesAsAFileWhatIsNone) {
  const std::vector<
      std::pair<std::string, std::function<void(const std::string&)>>>
      kinds = {
          {"a folder; ", MakeFolder},
          {"a pipe; ", MakePipe},
          {"a socket; ", MakeSocket},
          {"a symbolic link, and none is followed; ",
           [](const auto& path) { MakeLink("/dev/null", path); }},
      };
  for (const auto& [text, make] : kinds) {
    const TemporaryFolder folder;
    make(folder.path() + "/m.pt");
    EXPECT_EQ(Open(folder).OpenFile("m.pt").status(),
              absl::InvalidArgumentError(folder.path() + "/m.pt: is " + text +
                                         "put a file there"));
  }
}

// SEC-07
TEST(CheckedFolderTest, RefusesADevice) {
  const auto devices = CheckedFolder::Open("/dev");
  ASSERT_TRUE(devices.ok()) << devices.status();
  EXPECT_EQ(
      devices->OpenFile("zero").status(),
      absl::InvalidArgumentError("/dev/zero: is a device; put a file there"));
}

// SEC-07
TEST(CheckedFolderTest, FollowsNoLinkEvenToItsOwnFiles) {
  const TemporaryFolder folder;
  folder.Write("net/model.pt", "weights");
  MakeLink("model.pt", folder.path() + "/net/same.pt");
  MakeLink("net", folder.path() + "/other");
  const CheckedFolder root = Open(folder);
  EXPECT_FALSE(root.OpenFolder("net")->OpenFile("same.pt").ok());
  EXPECT_THAT(std::string(root.OpenFolder("other").status().message()),
              HasSubstr("/other: is a symbolic link, and none is followed; put "
                        "a folder there"));
}

// SEC-07
TEST(CheckedFolderTest, LeavesThroughNoName) {
  const TemporaryFolder folder;
  folder.Write("secret", "x");
  folder.Write("models/net/model.pt", "weights");
  const auto root = CheckedFolder::Open(folder.path() + "/models");
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_THAT(std::string(root->OpenFolder("..").status().message()),
              HasSubstr("leads out of the folder"));
  for (const char* name : {"../secret", "net/model.pt", "/etc/passwd"}) {
    EXPECT_THAT(std::string(root->OpenFile(name).status().message()),
                HasSubstr("leads out of the folder"));
  }
}

// SEC-07
TEST(CheckedFolderTest, RefusesAnotherUsersFileUnderASecondName) {
  const TemporaryFolder folder;
  const std::string file = folder.Write("theirs", "x");
  const uid_t them = geteuid() == 0 ? kSomebody : geteuid();
  ASSERT_EQ(chown(file.c_str(), them, getegid()), 0);
  const CheckedFolder root = Open(folder, kSomebody + 1);
  EXPECT_TRUE(root.OpenFile("theirs").ok());
  ASSERT_EQ(link(file.c_str(), (folder.path() + "/m.pt").c_str()), 0);
  EXPECT_THAT(std::string(root.OpenFile("m.pt").status().message()),
              HasSubstr("/m.pt: is another user's file under a second name; "
                        "put a copy of it there"));
  EXPECT_TRUE(Open(folder, them).OpenFile("m.pt").ok());
}

TEST(CheckedFolderTest, SaysWhoMayNotReadAFile) {
  const TemporaryFolder folder;
  ASSERT_EQ(chmod(folder.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(folder.Write("m.pt", "x").c_str(), 0), 0);
  const CheckedFolder root = Open(folder);
  const AsNobody nobody;
  EXPECT_EQ(root.OpenFile("m.pt").status(),
            absl::InvalidArgumentError(
                folder.path() +
                "/m.pt: cannot be opened: Permission denied; let the user "
                "that weir runs as read it"));
}

TEST(CheckedFolderTest, ListsAllNamesInOrder) {
  const TemporaryFolder folder;
  for (const char* name : {"b", ".hidden", "a/x", "c"}) folder.Write(name, "");
  const CheckedFolder root = Open(folder);
  for (int round = 0; round < 2; ++round) {
    const auto names = root.List(/*names_max=*/4);
    ASSERT_TRUE(names.ok()) << names.status();
    EXPECT_THAT(*names, ElementsAre(".hidden", "a", "b", "c"));
  }
}

TEST(CheckedFolderTest, ListsNoMoreThanTheLimit) {
  const TemporaryFolder folder;
  for (const char* name : {"a", "b", "c"}) folder.Write(name, "");
  EXPECT_EQ(Open(folder).List(/*names_max=*/2).status(),
            absl::InvalidArgumentError(
                folder.path() +
                ": holds more than 2 files and folders; move some away"));
}

TEST(CheckedFolderTest, WritesOddNamesOnOneLine) {
  const TemporaryFolder folder;
  EXPECT_EQ(Open(folder).PlaceOf("a\nb"), folder.path() + "/a\\nb");
}

}  // namespace
}  // namespace weir
