#include "server/rpc/unserved_methods.h"

#include <string>

namespace weir {
namespace {

grpc::Status Unserved(const std::string& method) {
  return grpc::Status(grpc::StatusCode::UNIMPLEMENTED,
                      method + " is not served here");
}

grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext& context,
                                 const std::string& method) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  reactor->Finish(Unserved(method));
  return reactor;
}

// A stream that ends before it begins.
class UnservedStream final
    : public grpc::ServerBidiReactor<inference::ModelInferRequest,
                                     inference::ModelStreamInferResponse> {
 public:
  UnservedStream() { Finish(Unserved("ModelStreamInfer")); }

 private:
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerBidiReactor<inference::ModelInferRequest,
                        inference::ModelStreamInferResponse>*
UnservedMethods::ModelStreamInfer(Context*) {
  return new UnservedStream;
}

grpc::ServerUnaryReactor* UnservedMethods::ModelStatistics(
    Context* context, const inference::ModelStatisticsRequest*,
    inference::ModelStatisticsResponse*) {
  return Refuse(*context, "ModelStatistics");
}

grpc::ServerUnaryReactor* UnservedMethods::RepositoryIndex(
    Context* context, const inference::RepositoryIndexRequest*,
    inference::RepositoryIndexResponse*) {
  return Refuse(*context, "RepositoryIndex");
}

grpc::ServerUnaryReactor* UnservedMethods::RepositoryModelLoad(
    Context* context, const inference::RepositoryModelLoadRequest*,
    inference::RepositoryModelLoadResponse*) {
  return Refuse(*context, "RepositoryModelLoad");
}

grpc::ServerUnaryReactor* UnservedMethods::RepositoryModelUnload(
    Context* context, const inference::RepositoryModelUnloadRequest*,
    inference::RepositoryModelUnloadResponse*) {
  return Refuse(*context, "RepositoryModelUnload");
}

grpc::ServerUnaryReactor* UnservedMethods::SystemSharedMemoryStatus(
    Context* context, const inference::SystemSharedMemoryStatusRequest*,
    inference::SystemSharedMemoryStatusResponse*) {
  return Refuse(*context, "SystemSharedMemoryStatus");
}

grpc::ServerUnaryReactor* UnservedMethods::SystemSharedMemoryRegister(
    Context* context, const inference::SystemSharedMemoryRegisterRequest*,
    inference::SystemSharedMemoryRegisterResponse*) {
  return Refuse(*context, "SystemSharedMemoryRegister");
}

grpc::ServerUnaryReactor* UnservedMethods::SystemSharedMemoryUnregister(
    Context* context, const inference::SystemSharedMemoryUnregisterRequest*,
    inference::SystemSharedMemoryUnregisterResponse*) {
  return Refuse(*context, "SystemSharedMemoryUnregister");
}

grpc::ServerUnaryReactor* UnservedMethods::CudaSharedMemoryStatus(
    Context* context, const inference::CudaSharedMemoryStatusRequest*,
    inference::CudaSharedMemoryStatusResponse*) {
  return Refuse(*context, "CudaSharedMemoryStatus");
}

grpc::ServerUnaryReactor* UnservedMethods::CudaSharedMemoryRegister(
    Context* context, const inference::CudaSharedMemoryRegisterRequest*,
    inference::CudaSharedMemoryRegisterResponse*) {
  return Refuse(*context, "CudaSharedMemoryRegister");
}

grpc::ServerUnaryReactor* UnservedMethods::CudaSharedMemoryUnregister(
    Context* context, const inference::CudaSharedMemoryUnregisterRequest*,
    inference::CudaSharedMemoryUnregisterResponse*) {
  return Refuse(*context, "CudaSharedMemoryUnregister");
}

grpc::ServerUnaryReactor* UnservedMethods::TraceSetting(
    Context* context, const inference::TraceSettingRequest*,
    inference::TraceSettingResponse*) {
  return Refuse(*context, "TraceSetting");
}

grpc::ServerUnaryReactor* UnservedMethods::LogSettings(
    Context* context, const inference::LogSettingsRequest*,
    inference::LogSettingsResponse*) {
  return Refuse(*context, "LogSettings");
}

}  // namespace weir
