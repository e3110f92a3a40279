// SelfTestFact: one thing that a self-test found, and the line that carries it
// from the child process to its parent.
//
//   weir-selftest 1                              the first line: the version
//   fact=device name=fake:0 slots=4
//   fact=probing
//   fact=found slots=1
//   ...
//   fact=together slots=2
//   fact=wrong slots=2 name=unet text=differed%20from%20running%20alone
//   fact=end
//
// A line is `key=value` words in this order: fact, then slots, name and text
// where they say something. A value is percent-encoded but for letters, digits
// and a few signs, so that it holds neither a space nor a line's end. A fact
// that begins a step comes before the step: whoever reads them knows what the
// child was doing when it fell silent.
//
// Thread-safety: pure functions on values.
// Ownership: values.
// Failure: INVALID_ARGUMENT for a line that is not one; the child is not
// trusted, so every line is checked and bounded.
#ifndef WEIR_BACKEND_SELF_TEST_FACT_H_
#define WEIR_BACKEND_SELF_TEST_FACT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace weir {

inline constexpr std::string_view kSelfTestVersion = "weir-selftest 1";
inline constexpr size_t kSelfTestLineBytesMax = 4096;
// More than the largest self-test has: each slot, each model, each round.
inline constexpr int kSelfTestLinesMax = 65536;
inline constexpr int kSelfTestRoundsMax = 1000;
inline constexpr int kSelfTestModelsMax = 1024;
inline constexpr size_t kSelfTestWarningsMax = 64;

enum class SelfTestFactKind {
  kOpening,   // step: opens the module
  kLibrary,   // a sentence of what the backend is made of
  kScripted,  // its models are no files: their configuration alone is one
  kDevice,    // the device, and the slots that are asked for
  kProbing,   // step: makes slots
  kFound,     // so many slots by now
  kProbed,    // the probe returned with so many slots
  kWarning,   // a sentence of the backend's
  kLoading,   // step: loads a model
  kAlone,     // step: runs a model on one slot
  kTested,    // that model takes part from here on
  kUntested,  // that model does not, and why
  kTogether,  // step: runs on so many slots at once
  kRound,     // one more round of it has ended
  kClean,     // all rounds of it ended as they should
  kWrong,     // on so many slots that model answered as it should not
  kFreeing,   // step: frees the models
  kError,     // one slot does not work either
  kEnd,       // all is said
};

struct SelfTestFact {
  SelfTestFactKind kind = SelfTestFactKind::kEnd;
  int slots = 0;          // 0: the fact has none
  std::string name = {};  // of a model or a device
  std::string text = {};  // a sentence, or part of one

  bool operator==(const SelfTestFact&) const = default;
};

// Without the line's end. A text that would pass the bound is cut.
std::string ToLine(const SelfTestFact& fact);

absl::StatusOr<SelfTestFact> ParseSelfTestLine(std::string_view line);

// `text` for a terminal: at most `bytes_max` bytes, each control character or
// byte beyond ASCII as a question mark.
std::string PrintableText(std::string_view text, size_t bytes_max);

}  // namespace weir

#endif  // WEIR_BACKEND_SELF_TEST_FACT_H_
