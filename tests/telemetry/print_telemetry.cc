// Prints what the endpoint would answer for a scene, for what reads such
// answers: status_page_test.py, metrics_text_test.py, picture_status_page.sh.
//
//     print_telemetry page|policy|json|metrics [empty|busy|hostile|wide]
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "server/telemetry/prometheus_metrics.h"
#include "server/telemetry/status_json.h"
#include "server/telemetry/status_page.h"
#include "tests/telemetry/status_scenes.h"

namespace weir {
namespace {

StatusScene SceneOf(const std::string& name) {
  if (name == "empty") return EmptyScene();
  if (name == "hostile") return HostileScene();
  return name == "wide" ? WideScene() : BusyScene();
}

// With the series of every version, each of which has seen something.
std::string MetricsOf(const TelemetrySnapshot& snapshot) {
  PrometheusMetrics metrics({.refusals = {"", "invalid", "draining"},
                             .build = {{"version", snapshot.version}}});
  std::vector<std::unique_ptr<VersionSeries>> all;
  for (const ModelSnapshot& model : snapshot.models) {
    for (const VersionSnapshot& version : model.versions) {
      all.push_back(metrics.MakeVersionSeries(model.name, version.version));
      all.back()->run_seconds->Observe(0.1);
      CountRequest(*all.back(), absl::StatusCode::kOk);
    }
  }
  return metrics.Text(snapshot);
}

std::string TextOf(const std::string& what, const std::string& name) {
  const StatusScene scene = SceneOf(name);
  if (what == "metrics") return MetricsOf(scene.snapshot);
  if (what == "policy") return std::string(kStatusPagePolicy);
  return what == "json" ? StatusJson(scene.snapshot, scene.lanes)
                        : StatusPage(scene.snapshot, scene.lanes);
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string text = weir::TextOf(words.empty() ? "page" : words[0],
                                        words.size() > 1 ? words[1] : "busy");
  return std::fputs(text.c_str(), stdout) < 0 ? 1 : 0;
}
