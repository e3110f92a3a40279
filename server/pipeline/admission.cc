#include "server/pipeline/admission.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "config/client_text.h"
#include "server/pipeline/pending_answer.h"
#include "server/pipeline/tensor_check.h"
#include "sync/check.h"

namespace weir {
namespace {

void Refuse(RequestPtr request, absl::Status why, Refusal refusal,
            std::optional<Duration> retry_after = std::nullopt) {
  Answer answer = Refuse(std::move(why), refusal);
  answer.retry_after = retry_after;
  std::move(PendingAnswer(std::move(request), std::move(answer))).Send();
}

}  // namespace

void Admission::Submit(std::string_view model, int64_t version,
                       RequestPtr request) {
  WEIR_CHECK(request->ticket != 0, "a request has a ticket");
  absl::StatusOr<ModelHandle> handle = store_.Find(model, version);
  if (absl::IsNotFound(handle.status())) {
    return Refuse(std::move(request), std::move(handle).status(),
                  Refusal::kUnknownModel);
  }
  if (!handle.ok()) {
    return Refuse(std::move(request), std::move(handle).status(),
                  Refusal::kNotReady);
  }
  request->completion.SetModel(*handle);
  if (request->priority < kPriorityHighest ||
      request->priority > kPriorityLowest) {
    return Refuse(std::move(request),
                  absl::InvalidArgumentError(
                      absl::StrCat("priority is ", kPriorityHighest,
                                   " (first) to ", kPriorityLowest, " (last)")),
                  Refusal::kInvalid);
  }
  absl::Status fits = CheckInputs(**handle, limits_, *request);
  if (!fits.ok()) {
    return Refuse(std::move(request), std::move(fits), Refusal::kInvalid);
  }
  request->model = *std::move(handle);
  // To come back later would not help it.
  if (request->bytes > budget_.bytes_max()) {
    absl::Status larger = absl::ResourceExhaustedError(
        absl::StrCat("request larger than the server may hold (",
                     request->bytes, " of ", budget_.bytes_max(), " bytes)"));
    return Refuse(std::move(request), std::move(larger), Refusal::kTotalBytes);
  }
  if (request->message != nullptr) {
    absl::StatusOr<ByteShare> share = budget_.Take(request->bytes);
    if (!share.ok()) {
      const Duration retry_after =
          scheduler_.RetryAfter(request->model->name());
      return Refuse(std::move(request),
                    absl::Status(overload_code_, share.status().message()),
                    Refusal::kTotalBytes, retry_after);
    }
    request->message->share = *std::move(share);
  }
  scheduler_.Submit(std::move(request));
}

}  // namespace weir
