// What lies in folders and is no regular file, made for a test.
//
//   MakePipe(folder.path() + "/model.pt");
//   MakeLink(folder.Write("secret", "x"), folder.path() + "/model.pt");
//
// Thread-safety: any thread.
// Ownership: none; the test's folder goes with all in it.
// Failure: dies where one cannot be made.
#ifndef WEIR_TESTS_SERVER_ODD_FILES_H_
#define WEIR_TESTS_SERVER_ODD_FILES_H_

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "backend/descriptor.h"
#include "sync/check.h"

namespace weir {

inline void MakePipe(const std::string& path) {
  WEIR_CHECK(mkfifo(path.c_str(), 0600) == 0, "a test has its pipe");
}

inline void MakeFolder(const std::string& path) {
  WEIR_CHECK(mkdir(path.c_str(), 0700) == 0, "a test has its folder");
}

inline void MakeLink(const std::string& target, const std::string& path) {
  WEIR_CHECK(symlink(target.c_str(), path.c_str()) == 0,
             "a test has its symbolic link");
}

inline void MakeSocket(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  WEIR_CHECK(path.size() < sizeof(address.sun_path),
             "a socket's path is short");
  std::memcpy(address.sun_path, path.data(), path.size());
  const Descriptor made(socket(AF_UNIX, SOCK_STREAM, 0));
  WEIR_CHECK(bind(made.get(), reinterpret_cast<sockaddr*>(&address),
                  sizeof(address)) == 0,
             "a test has its socket");
}

// All of a file, opened by its path as a backend opens it.
inline std::string ReadAll(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace weir

#endif  // WEIR_TESTS_SERVER_ODD_FILES_H_
