// ScopedVariable: an environment variable for the time of a scope, for this
// process and the programs that it starts.
//
//   const ScopedVariable streams("LIBWEIR_FAKE", "num_streams=31");
//
// Thread-safety: while no other thread reads the environment.
// Ownership: puts back what was there.
// Failure: none.
#ifndef WEIR_TESTS_SUPPORT_SCOPED_VARIABLE_H_
#define WEIR_TESTS_SUPPORT_SCOPED_VARIABLE_H_

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace weir {

class [[nodiscard]] ScopedVariable {
 public:
  // Nothing unsets it.
  ScopedVariable(std::string name, const std::optional<std::string>& value)
      : name_(std::move(name)) {
    const char* old = std::getenv(name_.c_str());
    if (old != nullptr) old_ = old;
    Set(value);
  }
  ~ScopedVariable() { Set(old_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  void Set(const std::optional<std::string>& value) const {
    if (value.has_value()) {
      setenv(name_.c_str(), value->c_str(), /*overwrite=*/1);
    } else {
      unsetenv(name_.c_str());
    }
  }

  const std::string name_;
  std::optional<std::string> old_;
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_SCOPED_VARIABLE_H_
