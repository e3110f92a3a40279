#include "backend/fake/fake_backend.h"

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "config/status_macros.h"
#include "sync/check.h"

namespace weir {
namespace {

std::vector<std::unique_ptr<FakeDevice>> MakeDevices(
    const FakeBackend::Options& options) {
  std::vector<std::unique_ptr<FakeDevice>> devices;
  for (const FakeBackend::DeviceOptions& device : options.devices) {
    devices.push_back(std::make_unique<FakeDevice>(device));
  }
  return devices;
}

}  // namespace

FakeBackend::FakeBackend(const Options& options, Clock& clock)
    : clock_(clock),
      log_(options.log_steps_max),
      devices_(MakeDevices(options)) {}

FakeBackend::~FakeBackend() {
  WEIR_CHECK(counts_.live_models == 0, "a backend outlives its models");
}

const FakeDevice* FakeBackend::Find(const std::string& device) const {
  const auto found =
      std::find_if(devices_.begin(), devices_.end(),
                   [&](const auto& known) { return known->name() == device; });
  return found == devices_.end() ? nullptr : found->get();
}

FakeDevice* FakeBackend::Find(const std::string& device) {
  return const_cast<FakeDevice*>(std::as_const(*this).Find(device));
}

FakeDevice& FakeBackend::DeviceOf(const SlotLease& lease) {
  FakeDevice* device = Find(lease.slot().device());
  WEIR_CHECK(device != nullptr, "a lease is of one of the backend's devices");
  return *device;
}

void FakeBackend::Note(FakeStage stage, const SlotLease& lease,
                       const FakeModelFile* file) {
  log_.Add({.stage = stage,
            .device = lease.slot().device(),
            .slot = lease.slot().index(),
            .thread = std::this_thread::get_id(),
            .model = file == nullptr ? "" : file->name,
            .version = file == nullptr ? 0 : file->version});
}

std::vector<DeviceInfo> FakeBackend::Devices() const {
  std::vector<DeviceInfo> infos;
  for (const auto& device : devices_) {
    infos.push_back(
        {.name = device->name(), .slots_default = device->slots_default()});
  }
  return infos;
}

absl::StatusOr<std::string> FakeBackend::PassLastStream(
    const FakeDevice& device, int slots_max) {
  const int num_streams = device.num_streams();
  std::string why =
      absl::StrCat(device.name(), " has ", num_streams, " distinct streams; ",
                   slots_max, " slots were asked for");
  if (device.probe_end() == FakeProbeEnd::kThrows) {
    why = absl::StrCat(device.name(), " threw after ", num_streams, " streams");
  }
  if (device.probe_end() == FakeProbeEnd::kAborts) std::abort();
  if (device.probe_end() == FakeProbeEnd::kBlocks) {
    Gate("probe").Pass(clock_, nullptr);
  }
  if (num_streams == 0) return absl::UnavailableError(why);
  return why;
}

absl::StatusOr<Probed> FakeBackend::Probe(const std::string& device,
                                          int slots_max,
                                          absl::FunctionRef<void(int)> found) {
  WEIR_CHECK(slots_max >= 1, "a probe asks for at least one slot");
  FakeDevice* known = Find(device);
  if (known == nullptr) {
    return absl::NotFoundError(absl::StrCat("no such device: ", device));
  }
  if (!known->BeginProbe()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the device was probed before: ", device));
  }
  Probed probed;
  const int num_slots = std::min(slots_max, known->num_streams());
  for (int slot = 0; slot < num_slots; ++slot) {
    probed.slots.push_back(std::make_unique<FakeSlot>(device, slot));
    found(slot + 1);
  }
  if (num_slots < slots_max) {
    WEIR_ASSIGN_OR_RETURN(std::string why, PassLastStream(*known, slots_max));
    probed.warnings.push_back(std::move(why));
  }
  return probed;
}

absl::StatusOr<FakeScript> FakeBackend::ScriptOf(
    const ModelSource& source) const {
  {
    MutexLock lock(mutex_);
    const auto found = scripts_.find(source.name);
    if (found != scripts_.end()) return found->second;
  }
  return ParseFakeScript(source.config.backend_options);
}

absl::StatusOr<std::unique_ptr<ModelFile>> FakeBackend::Read(
    const ModelSource& source) {
  auto file = std::make_unique<FakeModelFile>();
  file->name = source.name;
  file->version = source.version;
  WEIR_ASSIGN_OR_RETURN(file->script, ScriptOf(source));
  WEIR_ASSIGN_OR_RETURN(file->signature.inputs,
                        DeclaredSpecs(source.config.inputs));
  WEIR_ASSIGN_OR_RETURN(file->signature.outputs,
                        DeclaredSpecs(source.config.outputs));
  file->signature.stateful = source.config.stateful;
  file->signature.runs_max = file->script.runs_max;
  return file;
}

int64_t FakeBackend::CountLoad(const std::string& model) {
  MutexLock lock(mutex_);
  return ++loads_[model];
}

absl::StatusOr<std::unique_ptr<Model>> FakeBackend::Load(SlotLease& lease,
                                                         ModelFile& file) {
  auto& fake = static_cast<FakeModelFile&>(file);
  const FakeScript& script = fake.script;
  FakeDevice& device = DeviceOf(lease);
  FakeSlotUse use(device, lease);
  Note(FakeStage::kLoad, lease, &fake);
  use.Enqueue();
  if (device.lost()) return absl::UnavailableError("the device is lost");
  const int64_t load = CountLoad(fake.name);
  SpendTime(clock_, script.load_delay);
  if (!script.load_gate.empty()) Gate(script.load_gate).Pass(clock_, nullptr);
  try {
    if (script.load_throws.Is(load)) ThrowAsScripted(script.throw_kind);
  } catch (...) {
    return absl::InternalError("the model threw while it was loaded");
  }
  if (script.load_fails.Is(load)) {
    return absl::InternalError("scripted: this load fails");
  }
  FakeGate* gate = script.gate.empty() ? nullptr : &Gate(script.gate);
  return std::make_unique<FakeModel>(
      fake, FakeParts{device, log_, counts_, clock_, gate});
}

void FakeBackend::EmptyCache(SlotLease& lease) {
  FakeDevice& device = DeviceOf(lease);
  FakeSlotUse use(device, lease);
  Note(FakeStage::kEmptyCache, lease, nullptr);
  device.EmptyCache();
}

DeviceMemory FakeBackend::Memory(const std::string& device) const {
  const FakeDevice* found = Find(device);
  return found == nullptr ? DeviceMemory{} : found->memory();
}

absl::Status FakeBackend::Revive(SlotLease& lease) {
  FakeDevice& device = DeviceOf(lease);
  FakeSlotUse use(device, lease);
  Note(FakeStage::kRevive, lease, nullptr);
  if (!device.Revive()) {
    return absl::UnavailableError(
        absl::StrCat("the device stays lost: ", device.name()));
  }
  use.slot().set_broken(false);
  return absl::OkStatus();
}

void FakeBackend::Script(const std::string& model, const FakeScript& script) {
  MutexLock lock(mutex_);
  scripts_[model] = script;
}

FakeGate& FakeBackend::Gate(const std::string& name) {
  MutexLock lock(mutex_);
  std::unique_ptr<FakeGate>& gate = gates_[name];
  if (gate == nullptr) gate = std::make_unique<FakeGate>();
  return *gate;
}

void FakeBackend::FailRevives(const std::string& device, int count) {
  FakeDevice* found = Find(device);
  WEIR_CHECK(found != nullptr, "a scripted device exists");
  found->FailRevives(count);
}

}  // namespace weir
