// Modules that must be refused; each CASE_ makes another one.
#include <cstring>

#include "backend/module_abi.h"

#ifdef CASE_NO_ENTRY
extern "C" __attribute__((visibility("default"))) int something_else() {
  return 7;
}
#else
namespace {

void* Refuse(const void*, char* error, size_t error_size) {
  return weir::RefuseToMake("this machine has no such device", error,
                            error_size);
}

weir::BackendModule Describe() {
  weir::BackendModule module = weir::DescribeModule(&Refuse);
#if defined(CASE_OTHER_HASH)
  std::memset(module.abi.headers_hash, 'f', 64);
#elif defined(CASE_OTHER_SIZE)
  module.abi.struct_size = 4;
#endif
  return module;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const weir::BackendModule*
weir_backend_entry() {
  static const weir::BackendModule module = Describe();
#ifdef CASE_NOTHING
  const bool describes = false;
#else
  const bool describes = true;
#endif
  return describes ? &module : nullptr;
}
#endif
