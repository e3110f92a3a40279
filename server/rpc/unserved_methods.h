// UnservedMethods: answers every method that is not served, whether the
// contract has it or not. It says so, with a message: load tools take an
// UNIMPLEMENTED without one for success.
//
//   UnservedMethods unserved;
//   builder.RegisterCallbackGenericService(&unserved);
//
// Nothing that a client sends to such a method is read, let alone parsed.
//
// Thread-safety: as gRPC calls it.
// Ownership: outlives the server.
// Failure: UNIMPLEMENTED, always.
#ifndef WEIR_SERVER_RPC_UNSERVED_METHODS_H_
#define WEIR_SERVER_RPC_UNSERVED_METHODS_H_

#include "grpcpp/generic/async_generic_service.h"

namespace weir {

class UnservedMethods final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_UNSERVED_METHODS_H_
