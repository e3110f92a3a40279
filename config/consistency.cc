#include "config/consistency.h"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "config/config_error.h"
#include "config/kind.h"
#include "config/listen_address.h"
#include "config/number.h"
#include "config/status_macros.h"
#include "config/yaml_node.h"

namespace weir {
namespace {

// Where `path` was written, or what it lies in; "default" where nobody did.
std::string PlaceOf(const Origins& origins, std::string path) {
  while (!path.empty()) {
    const auto origin = origins.find(path);
    if (origin != origins.end()) return origin->second;
    const size_t end = path.find_last_of(".[");
    path.resize(end == std::string::npos ? 0 : end);
  }
  return "default";
}

absl::Status Refuse(const Origins& origins, const std::string& path,
                    std::string what, std::string got) {
  return ConfigError{.place = PlaceOf(origins, path),
                     .path = path,
                     .what = std::move(what),
                     .got = std::move(got)}
      .ToStatus();
}

// A bound, and its value as it is written.
struct Bound {
  std::string path;
  int64_t value;
  std::string text;
};

// What one model may have is part of what all may have. Names the one that
// somebody set.
absl::Status CheckPart(const Origins& origins, const Bound& part,
                       const Bound& total) {
  if (part.value <= total.value) return absl::OkStatus();
  if (origins.count(part.path) == 0) {
    return Refuse(origins, total.path,
                  absl::StrCat("less than ", part.path, ", which is ",
                               part.text, " by default; set both"),
                  total.text);
  }
  return Refuse(
      origins, part.path,
      absl::StrCat("more than ", total.path, ", which is ", total.text, " (",
                   PlaceOf(origins, total.path), ")"),
      part.text);
}

struct NamedPath {
  std::string path;
  std::string name;
};

absl::Status CheckUnique(const Origins& origins,
                         const std::vector<NamedPath>& entries) {
  std::map<std::string, std::string> first_paths;
  for (const NamedPath& entry : entries) {
    const auto [first, is_new] = first_paths.emplace(entry.name, entry.path);
    if (is_new) continue;
    return Refuse(origins, entry.path,
                  absl::StrCat("the same as ", first->second), entry.name);
  }
  return absl::OkStatus();
}

absl::Status CheckDevices(const Origins& origins,
                          const std::vector<NamedPath>& devices) {
  WEIR_RETURN_IF_ERROR(CheckUnique(origins, devices));
  for (const NamedPath& device : devices) {
    if (device.name != "auto" || devices.size() == 1) continue;
    return Refuse(origins, device.path,
                  "auto chooses one device and stands alone; name them all",
                  device.name);
  }
  return absl::OkStatus();
}

// There is neither encryption nor a way to tell clients apart, so whoever gets
// there may do all that there is to do.
absl::Status CheckInside(const Origins& origins, const std::string& path,
                         const std::vector<std::string>& addresses) {
  for (size_t i = 0; i < addresses.size(); ++i) {
    const absl::StatusOr<ListenAddress> address =
        ListenAddress::Parse(addresses[i]);
    if (!address.ok() || address->is_loopback()) continue;
    return Refuse(origins, JoinPath(path, i),
                  "other machines reach this, and anyone there could use it; "
                  "listen on localhost or a unix socket, or set "
                  "listen.insecure_allow_remote: true",
                  addresses[i]);
  }
  return absl::OkStatus();
}

// `what` is "inputs" or "outputs".
absl::Status CheckTensors(const Origins& origins, const std::string& what,
                          const std::vector<TensorConfig>& tensors,
                          bool has_batch) {
  std::vector<NamedPath> names;
  for (const TensorConfig& tensor : tensors) {
    const std::string path = JoinPath(what, names.size());
    names.push_back({JoinPath(path, "name"), tensor.name});
    if (has_batch && (tensor.shape.empty() || tensor.shape[0] != -1)) {
      return Refuse(
          origins, JoinPath(path, "shape"),
          "dimension 0 is the batch, so it must be -1 where there "
          "is a batch",
          tensor.shape.empty() ? "[]" : absl::StrCat(tensor.shape[0]));
    }
    if (!tensor.values.has_value()) continue;
    if (what != "inputs" || !IsIntegerDatatype(tensor.datatype)) {
      return Refuse(origins, JoinPath(path, "values"),
                    "only an integer input may have values",
                    absl::StrCat(tensor.datatype, " in ", what));
    }
  }
  return CheckUnique(origins, names);
}

absl::Status CheckWarmUp(const Origins& origins, const ModelConfig& model) {
  const int rows_max = model.batch.has_value() ? model.batch->rows_max : 1;
  for (size_t i = 0; i < model.warm_up.size(); ++i) {
    if (model.warm_up[i] <= rows_max) continue;
    return Refuse(
        origins, JoinPath("warm_up", i),
        model.batch.has_value()
            ? absl::StrCat("more than batch.rows_max, which is ", rows_max)
            : "more than the one row of a model without a batch",
        absl::StrCat(model.warm_up[i]));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckConsistency(const Config& config, const Origins& origins) {
  const QueueConfig& queue = config.queue;
  WEIR_RETURN_IF_ERROR(
      CheckPart(origins,
                {"queue.requests_max", queue.requests_max,
                 absl::StrCat(queue.requests_max)},
                {"queue.total_requests_max", queue.total_requests_max,
                 absl::StrCat(queue.total_requests_max)}));
  WEIR_RETURN_IF_ERROR(CheckPart(
      origins, {"queue.bytes_max", queue.bytes_max, PrintSize(queue.bytes_max)},
      {"queue.total_bytes_max", queue.total_bytes_max,
       PrintSize(queue.total_bytes_max)}));
  if (!config.listen.insecure_allow_remote) {
    WEIR_RETURN_IF_ERROR(
        CheckInside(origins, "listen.grpc", config.listen.grpc));
    WEIR_RETURN_IF_ERROR(
        CheckInside(origins, "listen.http", config.listen.http));
  }
  std::vector<NamedPath> devices;
  for (const DeviceConfig& device : config.devices) {
    const std::string path = JoinPath("devices", devices.size());
    devices.push_back({JoinPath(path, "device"), device.device});
  }
  return CheckDevices(origins, devices);
}

absl::Status CheckConsistency(const ModelConfig& model,
                              const Origins& origins) {
  std::vector<NamedPath> devices;
  for (const std::string& device : model.devices) {
    devices.push_back({JoinPath("device", devices.size()), device});
  }
  WEIR_RETURN_IF_ERROR(CheckDevices(origins, devices));
  const bool has_batch = model.batch.has_value();
  WEIR_RETURN_IF_ERROR(
      CheckTensors(origins, "inputs", model.inputs, has_batch));
  WEIR_RETURN_IF_ERROR(
      CheckTensors(origins, "outputs", model.outputs, has_batch));
  return CheckWarmUp(origins, model);
}

}  // namespace weir
