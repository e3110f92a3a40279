#include "server/telemetry/status_page.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "config/client_text.h"
#include "server/telemetry/shown_number.h"
#include "server/telemetry/status_page_script.h"
#include "server/telemetry/status_page_style.h"

namespace weir {
namespace {

// A lane's height in the units of its picture; its width is a unit a second.
constexpr int kLaneHeight = 100;
// More slots than that stand beside each other.
constexpr size_t kNumTallLanesMax = 8;

// As a person is told, and how the page colours it.
struct Shown {
  absl::string_view text;
  absl::string_view color;
};

std::string Text(absl::string_view text,
                 size_t num_bytes_max = kClientTextBytesMax) {
  return absl::StrReplaceAll(ClientText(text, num_bytes_max), {{"&", "&amp;"},
                                                               {"<", "&lt;"},
                                                               {">", "&gt;"},
                                                               {"\"", "&quot;"},
                                                               {"'", "&#39;"}});
}

Shown StateOf(const TelemetrySnapshot& snapshot) {
  if (snapshot.draining) return {"Draining", "warn"};
  return snapshot.ready ? Shown{"Ready", "good"} : Shown{"Not ready", "bad"};
}

absl::string_view ColorOf(absl::string_view state) {
  if (state == "ready") return "good";
  return state == "failed" ? "bad" : "warn";
}

std::string Figure(absl::string_view name, absl::string_view value,
                   absl::string_view small = "") {
  return absl::StrCat(
      "<div><dt>", name, "</dt><dd>", value,
      small.empty() ? "" : absl::StrCat("<small>", small, "</small>"),
      "</dd></div>\n");
}

// "12 model_requests, 3 draining", the reasons that there were.
std::string Reasons(const TelemetrySnapshot& snapshot) {
  std::string text;
  for (const auto& [reason, count] : snapshot.refused) {
    if (count == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : ", ", ShownCount(count), " ",
                    Text(absl::StrReplaceAll(reason, {{"_", " "}})));
  }
  return text;
}

std::string Figures(const TelemetrySnapshot& snapshot) {
  const uint64_t num_refused = std::accumulate(
      snapshot.refused.begin(), snapshot.refused.end(), uint64_t{0},
      [](uint64_t sum, const auto& entry) { return sum + entry.second; });
  const uint64_t in_flight =
      snapshot.accepted - std::min(snapshot.answered, snapshot.accepted);
  std::string html = "<dl class=\"figures\">\n";
  absl::StrAppend(
      &html, Figure("Up for", ShownDuration(snapshot.uptime)),
      Figure("Accepted", ShownCount(snapshot.accepted)),
      Figure("Answered", ShownCount(snapshot.answered)),
      Figure("In flight", ShownCount(in_flight),
             ShownBytes(snapshot.inflight_bytes)),
      Figure("Refused", ShownCount(num_refused), Reasons(snapshot)));
  if (snapshot.lost_answers > 0) {
    absl::StrAppend(&html,
                    Figure("Lost", ShownCount(snapshot.lost_answers),
                           "<span class=\"bad\">a fault of the server</span>"));
  }
  return html + "</dl>\n";
}

std::string Version(const VersionSnapshot& version) {
  return absl::StrCat(
      "<p><span class=\"version ", ColorOf(version.state), "\">",
      Text(absl::StrReplaceAll(version.state, {{"_", " "}})),
      "</span> <span class=\"soft\">version ", version.version, "</span></p>",
      version.why.empty()
          ? ""
          : absl::StrCat("<p class=\"why\">",
                         Text(version.why, kStatusWhyBytesMax), "</p>"));
}

std::string Number(absl::string_view label, absl::string_view value) {
  return absl::StrCat("<td role=\"cell\" class=\"number\" data-label=\"", label,
                      "\">", value, "</td>");
}

std::string Model(const ModelSnapshot& model) {
  std::string html = absl::StrCat(
      "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\">",
      Text(model.name), "</th><td role=\"cell\" class=\"versions\">");
  for (const VersionSnapshot& version : model.versions) {
    html += Version(version);
  }
  const auto queued = static_cast<uint64_t>(model.queue_requests);
  const auto limit = static_cast<uint64_t>(model.queue_limit_requests);
  absl::StrAppend(&html, "</td>",
                  Number("Queue", absl::StrCat(ShownCount(queued), " of ",
                                               ShownCount(limit))),
                  Number("Estimated wait", ShownDuration(model.estimated_wait)),
                  Number("Requests", ShownCount(model.requests)),
                  Number("Errors", ShownCount(model.errors)), "</tr>\n");
  return html;
}

std::string Models(const TelemetrySnapshot& snapshot) {
  std::string html = "<h2 id=\"models\">Models</h2>\n";
  if (snapshot.models.empty()) {
    return html + "<p class=\"soft\">There is no model.</p>\n";
  }
  html +=
      "<table role=\"table\" aria-labelledby=\"models\">\n"
      "<thead role=\"rowgroup\"><tr role=\"row\">";
  for (const absl::string_view name : {"Model", "State"}) {
    absl::StrAppend(&html, "<th role=\"columnheader\" scope=\"col\">", name,
                    "</th>");
  }
  for (const absl::string_view name :
       {"Queue", "Estimated wait", "Requests", "Errors"}) {
    absl::StrAppend(&html,
                    "<th role=\"columnheader\" scope=\"col\" class=\"number\">",
                    name, "</th>");
  }
  html += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
  for (const ModelSnapshot& model : snapshot.models) html += Model(model);
  return html + "</tbody></table>\n";
}

// The outline of the columns, the newest at the right. One step for each change
// of height keeps an idle slot's to a few bytes.
std::string Outline(const SlotHistory::Percents& percents) {
  const size_t start = SlotHistory::kNumSecondsMax - percents.size();
  std::string path = absl::StrCat("M", start, " ", kLaneHeight);
  int height = 0;
  for (size_t i = 0; i < percents.size(); ++i) {
    if (percents[i] == height) continue;
    height = percents[i];
    absl::StrAppend(&path, "H", start + i, "V", kLaneHeight - height);
  }
  return absl::StrCat(path, "H", SlotHistory::kNumSecondsMax, "V", kLaneHeight,
                      "Z");
}

Shown NowOf(const SlotSnapshot& slot) {
  if (!slot.in_service) return {"retired", "bad"};
  return slot.leased ? Shown{"in use", "text"} : Shown{"free", "soft"};
}

std::string Lane(size_t number, const SlotSnapshot& slot,
                 const SlotHistory::Percents& percents) {
  const int sum = std::accumulate(percents.begin(), percents.end(), 0);
  const auto num_seconds = static_cast<int>(percents.size());
  const std::string share =
      percents.empty() ? "–" : absl::StrCat(sum / num_seconds, " %");
  const Shown now = NowOf(slot);
  return absl::StrCat(
      "<li><span>", number, "</span><svg role=\"img\" aria-label=\"Slot ",
      number, ": busy ", share, " of the last ", num_seconds,
      " seconds\" viewBox=\"0 0 ", SlotHistory::kNumSecondsMax, " ",
      kLaneHeight, "\" preserveAspectRatio=\"none\"><rect class=\"known\" x=\"",
      SlotHistory::kNumSecondsMax - percents.size(), "\" width=\"",
      percents.size(), "\" height=\"", kLaneHeight,
      "\"/><path class=\"busy\" d=\"", Outline(percents),
      "\"/></svg><span class=\"number\">", share, "</span><span class=\"",
      now.color, "\">", now.text, "</span></li>\n");
}

std::string About(const DeviceSnapshot& device) {
  const auto num_leased =
      std::count_if(device.slots.begin(), device.slots.end(),
                    [](const SlotSnapshot& slot) { return slot.leased; });
  std::string html = absl::StrCat(
      "<div class=\"about\"><h3>", Text(device.name), "</h3><p>", num_leased,
      " of ", device.slots.size(), " slots in use</p><p>", device.num_waiters,
      device.num_waiters == 1 ? " waits" : " wait", " for a slot</p>");
  for (const auto& [kind, bytes] : device.memory_bytes) {
    absl::StrAppend(&html, "<p class=\"soft\">memory ", Text(kind), ": ",
                    ShownBytes(bytes), "</p>");
  }
  return html + "</div>\n";
}

std::string Device(const DeviceSnapshot& device,
                   const SlotHistory::Lanes& lanes) {
  const auto found = lanes.find(device.name);
  const size_t num_known = found == lanes.end() ? 0 : found->second.size();
  std::string html =
      absl::StrCat("<div class=\"device\">", About(device), "<ol class=\"lanes",
                   device.slots.size() > kNumTallLanesMax ? " many" : "",
                   "\" aria-label=\"Slots of ", Text(device.name), "\">\n");
  for (size_t i = 0; i < device.slots.size(); ++i) {
    html += Lane(i, device.slots[i],
                 i < num_known ? found->second[i] : SlotHistory::Percents());
  }
  html += "</ol>\n";
  if (device.slots.size() <= kNumTallLanesMax) {
    html +=
        "<p class=\"axis soft\" aria-hidden=\"true\"><span>a minute ago"
        "</span><span>now</span></p>\n";
  }
  return html + "</div>\n";
}

std::string Devices(const TelemetrySnapshot& snapshot,
                    const SlotHistory::Lanes& lanes) {
  std::string html =
      "<h2>Devices</h2>\n<p class=\"soft\">How busy each slot was in each "
      "second of the last minute, and what it does now.</p>\n";
  if (snapshot.devices.empty()) {
    return "<h2>Devices</h2>\n<p class=\"soft\">There is no device.</p>\n";
  }
  for (const DeviceSnapshot& device : snapshot.devices) {
    html += Device(device, lanes);
  }
  return html;
}

}  // namespace

std::string StatusPage(const TelemetrySnapshot& snapshot,
                       const SlotHistory::Lanes& lanes) {
  const Shown state = StateOf(snapshot);
  std::string html = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>weir: ",
      state.text,
      "</title>\n<noscript><meta http-equiv=\"refresh\" content=\"5\">"
      "</noscript>\n<style>",
      kStatusPageStyle, "</style></head>\n");
  absl::StrAppend(
      &html, "<body><header><h1>weir <span class=\"soft\">",
      Text(snapshot.version), "</span></h1><p id=\"state\" class=\"",
      state.color, "\">", state.text,
      "</p><div class=\"live\"><p id=\"note\">Updates by itself</p>"
      "<button id=\"pause\" type=\"button\" hidden>Pause</button></div>"
      "<p id=\"alarm\" role=\"status\"></p></header>\n");
  absl::StrAppend(&html, "<main id=\"main\">\n", Figures(snapshot),
                  Models(snapshot), Devices(snapshot, lanes), "</main>\n");
  absl::StrAppend(&html,
                  "<footer>For programs: this page as JSON, without "
                  "<code>Accept: text/html</code>, and "
                  "<a href=\"/metrics\">/metrics</a>.</footer>\n<script>",
                  kStatusPageScript, "</script></body></html>\n");
  return html;
}

}  // namespace weir
