#include "clients/cpp/pending_infer.h"

#include "clients/cpp/async_infer.h"

namespace weir {

void PendingInfer::Cancel() const {
  const std::shared_ptr<AsyncInfer> call = call_.lock();
  if (call != nullptr) call->context.TryCancel();
}

}  // namespace weir
