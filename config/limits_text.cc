#include "config/limits_text.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "config/config.h"
#include "config/knob.h"
#include "config/model_fields.h"
#include "config/number.h"
#include "config/yaml_node.h"

namespace weir {
namespace {

constexpr char kHeading[] =
    R"(# Limits

Generated from the field tables of config/ by config/limits_text.cc: do not edit,
build `regenerate`. `weir config explain --all` prints this page, `weir config
explain KEY` a row of it, `weir config show` what is in effect.

Everything here is bounded. What passes a bound is refused at once, with a sentence
that names the bound; the server keeps nothing waiting outside of its queues. Three kinds of refusal are kept apart:
too much for now (RESOURCE_EXHAUSTED, with a time to retry after), too much ever
(INVALID_ARGUMENT, or RESOURCE_EXHAUSTED without such a time for a message that is
too large), and not available (UNAVAILABLE).

## Slots, and what happens when all are taken

A slot is one place on a device where one run at a time happens: a stream of its own,
or on the CPU a permit for `backend.threads_per_slot` threads. A run leases a slot and
gives it back; two runs never share one. When all are leased, requests wait in their
model's queue, within the bounds of `queue`, and are refused beyond them. weir never
puts more runs on a device than it has slots.

How many there are is tried when the daemon starts: `devices[].slots`, or as many
distinct streams as the device gives, whichever is less. Where it is less than was
configured, the log says so with the reason.

| device | slots: auto | most | what is known |
|---|---|---|---|
| cpu | cores / `backend.threads_per_slot` | 1024 | More slots than cores compete for them: each run takes longer, and no more of them finish. |
| cuda | 4 | 32 | libtorch has 32 streams for each device and then gives the first again; weir stops at the first that repeats. 1 to 16 slots were measured: docs/benchmarks.md. |
| mps, libtorch up to 2.14 | 1 | 1 | There is one stream, and two runs at once end the process. |
| mps, libtorch 2.15 and later | 1 | 32 | There is a pool of streams. Whether runs on several are right is the model's and the device's matter: try it with `weir selftest --device mps --slots N --model FILE` before `slots: N`. Not run on a Mac yet. |
| others | 1 | as many as it has distinct streams | |

Where a device can only be waited for as a whole, it has one slot.

## libtorch

A module works with the release of libtorch that it was built with, and refuses any
other in a sentence that names both. `weir doctor` tells which was found, and where.

| libtorch | where | how far |
|---|---|---|
| 2.13 | Linux, CPU | all suites, in CI |
| 2.11, CUDA 13.0 | Linux, NVIDIA H200 | the suites of a backend, and docs/benchmarks.md |
| 2.9.1, 2.13.0, 2.15.0 | macOS 14, Apple silicon | compiled and linked; not run yet |

)";

// Limits that no knob moves, and that config/ does not know of.
constexpr char kServerLimits[] =
    R"(| outputs that one request may name | 256 | refused |
| parameters of a request, or of one of its tensors | 64 | refused |
| bytes of a request that are not tensors' data | 1MiB | refused |
| elements in the bytes_contents of one request | 1048576 | refused |
| bytes of the name of a model, version or tensor | 256 | refused |
| bytes of a request's id | 1024 | refused |
| bytes of a message that carries no tensor | 16KiB | refused |
| bytes of a call's metadata | 16KiB | the connection's call fails |
| bytes of the head of an HTTP request | 8KiB | answered 431 |
| HTTP connections that may be open | 64 | the one that has waited longest is closed |
| bytes of HTTP answers that clients have not read | 64MiB | the same |
| time for the head of an HTTP request, and for its answer | 5s | closed |
| bytes of a model's name in the folder of models | 128 | a problem at start |
| files and folders in one folder of models | 4096 | a problem at start |
| bytes of an input of a warm-up run | 1GiB | the load fails |
| models that wait to be loaded | 1024 | refused |
| how long a client is told to wait | 10ms to 10s | |
)";

// What a key without a default is instead.
std::string DefaultCell(const Knob& knob) {
  if (knob.holds_others) return "";
  if (knob.default_text.empty()) return "none";
  return absl::StrCat("`", knob.default_text, "`");
}

std::string Row(const Knob& knob) {
  return absl::StrCat("| `", knob.path, "` | ", DefaultCell(knob), " | ",
                      knob.allowed, " | ", knob.description, " |\n");
}

std::string Table(const std::vector<Knob>& knobs) {
  std::string table =
      "| key | default | allowed | what it does |\n|---|---|---|---|\n";
  for (const Knob& knob : knobs) {
    // A list of groups is bounded itself.
    if (!knob.holds_others || !knob.allowed.empty()) table += Row(knob);
  }
  return table;
}

std::string HardRow(const char* what, const std::string& limit,
                    const char* past) {
  return absl::StrCat("| ", what, " | ", limit, " | ", past, " |\n");
}

std::string HardLimits() {
  return absl::StrCat(
      "| what | limit | past it |\n|---|---|---|\n",
      HardRow("slots of a device", absl::StrCat(kSlotsHardMax), "refused"),
      HardRow("devices", absl::StrCat(kDevicesHardMax), "refused"),
      HardRow("inputs, and outputs, of a model", absl::StrCat(kTensorsHardMax),
              "refused"),
      HardRow("dimensions of a tensor", absl::StrCat(kRankHardMax), "refused"),
      HardRow("size of one dimension", absl::StrCat(kDimensionMax), "refused"),
      HardRow("rows of a batch", absl::StrCat(kRowsHardMax), "refused"),
      HardRow("bytes of a YAML file",
              PrintSize(static_cast<int64_t>(kYamlBytesMax)), "refused"),
      HardRow("keys and values in it", absl::StrCat(kYamlNodesMax), "refused"),
      HardRow("depth of it", absl::StrCat(kYamlDepthMax), "refused"),
      kServerLimits);
}

}  // namespace

std::string LimitsText() {
  return absl::StrCat(kHeading, "## The configuration\n\n",
                      "A variable stands above the file: WEIR_ and the key in "
                      "capitals, such as\n"
                      "WEIR_QUEUE_REQUESTS_MAX. A value out of its bounds is "
                      "refused at start.\n\n",
                      Table(ConfigKnobs()), "\n## model.yaml\n\n",
                      Table(ModelKnobs()), "\n## What no knob moves\n\n",
                      HardLimits());
}

std::string PolicyText() {
  const QueueConfig queue;
  const LimitsConfig limits;
  return absl::StrCat(
      "When all slots of a device are leased, requests wait: at most ",
      queue.requests_max, " and ", PrintSize(queue.bytes_max),
      "\nfor each model (queue.requests_max, queue.bytes_max), ",
      queue.total_requests_max, " and ", PrintSize(queue.total_bytes_max),
      "\nin all (queue.total_requests_max, queue.total_bytes_max). One more is "
      "refused\nat once, with RESOURCE_EXHAUSTED and a time to retry after. No "
      "device runs more\nthan it has slots. A message has at most ",
      PrintSize(limits.message_bytes_max), " (limits.message_bytes_max).");
}

}  // namespace weir
