// Admission: the door. It finds the model, checks the request against it, takes
// its bytes from the budget and queues it, or says no.
//
//   auto request = std::make_unique<Request>(Completion(ledger, done));
//   request->ticket = admission.NewTicket();
//   ...
//   admission.Submit("unet", /*version=*/0, std::move(request));
//
// The answer, a refusal too, always comes through the completion, maybe before
// Submit returns. Submit never waits, and takes no lock that a run holds, so it
// may be called from a completion.
//
// Thread-safety: any number of threads.
// Ownership: borrows the store, scheduler and budget, which outlive it.
// Failure: every refusal has a code, a sentence and a Refusal (answer.h).
#ifndef WEIR_SERVER_PIPELINE_ADMISSION_H_
#define WEIR_SERVER_PIPELINE_ADMISSION_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "config/config.h"
#include "server/pipeline/byte_budget.h"
#include "server/pipeline/model_store.h"
#include "server/pipeline/request.h"
#include "server/pipeline/scheduler.h"

namespace weir {

class Admission {
 public:
  Admission(const ModelStore& store, Scheduler& scheduler, ByteBudget& budget,
            const LimitsConfig& limits, absl::StatusCode overload_code)
      : store_(store),
        scheduler_(scheduler),
        budget_(budget),
        limits_(limits),
        overload_code_(overload_code) {}

  Ticket NewTicket() { return scheduler_.NewTicket(); }

  // `version` 0 is the newest that is ready. REQUIRES: a ticket of NewTicket.
  void Submit(std::string_view model, int64_t version, RequestPtr request);

  // The client went away.
  void Cancel(Ticket ticket) { scheduler_.Cancel(ticket); }

 private:
  const ModelStore& store_;
  Scheduler& scheduler_;
  ByteBudget& budget_;
  const LimitsConfig limits_;
  const absl::StatusCode overload_code_;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_ADMISSION_H_
