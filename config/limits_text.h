// LimitsText: every limit of the server, for people: docs/limits.md.
// PolicyText: what happens when all slots are taken, for `weir serve --help`.
//
// The knobs come from the field tables, so that the page cannot fall behind
// them. The limits of server/ that no knob moves are written here; the suites
// of rpc/wire and of the folder of models hold theirs to the code.
//
// Thread-safety: any thread.
// Ownership: a value.
// Failure: none.
#ifndef WEIR_CONFIG_LIMITS_TEXT_H_
#define WEIR_CONFIG_LIMITS_TEXT_H_

#include <string>

namespace weir {

std::string LimitsText();

// A few lines of at most 80 columns, with the defaults of the bounds.
std::string PolicyText();

}  // namespace weir

#endif  // WEIR_CONFIG_LIMITS_TEXT_H_
