// Arguments: `--name value` and `--flag` of the programs here.
//
//   const Arguments arguments(argc, argv);
//   arguments.Text("device", "cuda:0");
//   arguments.Is("quick");
//
// Thread-safety: const access.
// Ownership: owns the texts.
// Failure: what is not given has its default; what nobody asks for is ignored.
#ifndef WEIR_TESTS_GPU_ARGUMENTS_H_
#define WEIR_TESTS_GPU_ARGUMENTS_H_

#include <string>
#include <string_view>
#include <vector>

namespace weir {

class Arguments {
 public:
  Arguments(int argc, char** argv) : words_(argv + 1, argv + argc) {}

  bool Is(std::string_view name) const {
    for (const std::string& word : words_) {
      if (word == "--" + std::string(name)) return true;
    }
    return false;
  }
  std::string Text(std::string_view name, std::string_view otherwise) const {
    for (size_t i = 0; i + 1 < words_.size(); ++i) {
      if (words_[i] == "--" + std::string(name)) return words_[i + 1];
    }
    return std::string(otherwise);
  }

 private:
  std::vector<std::string> words_;
};

}  // namespace weir

#endif  // WEIR_TESTS_GPU_ARGUMENTS_H_
