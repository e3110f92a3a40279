// A libtorch that is not there: what libtorch_version.cc is built against for
// the module that must be refused.
//
// Thread-safety: constants.
// Ownership: none.
// Failure: none.
#ifndef WEIR_TESTS_TORCH_OTHER_VERSION_TORCH_VERSION_H_
#define WEIR_TESTS_TORCH_OTHER_VERSION_TORCH_VERSION_H_

#define TORCH_VERSION_MAJOR 2
#define TORCH_VERSION_MINOR 9
#define TORCH_VERSION_PATCH 7

#endif  // WEIR_TESTS_TORCH_OTHER_VERSION_TORCH_VERSION_H_
