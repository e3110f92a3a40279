#include "config/config_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "config/status_macros.h"
#include "config/yaml_node.h"

namespace weir {
namespace {

// Owns a file descriptor.
class OpenFile {
 public:
  // Does not wait for the other end of a pipe.
  explicit OpenFile(const std::string& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (is_open()) close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  bool is_open() const { return descriptor_ >= 0; }

  bool IsRegular() const {
    struct stat status = {};
    return fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
  }

  ssize_t Read(char* buffer, size_t size) const {
    ssize_t count = 0;
    do {
      count = read(descriptor_, buffer, size);
    } while (count < 0 && errno == EINTR);
    return count;
  }

 private:
  const int descriptor_;
};

absl::Status FileError(const std::string& path, int error) {
  const std::string message = absl::StrCat(path, ": ", std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(message);
  return absl::InvalidArgumentError(message);
}

// Reads at most one byte more than the parser takes: it says what is too large.
absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const OpenFile file(path);
  if (!file.is_open()) return FileError(path, errno);
  if (!file.IsRegular()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": not a regular file"));
  }
  std::string text(kYamlBytesMax + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = file.Read(&text[size], text.size() - size);
    if (count < 0) return FileError(path, errno);
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  text.resize(size);
  return text;
}

}  // namespace

absl::StatusOr<Config> LoadConfig(const std::optional<std::string>& path,
                                  const Environment& environment) {
  if (!path.has_value()) return ParseConfig("", "", environment);
  WEIR_ASSIGN_OR_RETURN(const std::string text, ReadFile(*path));
  return ParseConfig(*path, text, environment);
}

absl::StatusOr<SourcedConfig> LoadSourcedConfig(
    const std::optional<std::string>& path, const Environment& environment) {
  if (!path.has_value()) return ParseSourcedConfig("", "", environment);
  WEIR_ASSIGN_OR_RETURN(const std::string text, ReadFile(*path));
  return ParseSourcedConfig(*path, text, environment);
}

absl::StatusOr<ModelConfig> LoadModelConfig(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseModelConfig(path, text);
}

}  // namespace weir
