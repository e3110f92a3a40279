// One inference, printed.
//
//   weir_client_example MODEL [ADDRESS]
//
// Asks the server what the model takes, sends zeros of that (1 in each variable
// dimension), and prints what came back. Exits 1, with what the server said, if
// it refuses.
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/client.h"

namespace {

// Zeros of any datatype but BYTES are zero bytes; no text is four of them.
absl::StatusOr<weir::InferTensor> Zeros(const weir::TensorMetadata& input) {
  weir::InferTensor tensor{.name = input.name, .datatype = input.datatype};
  for (const int64_t dimension : input.shape) {
    tensor.shape.push_back(dimension < 0 ? 1 : dimension);
  }
  const std::optional<size_t> size = weir::ElementBytes(input.datatype);
  const absl::StatusOr<int64_t> count = weir::CountElements(tensor.shape);
  if (!size.has_value() || !count.ok()) {
    return absl::InvalidArgumentError("input \"" + input.name +
                                      "\" does not say what it is");
  }
  tensor.bytes.assign(*count * (*size == 0 ? 4 : *size), '\0');
  return tensor;
}

absl::StatusOr<weir::InferResult> InferOnce(const std::string& model,
                                            const std::string& address) {
  const absl::StatusOr<weir::Client> client =
      weir::Client::Connect(address, {.timeout = std::chrono::seconds(10)});
  if (!client.ok()) return client.status();
  const absl::StatusOr<weir::ModelMetadata> metadata =
      client->GetModelMetadata(model);
  if (!metadata.ok()) return metadata.status();
  weir::InferRequest request{.model = model};
  for (const weir::TensorMetadata& input : metadata->inputs) {
    absl::StatusOr<weir::InferTensor> zeros = Zeros(input);
    if (!zeros.ok()) return zeros.status();
    request.inputs.push_back(*std::move(zeros));
  }
  return client->Infer(std::move(request));
}

void Print(const weir::InferTensor& output) {
  std::printf("%s: %s", output.name.c_str(),
              weir::DescribeTensor(output.datatype, output.shape).c_str());
  // One datatype is enough to show how it is done.
  if (const auto elements = weir::ElementsOf<float>(output); elements.ok()) {
    for (const float element : *elements) std::printf(" %g", element);
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: %s MODEL [ADDRESS]\n", argv[0]);
    return 2;
  }
  const absl::StatusOr<weir::InferResult> result =
      InferOnce(argv[1], argc == 3 ? argv[2] : "localhost:8001");
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
    return 1;
  }
  std::printf("model %s, version %s\n", result->model.c_str(),
              result->version.c_str());
  for (const weir::InferTensor& output : result->outputs) Print(output);
  return 0;
}
