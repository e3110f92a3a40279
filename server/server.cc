#include "server/server.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "config/listen_address.h"
#include "config/status_macros.h"
#include "server/device_memories.h"
#include "server/listen/bound_socket.h"
#include "server/malloc_thresholds.h"
#include "server/model_directory.h"
#include "server/pipeline/health_board.h"
#include "server/pipeline/pipeline.h"
#include "server/rpc/rpc_server.h"
#include "server/server_events.h"
#include "server/server_snapshot.h"
#include "server/telemetry/http_endpoint.h"
#include "server/telemetry/log.h"
#include "server/telemetry/prometheus_metrics.h"
#include "server/telemetry/status_board.h"

namespace weir {
namespace {

absl::StatusOr<std::vector<BoundSocket>> Bind(
    const std::vector<std::string>& texts) {
  std::vector<ListenAddress> addresses;
  for (const std::string& text : texts) {
    WEIR_ASSIGN_OR_RETURN(ListenAddress address, ListenAddress::Parse(text));
    addresses.push_back(std::move(address));
  }
  return BindAll(addresses);
}

bool IsRemote(const ListenConfig& listen) {
  return std::any_of(listen.grpc.begin(), listen.grpc.end(), IsRemoteAddress) ||
         std::any_of(listen.http.begin(), listen.http.end(), IsRemoteAddress);
}

absl::StatusOr<ModelDirectory> FindAll(const Server::Options& options,
                                       const Backend& backend) {
  const ModelDirectoryOptions how = {.needs_file = backend.needs_files()};
  ModelDirectory found = options.model_file.has_value()
                             ? FindModel(*options.model_file, how)
                             : FindModels(options.config.models.directory, how);
  if (found.problems.empty()) return found;
  return absl::InvalidArgumentError(absl::StrJoin(found.problems, "\n"));
}

PrometheusMetrics::Options MetricsOptions() {
  PrometheusMetrics::Options options{.build = {{"version", WEIR_VERSION}}};
  for (int i = 0; i < kNumRefusals; ++i) {
    const auto refusal = static_cast<Refusal>(i);
    options.refusals.emplace_back(refusal == Refusal::kNone ? ""
                                                            : Name(refusal));
  }
  return options;
}

}  // namespace

struct Server::Parts {
  Parts(const Options& given, Backend& runs, Clock& time)
      : options(given), backend(runs), clock(time) {}

  absl::Status Build();
  absl::Status ListenForHttp(std::vector<BoundSocket> sockets);
  void LoadAll();
  void OnLoaded(const std::string& place, const absl::Status& status);
  void NoteLoaded(const std::string& place, const absl::Status& status);
  void OnLost(const std::string& device);
  TelemetrySnapshot Look();
  void LookAtMemory();
  absl::Status WhyNotReady();
  absl::Status WhyNotServing(const std::string& service);
  bool HasStuckRuns() const;
  void LogEnd(absl::string_view message);

  const Options options;
  const bool is_remote = IsRemote(options.config.listen);
  Backend& backend;
  Clock& clock;
  // Every model of the start set has been ready once.
  std::atomic<bool> has_loaded = false;
  std::atomic<bool> is_draining = false;

  Mutex mutex;
  CondVar changed;
  size_t num_loading ABSL_GUARDED_BY(mutex) = 0;
  std::vector<std::string> failures ABSL_GUARDED_BY(mutex);
  bool is_asked ABSL_GUARDED_BY(mutex) = false;
  bool has_lost_device ABSL_GUARDED_BY(mutex) = false;

  // In the order in which they are built.
  HealthBoard health{
      [this](const std::string& service) { return WhyNotServing(service); }};
  Log log{{.level = options.config.log.level,
           .format = options.config.log.format,
           .file = options.log_file}};
  PrometheusMetrics metrics{MetricsOptions()};
  ServerEvents events{log,
                      clock,
                      {.on_lost = [this](auto& device) { OnLost(device); },
                       .on_change = [this] { health.Update(); }}};
  // Until the store has closed, for models are read by descriptor.
  ModelDirectory models;
  std::unique_ptr<Pipeline> pipeline;
  DeviceMemories memories{backend};
  std::unique_ptr<StatusBoard> status_board;
  std::unique_ptr<HttpEndpoint> http;
  std::unique_ptr<RpcServer> rpc;
};

absl::Status Server::Parts::Build() {
  const Config& config = options.config;
  for (const std::string& fact : backend.Facts()) log.Info(fact);
  for (const std::string& warning : options.warnings) log.Warning(warning);
  if (is_remote) {
    log.Warning(
        "other machines reach an address of listen, and whoever gets there "
        "may use it: listen.insecure_allow_remote is true");
  }
  WEIR_ASSIGN_OR_RETURN(std::vector<BoundSocket> grpc_sockets,
                        Bind(config.listen.grpc));
  WEIR_ASSIGN_OR_RETURN(std::vector<BoundSocket> http_sockets,
                        Bind(config.listen.http));
  WEIR_ASSIGN_OR_RETURN(models, FindAll(options, backend));
  WEIR_ASSIGN_OR_RETURN(
      pipeline, Pipeline::Create(config, backend, clock, metrics, events));
  for (const PipelineDevice& device : pipeline->devices()) {
    log.Info("device is up",
             {{"device", device.name},
              {"slots", absl::StrCat(device.slots->num_slots())}});
  }
  LookAtMemory();
  // Before clients are answered: a model that is loading is no unknown one.
  LoadAll();
  WEIR_RETURN_IF_ERROR(ListenForHttp(std::move(http_sockets)));
  WEIR_ASSIGN_OR_RETURN(
      rpc, RpcServer::Start(*pipeline, clock, std::move(grpc_sockets),
                            {.limits = config.limits,
                             .accepted_bytes_max = config.queue.total_bytes_max,
                             .is_ready = [this] { return WhyNotReady().ok(); },
                             .health = &health,
                             .warn =
                                 [this](const std::string& sentence) {
                                   log.Warning(sentence);
                                 }}));
  return absl::OkStatus();
}

absl::Status Server::Parts::ListenForHttp(std::vector<BoundSocket> sockets) {
  if (sockets.empty()) return absl::OkStatus();
  status_board = std::make_unique<StatusBoard>(
      clock, StatusBoard::Looks{.read = [this] { return Look(); },
                                .sample =
                                    [this] {
                                      LookAtMemory();
                                      return Look();
                                    }});
  HttpHandlers handlers = {
      .metrics = [this] { return metrics.Text(Look()); },
      .health = [] { return absl::OkStatus(); },
      .ready = [this] { return WhyNotReady(); },
      .status_json = [this] { return status_board->Json(); },
      .status_page = [this] { return status_board->Page(); }};
  WEIR_ASSIGN_OR_RETURN(
      http, HttpEndpoint::Start(std::move(sockets), {}, std::move(handlers)));
  return absl::OkStatus();
}

void Server::Parts::LoadAll() {
  {
    MutexLock lock(mutex);
    num_loading = models.models.size();
  }
  for (const FoundModel& model : models.models) {
    pipeline->store().Load(
        model.source,
        [this, place = model.place](const absl::StatusOr<ModelHandle>& loaded) {
          OnLoaded(place, loaded.status());
        });
  }
}

void Server::Parts::OnLoaded(const std::string& place,
                             const absl::Status& status) {
  NoteLoaded(place, status);
  // The news of the last model came before all had loaded.
  health.Update();
}

void Server::Parts::NoteLoaded(const std::string& place,
                               const absl::Status& status) {
  MutexLock lock(mutex);
  --num_loading;
  if (!status.ok()) {
    failures.push_back(
        absl::StrCat(place, ": ", std::string(status.message())));
  }
  if (num_loading == 0) has_loaded = failures.empty();
  changed.NotifyAll();
}

void Server::Parts::OnLost(const std::string& device) {
  for (const DeviceConfig& configured : options.config.devices) {
    if (!MeansDevice(configured.device, device)) continue;
    if (configured.on_lost == OnLost::kStay) return;
    break;
  }
  MutexLock lock(mutex);
  has_lost_device = true;
  changed.NotifyAll();
}

TelemetrySnapshot Server::Parts::Look() {
  TelemetrySnapshot snapshot =
      SnapshotOf(*pipeline, memories, options.config.queue, events);
  metrics.AddCounts(snapshot);
  snapshot.ready = WhyNotReady().ok();
  snapshot.draining = is_draining;
  snapshot.version = WEIR_VERSION;
  snapshot.uptime = clock.Now() - options.began;
  snapshot.insecure_remote = is_remote;
  return snapshot;
}

void Server::Parts::LookAtMemory() {
  std::vector<std::string> devices;
  for (const PipelineDevice& device : pipeline->devices()) {
    devices.push_back(device.name);
  }
  memories.Look(devices);
}

absl::Status Server::Parts::WhyNotReady() {
  if (is_draining) return absl::UnavailableError("going away");
  if (!has_loaded) return absl::UnavailableError("models are loading");
  for (const FoundModel& model : models.models) {
    WEIR_RETURN_IF_ERROR(
        pipeline->WhyNotReady(model.source.name, /*version=*/0));
  }
  return absl::OkStatus();
}

absl::Status Server::Parts::WhyNotServing(const std::string& service) {
  if (service.empty()) return WhyNotReady();
  return pipeline->WhyNotReady(service, /*version=*/0);
}

bool Server::Parts::HasStuckRuns() const {
  const std::vector<PipelineDevice>& devices = pipeline->devices();
  return std::any_of(
      devices.begin(), devices.end(), [this](const PipelineDevice& device) {
        return pipeline->scheduler().ViewDevice(device.index).num_stuck > 0;
      });
}

void Server::Parts::LogEnd(absl::string_view message) {
  if (pipeline == nullptr) return;
  const AnswerLedger& ledger = pipeline->ledger();
  log.Info(message, {{"accepted", absl::StrCat(ledger.accepted.load())},
                     {"answered", absl::StrCat(ledger.answered.load())}});
}

Server::Server(const Options& options, Backend& backend, Clock& clock)
    : parts_(std::make_unique<Parts>(options, backend, clock)) {}

Server::~Server() { Close(); }

void Server::Close() {
  parts_->rpc.reset();
  if (parts_->pipeline != nullptr) parts_->pipeline->Close();
  parts_->http.reset();
  parts_->status_board.reset();
}

absl::Status Server::Start() {
  RaiseMallocThresholds();
  return parts_->Build();
}

absl::Status Server::AwaitReady() {
  Parts& parts = *parts_;
  MutexLock lock(parts.mutex);
  while (parts.num_loading > 0 && !parts.is_asked && !parts.has_lost_device) {
    parts.changed.Wait(parts.mutex);
  }
  if (!parts.failures.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(parts.failures, "\n"));
  }
  if (parts.num_loading == 0) return absl::OkStatus();
  return absl::CancelledError("asked to stop while models were loading");
}

std::string Server::ReadyLine() const {
  const Parts& parts = *parts_;
  std::vector<std::string> slots;
  for (const PipelineDevice& device : parts.pipeline->devices()) {
    slots.push_back(absl::StrCat(device.name, ":", device.slots->num_slots()));
  }
  return absl::StrFormat(
      "weir ready grpc=%s http=%s models=%d slots=%s start=%.1fs",
      absl::StrJoin(grpc_addresses(), ","),
      absl::StrJoin(http_addresses(), ","), parts.models.models.size(),
      absl::StrJoin(slots, ","),
      ToSeconds(parts.clock.Now() - parts.options.began));
}

const std::vector<std::string>& Server::grpc_addresses() const {
  return parts_->rpc->addresses();
}

std::vector<std::string> Server::http_addresses() const {
  if (parts_->http == nullptr) return {};
  return parts_->http->addresses();
}

std::string Server::Metrics() { return parts_->metrics.Text(parts_->Look()); }

Server::End Server::Run() {
  Parts& parts = *parts_;
  End end;
  {
    MutexLock lock(parts.mutex);
    while (!parts.is_asked && !parts.has_lost_device) {
      parts.changed.Wait(parts.mutex);
    }
    if (parts.has_lost_device) end.cause = Cause::kDeviceLost;
  }
  parts.is_draining = true;
  parts.health.StartDraining();
  parts.log.Info("going away: answering what was accepted");
  end.drained = parts.pipeline->Drain();
  parts.rpc->Stop();
  end.has_stuck_runs = !end.drained || parts.HasStuckRuns();
  if (!end.has_stuck_runs) Close();
  parts.LogEnd(end.drained ? "gone" : "gone before all was answered in time");
  return end;
}

bool Server::has_stuck_runs() const { return parts_->HasStuckRuns(); }

void Server::Stop() {
  MutexLock lock(parts_->mutex);
  parts_->is_asked = true;
  parts_->changed.NotifyAll();
}

void Server::Abandon() { parts_->LogEnd("ending at once"); }

}  // namespace weir
