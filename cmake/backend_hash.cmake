# Writes a header with one hash over the headers that a backend module and the
# daemon share. Run at build time:
#
#   cmake -DROOT=... -DOUTPUT=... -DHEADERS=a.h,b.h -P backend_hash.cmake
#
# Only what the files hold and what they are called counts, so the hash is the
# same on every machine and in every folder.
cmake_minimum_required(VERSION 3.25)

string(REPLACE "," ";" headers "${HEADERS}")
list(SORT headers)
set(facts "")
foreach(header IN LISTS headers)
  file(SHA256 "${ROOT}/${header}" hash)
  string(APPEND facts "${header} ${hash}\n")
endforeach()
string(SHA256 hash "${facts}")

file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT [=[
// Written by cmake/backend_hash.cmake; changes with any header that a backend
// module and the daemon share.
#ifndef WEIR_BACKEND_MODULE_HASH_H_
#define WEIR_BACKEND_MODULE_HASH_H_

namespace weir {

inline constexpr char kBackendHeadersHash[] =
    "@hash@";

}  // namespace weir

#endif  // WEIR_BACKEND_MODULE_HASH_H_
]=])
