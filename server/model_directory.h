// ModelDirectory: the models that lie in a folder, found and checked, but not
// yet read by a backend.
//
//   const ModelDirectory found = FindModels("models");
//   for (const std::string& problem : found.problems) ...   // a sentence each
//   for (const FoundModel& model : found.models) Load(model.source);
//
//   models/NAME/VERSION/model.pt    the newest version counts
//   models/NAME/model.yaml          for all versions; may be missing
//   models/NAME.pt                  version 1, with NAME.yaml if that is there
//
// Names match [A-Za-z0-9][A-Za-z0-9._-]{0,127}; a version is a decimal number
// above 0 without leading zeros. Left alone without a word are the hidden, what
// editors and systems leave behind (net~, #net#, lost+found, __pycache__), and
// files with other names; everything else that is no model is a problem. A
// model with a problem is not among the models: no older version, no other file
// of the same name and no default configuration stands in for it.
//
// A model's file is opened once, here, as server/checked_folder.h says, and
// source.path is /dev/fd/N: the backend reads the file that was checked,
// whatever the names lead to by then. Opening such a path gives the file from
// its beginning on Linux, and a copy of the descriptor, offset included, on
// Darwin; a backend reads one model at a time and seeks before it reads. What
// remains: whoever may write to the file can change it until it was read.
//
// Thread-safety: any thread; the result is a value.
// Ownership: a FoundModel keeps its file open. Keep it as long as anything may
// read source.path, that is, until the model store has closed: the number N is
// another file's afterwards.
// Failure: problems, "PATH: what; what to do", or as config/config_yaml.h says.
#ifndef WEIR_SERVER_MODEL_DIRECTORY_H_
#define WEIR_SERVER_MODEL_DIRECTORY_H_

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/backend.h"
#include "backend/descriptor.h"

namespace weir {

struct ModelDirectoryOptions {
  // Whether a model is a file. Without, for a backend whose models are scripted
  // in their configuration, NAME/model.yaml alone is a model, and source.path
  // is empty where there is no file.
  bool needs_file = true;

  // Files and folders that one folder may hold; with more, none of it counts.
  int entries_max = 4096;

  // Who weir runs as, and may own files that have several names.
  uid_t user = geteuid();
};

struct FoundModel {
  ModelSource source;
  std::string place;  // where it lies, for people
  Descriptor file;    // what source.path leads to
};

struct ModelDirectory {
  std::vector<FoundModel> models;     // sorted by name
  std::vector<std::string> problems;  // in the order of the names
};

// All models in the folder. That there is none is a problem.
ModelDirectory FindModels(const std::string& root,
                          const ModelDirectoryOptions& options = {});

// The one model in the file NAME.pt; without needs_file, NAME.yaml will do.
ModelDirectory FindModel(const std::string& path,
                         const ModelDirectoryOptions& options = {});

bool IsModelName(absl::string_view text);

// INVALID_ARGUMENT says what a version is.
absl::StatusOr<int64_t> ParseModelVersion(absl::string_view text);

}  // namespace weir

#endif  // WEIR_SERVER_MODEL_DIRECTORY_H_
