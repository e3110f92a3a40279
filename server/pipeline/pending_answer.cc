#include "server/pipeline/pending_answer.h"

#include <chrono>

#include "absl/strings/str_cat.h"

namespace weir {

PendingAnswer LeftInQueue(RequestPtr request, Refusal refusal, TimePoint now) {
  request->times.queue = now - request->arrived;
  if (refusal == Refusal::kCancelled) {
    return {std::move(request),
            Refuse(absl::CancelledError("the client went away"), refusal)};
  }
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
      request->times.queue);
  return {std::move(request),
          Refuse(absl::DeadlineExceededError(
                     absl::StrCat("the deadline passed in the queue, after ",
                                  waited.count(), " ms")),
                 refusal)};
}

}  // namespace weir
