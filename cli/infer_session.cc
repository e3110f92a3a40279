#include "cli/infer_session.h"

#include <cstdio>
#include <utility>

#include "cli/infer_inputs.h"
#include "cli/infer_text.h"

namespace weir {
namespace {

// As large as the protocol's libraries have them; the server has its own bound.
constexpr int64_t kMessageBytesMax = (int64_t{1} << 31) - 1;

}  // namespace

ClientOptions InferOptions(const InferPlan& plan) {
  return {.timeout = plan.timeout, .message_bytes_max = kMessageBytesMax};
}

ExitCode TellFailure(const absl::Status& status, const Client& client,
                     const InferPlan& plan, bool json) {
  const std::string sentence = FailureText(
      status, client.IsConnected(), plan.address, plan.model, plan.version);
  if (json) {
    std::fputs(FailureJson(sentence, status).c_str(), stdout);
  } else {
    std::fprintf(stderr, "weir: %s\n", sentence.c_str());
  }
  return kExitFailed;
}

absl::StatusOr<InferSession> InferSession::Open(const InferPlan& plan,
                                                bool json, ExitCode& code) {
  const absl::StatusOr<Client> client =
      Client::Connect(plan.address, InferOptions(plan));
  if (!client.ok()) {
    code = Refuse(client.status());
    return client.status();
  }
  const absl::StatusOr<ModelMetadata> metadata =
      client->GetModelMetadata(plan.model, plan.version);
  if (!metadata.ok()) {
    code = TellFailure(metadata.status(), *client, plan, json);
    return metadata.status();
  }
  absl::StatusOr<PreparedInputs> prepared =
      PrepareInputs(metadata->inputs, plan.inputs);
  if (!prepared.ok()) {
    code = Refuse(prepared.status());
    return prepared.status();
  }
  for (const std::string& note : prepared->notes) {
    std::fprintf(stderr, "weir: %s\n", note.c_str());
  }
  return InferSession{.client = *client,
                      .request = {.model = plan.model,
                                  .version = plan.version,
                                  .inputs = std::move(prepared->tensors),
                                  .outputs = plan.outputs}};
}

}  // namespace weir
