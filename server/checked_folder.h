// CheckedFolder: an open folder, in which nothing is followed that leads
// elsewhere.
//
//   absl::StatusOr<CheckedFolder> models = CheckedFolder::Open("models");
//   absl::StatusOr<CheckedFolder> net = models->OpenFolder("net");
//   absl::StatusOr<Descriptor> file = net->OpenFile("model.pt");
//
// A name is one component, looked up from this folder's own descriptor: moving
// the folder, or putting a link where a folder above it was, changes nothing.
// A symbolic link is refused wherever it leads: that it stays inside could only
// be known by following it, and by then it can lead elsewhere. A pipe or a
// socket is not waited for, and a device that is there is not even opened. A
// file of somebody else who is not root is refused where it has a second name,
// for whoever may write into the folder can give a foreign file a name there.
//
// What was opened is what was checked. Whoever may write to the file itself can
// still change what is in it.
//
// Thread-safety: const methods from any thread.
// Ownership: owns the descriptor.
// Failure: NOT_FOUND where the name is not there, INVALID_ARGUMENT where it is
// refused or cannot be opened; the text is "PATH: what; what to do".
#ifndef WEIR_SERVER_CHECKED_FOLDER_H_
#define WEIR_SERVER_CHECKED_FOLDER_H_

#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/descriptor.h"

namespace weir {

class CheckedFolder {
 public:
  enum class Kind { kFile, kFolder, kOther };

  // The folder that an operator names, which may be a link. `user` may own
  // files that have several names, and so may root.
  static absl::StatusOr<CheckedFolder> Open(const std::string& path,
                                            uid_t user = geteuid());

  absl::StatusOr<CheckedFolder> OpenFolder(const std::string& name) const;
  // A regular file, at its beginning, closed in programs we start.
  absl::StatusOr<Descriptor> OpenFile(const std::string& name) const;
  absl::StatusOr<Kind> KindOf(const std::string& name) const;
  // The names in it, sorted; more than `names_max` are an error.
  absl::StatusOr<std::vector<std::string>> List(int names_max) const;

  // What is wrong with a name that is not the `wanted` one, for any kind.
  absl::Status Refuse(const std::string& name, Kind wanted) const;

  // The path of a name, fit for one line of a message.
  std::string PlaceOf(const std::string& name) const;
  const std::string& place() const { return place_; }

 private:
  CheckedFolder(Descriptor descriptor, std::string place, uid_t user)
      : descriptor_(std::move(descriptor)),
        place_(std::move(place)),
        user_(user) {}

  // What the name is itself, link or not.
  absl::Status Look(const std::string& name, struct stat& status) const;
  absl::StatusOr<Descriptor> OpenAs(const std::string& name, Kind wanted) const;

  Descriptor descriptor_;
  std::string place_;
  uid_t user_;
};

}  // namespace weir

#endif  // WEIR_SERVER_CHECKED_FOLDER_H_
