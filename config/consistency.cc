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
#include "config/problems.h"
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

void CheckUnique(const Origins& origins, const std::vector<NamedPath>& entries,
                 Problems& problems) {
  std::map<std::string, std::string> first_paths;
  for (const NamedPath& entry : entries) {
    const auto [first, is_new] = first_paths.emplace(entry.name, entry.path);
    if (is_new) continue;
    problems.Add(Refuse(origins, entry.path,
                        absl::StrCat("the same as ", first->second),
                        entry.name));
  }
}

void CheckDevices(const Origins& origins, const std::vector<NamedPath>& devices,
                  Problems& problems) {
  CheckUnique(origins, devices, problems);
  for (const NamedPath& device : devices) {
    if (device.name != "auto" || devices.size() == 1) continue;
    problems.Add(
        Refuse(origins, device.path,
               "auto chooses one device and stands alone; name them all",
               device.name));
  }
}

// There is neither encryption nor a way to tell clients apart, so whoever gets
// there may do all that there is to do.
void CheckInside(const Origins& origins, const std::string& path,
                 const std::vector<std::string>& addresses,
                 Problems& problems) {
  for (size_t i = 0; i < addresses.size(); ++i) {
    if (!IsRemoteAddress(addresses[i])) continue;
    problems.Add(
        Refuse(origins, JoinPath(path, i),
               "other machines reach this, and anyone there could use it; "
               "listen on localhost or a unix socket, or set "
               "listen.insecure_allow_remote: true",
               addresses[i]));
  }
}

// `path` is that of an input or an output.
absl::Status CheckShape(const Origins& origins, const std::string& path,
                        const TensorConfig& tensor, bool has_batch) {
  const std::vector<int64_t>& shape = tensor.shape;
  if (!has_batch || (!shape.empty() && shape[0] == -1)) return absl::OkStatus();
  return Refuse(origins, JoinPath(path, "shape"),
                "dimension 0 is the batch, so it must be -1 where there "
                "is a batch",
                shape.empty() ? "[]" : absl::StrCat(shape[0]));
}

// `what` is "inputs" or "outputs".
void CheckTensors(const Origins& origins, const std::string& what,
                  const std::vector<TensorConfig>& tensors, bool has_batch,
                  Problems& problems) {
  std::vector<NamedPath> names;
  for (const TensorConfig& tensor : tensors) {
    const std::string path = JoinPath(what, names.size());
    names.push_back({JoinPath(path, "name"), tensor.name});
    problems.Add(CheckShape(origins, path, tensor, has_batch));
    if (!tensor.values.has_value()) continue;
    if (what != "inputs" || !IsIntegerDatatype(tensor.datatype)) {
      problems.Add(Refuse(origins, JoinPath(path, "values"),
                          "only an integer input may have values",
                          absl::StrCat(tensor.datatype, " in ", what)));
    }
  }
  CheckUnique(origins, names, problems);
}

void CheckWarmUp(const Origins& origins, const ModelConfig& model,
                 Problems& problems) {
  const int rows_max = model.batch.has_value() ? model.batch->rows_max : 1;
  for (size_t i = 0; i < model.warm_up.size(); ++i) {
    if (model.warm_up[i] <= rows_max) continue;
    problems.Add(Refuse(
        origins, JoinPath("warm_up", i),
        model.batch.has_value()
            ? absl::StrCat("more than batch.rows_max, which is ", rows_max)
            : "more than the one row of a model without a batch",
        absl::StrCat(model.warm_up[i])));
  }
}

}  // namespace

absl::Status CheckConsistency(const Config& config, const Origins& origins) {
  Problems problems;
  const QueueConfig& queue = config.queue;
  problems.Add(CheckPart(origins,
                         {"queue.requests_max", queue.requests_max,
                          absl::StrCat(queue.requests_max)},
                         {"queue.total_requests_max", queue.total_requests_max,
                          absl::StrCat(queue.total_requests_max)}));
  problems.Add(CheckPart(
      origins, {"queue.bytes_max", queue.bytes_max, PrintSize(queue.bytes_max)},
      {"queue.total_bytes_max", queue.total_bytes_max,
       PrintSize(queue.total_bytes_max)}));
  if (!config.listen.insecure_allow_remote) {
    CheckInside(origins, "listen.grpc", config.listen.grpc, problems);
    CheckInside(origins, "listen.http", config.listen.http, problems);
  }
  std::vector<NamedPath> devices;
  for (const DeviceConfig& device : config.devices) {
    const std::string path = JoinPath("devices", devices.size());
    devices.push_back({JoinPath(path, "device"), device.device});
  }
  CheckDevices(origins, devices, problems);
  return problems.ToStatus();
}

absl::Status CheckConsistency(const ModelConfig& model,
                              const Origins& origins) {
  Problems problems;
  std::vector<NamedPath> devices;
  for (const std::string& device : model.devices) {
    devices.push_back({JoinPath("device", devices.size()), device});
  }
  CheckDevices(origins, devices, problems);
  const bool has_batch = model.batch.has_value();
  CheckTensors(origins, "inputs", model.inputs, has_batch, problems);
  CheckTensors(origins, "outputs", model.outputs, has_batch, problems);
  CheckWarmUp(origins, model, problems);
  return problems.ToStatus();
}

}  // namespace weir
