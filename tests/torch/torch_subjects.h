// The subjects of the suites that run on any backend, for backend/torch on one
// of its devices, with the models that models/make_models.py wrote.
//
//   std::unique_ptr<ContractSubject> MakeCuda() {
//     return TorchContractSubject("cuda:0", 32);
//   }
//
// Thread-safety: any thread.
// Ownership: the caller's.
// Failure: dies where the module or a model's file is missing.
#ifndef WEIR_TESTS_TORCH_TORCH_SUBJECTS_H_
#define WEIR_TESTS_TORCH_TORCH_SUBJECTS_H_

#include <memory>
#include <optional>
#include <string>

#include "tests/backend/contract.h"
#include "tests/torch/concurrency.h"
#include "tests/torch/hostile_ids.h"

namespace weir {

// The models of a subject, for one with a backend of its own.
void AddTorchModels(ContractSubject& subject);
void AddTorchModels(ConcurrencySubject& subject);
void AddTorchModels(HostileSubject& subject);

std::unique_ptr<ContractSubject> TorchContractSubject(
    const std::string& device, std::optional<int> num_streams);
std::unique_ptr<ConcurrencySubject> TorchConcurrencySubject(
    const std::string& device);
std::unique_ptr<HostileSubject> TorchHostileSubject(const std::string& device);

}  // namespace weir

#endif  // WEIR_TESTS_TORCH_TORCH_SUBJECTS_H_
