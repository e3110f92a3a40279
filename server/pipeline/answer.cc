#include "server/pipeline/answer.h"

#include <array>

namespace weir {
namespace {

constexpr std::array<std::string_view, kNumRefusals> kNames = {
    "none",           "invalid",     "unknown_model",  "not_ready",
    "model_requests", "model_bytes", "total_requests", "total_bytes",
    "draining",       "device_down", "expired",        "cancelled",
    "watchdog",
};

}  // namespace

std::string_view Name(Refusal refusal) {
  return kNames[static_cast<size_t>(refusal)];
}

}  // namespace weir
