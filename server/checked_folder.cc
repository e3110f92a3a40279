#include "server/checked_folder.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "config/config_error.h"
#include "config/status_macros.h"

namespace weir {
namespace {

// Never waits for the other end of a pipe, and takes no terminal.
constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

CheckedFolder::Kind KindOfMode(mode_t mode) {
  if (S_ISREG(mode)) return CheckedFolder::Kind::kFile;
  if (S_ISDIR(mode)) return CheckedFolder::Kind::kFolder;
  return CheckedFolder::Kind::kOther;
}

absl::string_view NameOfMode(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link, and none is followed";
  if (S_ISREG(mode)) return "a file";
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

absl::Status WrongKind(const std::string& place, mode_t mode,
                       CheckedFolder::Kind wanted) {
  return absl::InvalidArgumentError(absl::StrCat(
      place, ": is ", NameOfMode(mode), "; put a ",
      wanted == CheckedFolder::Kind::kFile ? "file" : "folder", " there"));
}

absl::string_view RemedyFor(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return "; let the user that weir runs as read it";
    case EMFILE:
      return "; each model keeps a file open: raise the limit (ulimit -n)";
    default:
      return "; put it there or name another";
  }
}

absl::Status CannotOpen(const std::string& place, int error) {
  const std::string text = absl::StrCat(
      place, ": cannot be opened: ", std::strerror(error), RemedyFor(error));
  if (error == ENOENT) return absl::NotFoundError(text);
  return absl::InvalidArgumentError(text);
}

// Leaves errno 0 at the end, and something else where it failed.
const dirent* NextOf(DIR* listing) {
  errno = 0;
  return readdir(listing);
}

struct CloseListing {
  void operator()(DIR* listing) const { closedir(listing); }
};

}  // namespace

absl::StatusOr<CheckedFolder> CheckedFolder::Open(const std::string& path,
                                                  uid_t user) {
  std::string place = absl::CHexEscape(path);
  Descriptor folder(open(path.c_str(), kOpenFlags | O_DIRECTORY));
  if (!folder.is_open()) return CannotOpen(place, errno);
  return CheckedFolder(std::move(folder), std::move(place), user);
}

absl::StatusOr<CheckedFolder> CheckedFolder::OpenFolder(
    const std::string& name) const {
  WEIR_ASSIGN_OR_RETURN(Descriptor folder, OpenAs(name, Kind::kFolder));
  return CheckedFolder(std::move(folder), PlaceOf(name), user_);
}

absl::StatusOr<Descriptor> CheckedFolder::OpenFile(
    const std::string& name) const {
  return OpenAs(name, Kind::kFile);
}

absl::Status CheckedFolder::Look(const std::string& name,
                                 struct stat& status) const {
  if (fstatat(descriptor_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) ==
      0) {
    return absl::OkStatus();
  }
  return CannotOpen(PlaceOf(name), errno);
}

absl::StatusOr<CheckedFolder::Kind> CheckedFolder::KindOf(
    const std::string& name) const {
  struct stat status = {};
  WEIR_RETURN_IF_ERROR(Look(name, status));
  return KindOfMode(status.st_mode);
}

absl::Status CheckedFolder::Refuse(const std::string& name, Kind wanted) const {
  struct stat status = {};
  WEIR_RETURN_IF_ERROR(Look(name, status));
  return WrongKind(PlaceOf(name), status.st_mode, wanted);
}

// Opens first and looks then: what was opened cannot be swapped any more. Only
// a device is looked for before, for opening one can already do something.
absl::StatusOr<Descriptor> CheckedFolder::OpenAs(const std::string& name,
                                                 Kind wanted) const {
  const std::string place = PlaceOf(name);
  if (name.find('/') != std::string::npos || name == "..") {
    return absl::InvalidArgumentError(
        absl::StrCat(place, ": leads out of the folder; name what is in it"));
  }
  struct stat status = {};
  WEIR_RETURN_IF_ERROR(Look(name, status));
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
    return Refuse(name, wanted);
  }
  Descriptor opened(
      openat(descriptor_.get(), name.c_str(), kOpenFlags | O_NOFOLLOW));
  const int error = errno;
  if (!opened.is_open()) {
    // Neither a link nor a socket opens; others say why.
    return KindOfMode(status.st_mode) == Kind::kOther
               ? Refuse(name, wanted)
               : CannotOpen(place, error);
  }
  if (fstat(opened.get(), &status) != 0) return CannotOpen(place, errno);
  if (KindOfMode(status.st_mode) != wanted) {
    return WrongKind(place, status.st_mode, wanted);
  }
  if (wanted == Kind::kFile && status.st_nlink > 1 && status.st_uid != user_ &&
      status.st_uid != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        place,
        ": is another user's file under a second name; put a copy of "
        "it there"));
  }
  return opened;
}

absl::StatusOr<std::vector<std::string>> CheckedFolder::List(
    int names_max) const {
  // A descriptor of its own: the listing closes it and moves its offset.
  const int descriptor =
      openat(descriptor_.get(), ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (descriptor < 0) return CannotOpen(place_, errno);
  const std::unique_ptr<DIR, CloseListing> listing(fdopendir(descriptor));
  if (listing == nullptr) {
    close(descriptor);
    return CannotOpen(place_, errno);
  }
  std::vector<std::string> names;
  while (const dirent* entry = NextOf(listing.get())) {
    const absl::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == static_cast<size_t>(names_max)) {
      return absl::InvalidArgumentError(
          absl::StrCat(place_, ": holds more than ", names_max,
                       " files and folders; move some away"));
    }
    names.emplace_back(name);
  }
  if (errno != 0) return CannotOpen(place_, errno);
  std::sort(names.begin(), names.end());
  return names;
}

std::string CheckedFolder::PlaceOf(const std::string& name) const {
  return absl::StrCat(place_, absl::EndsWith(place_, "/") ? "" : "/",
                      Excerpt(name));
}

}  // namespace weir
