#include "server/rpc/unserved_methods.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "config/client_text.h"

namespace weir {
namespace {

// A call that ends before anything of it is read.
class UnservedCall final : public grpc::ServerGenericBidiReactor {
 public:
  explicit UnservedCall(const std::string& method) {
    Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED,
                        absl::StrCat(Quoted(method), " is not served here")));
  }

 private:
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerGenericBidiReactor* UnservedMethods::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  return new UnservedCall(context->method());
}

}  // namespace weir
