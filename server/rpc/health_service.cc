#include "server/rpc/health_service.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sync/mutex.h"

namespace weir {
namespace {

using Response = HealthService::Response;

// No model has a name as long as this, and no more of one is kept.
constexpr size_t kServiceBytesMax = 256;

Response::ServingStatus StatusOf(Health health) {
  switch (health) {
    case Health::kServing:
      return Response::SERVING;
    case Health::kNotServing:
      return Response::NOT_SERVING;
    case Health::kUnknown:
      break;
  }
  return Response::SERVICE_UNKNOWN;
}

// One Watch call. gRPC takes one write at a time and nothing after Finish, and
// is called under no lock: so each event notes what it has to say, and whoever
// finds gRPC free takes the next step.
class HealthStream final : public RawService::Stream, public HealthWatcher {
 public:
  HealthStream(HealthBoard& board, OpenCalls& calls, std::string service)
      : board_(board),
        service_(std::move(service)),
        open_(std::in_place, calls) {}

  static HealthStream* Start(HealthBoard& board, OpenCalls& calls,
                             std::string service) {
    auto stream =
        std::make_shared<HealthStream>(board, calls, std::move(service));
    stream->self_ = stream;
    board.Watch(stream->service_, stream);
    return stream.get();  // it is not done before gRPC has it
  }

  void Tell(Health health) override {
    Step step = Step::kNone;
    {
      MutexLock lock(mutex_);
      latest_ = health;
      step = Next();
    }
    Take(step);
  }

  void End() override {
    Step step = Step::kNone;
    {
      MutexLock lock(mutex_);
      is_ended_ = true;
      step = Next();
    }
    Take(step);
  }

  void OnWriteDone(bool ok) override {
    Step step = Step::kNone;
    {
      MutexLock lock(mutex_);
      is_writing_ = false;
      is_ended_ = is_ended_ || !ok;
      step = Next();
    }
    Take(step);
  }

  void OnCancel() override { End(); }

  void OnDone() override {
    const std::shared_ptr<HealthStream> self = std::move(self_);
    open_.reset();
    board_.Forget(service_, self);
  }

 private:
  enum class Step { kNone, kWrite, kFinish };

  // What gRPC is to be asked for now.
  Step Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (is_writing_ || is_finished_) return Step::kNone;
    if (is_ended_) {
      is_finished_ = true;
      return Step::kFinish;
    }
    if (latest_ == written_) return Step::kNone;
    written_ = latest_;
    is_writing_ = true;
    Response response;
    response.set_status(StatusOf(*latest_));
    response_ = BytesOf(response);
    return Step::kWrite;
  }

  void Take(Step step) {
    if (step == Step::kWrite) StartWrite(&response_);
    if (step == Step::kFinish) {
      Finish({grpc::StatusCode::UNAVAILABLE, "the server is shutting down"});
    }
  }

  HealthBoard& board_;
  const std::string service_;
  std::optional<OpenCalls::Call> open_;  // until gRPC is done with it
  std::shared_ptr<HealthStream> self_;   // until gRPC is done with it
  grpc::ByteBuffer response_;            // gRPC's while it writes

  Mutex mutex_;
  std::optional<Health> latest_ ABSL_GUARDED_BY(mutex_);
  std::optional<Health> written_ ABSL_GUARDED_BY(mutex_);
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

HealthService::HealthService(HealthBoard& board, OpenCalls& calls)
    : board_(board), calls_(calls) {
  ServeSmall("/grpc.health.v1.Health/Check", &HealthService::Check);
  ServeStream("/grpc.health.v1.Health/Watch", &HealthService::Watch);
}

absl::Status HealthService::Check(const Request& request,
                                  Response& response) const {
  const Health health = board_.Check(request.service());
  if (health == Health::kUnknown) return absl::NotFoundError("unknown service");
  response.set_status(StatusOf(health));
  return absl::OkStatus();
}

RawService::Stream* HealthService::Watch(const Request& request) const {
  return HealthStream::Start(board_, calls_,
                             request.service().substr(0, kServiceBytesMax));
}

}  // namespace weir
