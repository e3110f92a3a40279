// Observer: what an operator acts on, as it happens. The server's log and its
// health service hang on it; pipeline and backend do not log.
//
// Thread-safety: called by any thread, under no lock.
// Ownership: outlives the pipeline.
// Failure: none; a call returns quickly.
#ifndef WEIR_SERVER_PIPELINE_OBSERVER_H_
#define WEIR_SERVER_PIPELINE_OBSERVER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "backend/slot_pool_state.h"

namespace weir {

// How far a version of a model is:
//
//   Loading -> WarmingUp -> Ready -> Draining -> Unloaded
//      |           |
//      +-----------+-> Failed
//
// and from Draining, Unloaded and Failed back to Loading when it is asked for
// again.
enum class ModelState {
  kLoading,
  kWarmingUp,
  kReady,
  kDraining,  // takes no new requests; those it has are answered
  kFailed,
  kUnloaded,
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void OnModelState(const std::string& model, int64_t version,
                            ModelState state, const absl::Status& why) = 0;
  // A run, or upkeep where `model` is empty, took too long; its slot is out of
  // service until it returns.
  virtual void OnStuckRun(const std::string& model,
                          const std::string& device) = 0;
  // A model's run that had been given up has come back after all: it takes no
  // part of the model's cap any more. Its slot is told of by OnDevice, where it
  // can be repaired.
  virtual void OnStuckRunReturned(const std::string& model,
                                  const std::string& device) = 0;
  virtual void OnDevice(const std::string& device, const ServiceNews& news) = 0;
  virtual void OnWarning(const std::string& sentence) = 0;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_OBSERVER_H_
