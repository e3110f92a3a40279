#include "cli/selftest_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "config/json_text.h"

namespace weir {
namespace {

std::string Slots(int count) {
  return absl::StrCat(count, count == 1 ? " slot" : " slots");
}

std::string JsonTexts(const std::vector<std::string>& texts) {
  return absl::StrCat("[",
                      absl::StrJoin(texts, ", ",
                                    [](std::string* out, const auto& text) {
                                      absl::StrAppend(out, JsonText(text));
                                    }),
                      "]");
}

std::string JsonCounts(const std::vector<SelfTestCount>& counts) {
  const auto format = [](std::string* out, const SelfTestCount& count) {
    absl::StrAppend(out, "{\"slots\": ", count.slots,
                    ", \"clean\": ", count.is_clean ? "true" : "false",
                    ", \"what\": ", JsonText(count.what), "}");
  };
  return absl::StrCat("[", absl::StrJoin(counts, ", ", format), "]");
}

std::string JsonUntested(const std::vector<SelfTestUntested>& untested) {
  const auto format = [](std::string* out, const SelfTestUntested& model) {
    absl::StrAppend(out, "{\"model\": ", JsonText(model.model),
                    ", \"why\": ", JsonText(model.why), "}");
  };
  return absl::StrCat("[", absl::StrJoin(untested, ", ", format), "]");
}

std::string ModelsText(const SelfTestVerdict& verdict) {
  std::string text =
      verdict.tested.empty()
          ? "models   none tested\n"
          : absl::StrCat(
                "models   tested: ", absl::StrJoin(verdict.tested, ", "), "\n");
  for (const SelfTestUntested& model : verdict.untested) {
    absl::StrAppend(&text, "         not tested: ", model.model, ": ",
                    model.why, "\n");
  }
  return text;
}

std::string CountsText(const std::vector<SelfTestCount>& counts) {
  if (counts.empty()) return "";
  std::string text = "\nslots    at once\n";
  for (const SelfTestCount& count : counts) {
    absl::StrAppendFormat(
        &text, "%5d    %s\n", count.slots,
        count.is_clean ? "ok" : absl::StrCat("FAILED: ", count.what));
  }
  return text;
}

}  // namespace

std::string SelftestText(const SelfTestVerdict& verdict) {
  std::string text =
      absl::StrCat("device   ", verdict.device, "\n", "probe    ",
                   Slots(verdict.slots_probed), " of ", verdict.slots_asked,
                   " asked for: ", verdict.cause, "\n", ModelsText(verdict),
                   CountsText(verdict.counts), "\nverdict  ",
                   verdict.keeps_slots() ? "keeps its " : "FALLS BACK to ",
                   Slots(verdict.slots), "\n");
  for (const std::string& sentence : verdict.evidence) {
    absl::StrAppend(&text, "         ", sentence, "\n");
  }
  return text;
}

std::string SelftestJson(const SelfTestVerdict& verdict,
                         const std::vector<std::string>& warnings) {
  return absl::StrCat(
      "{\"device\": ", JsonText(verdict.device), ", \"slots\": ", verdict.slots,
      ", \"slots_asked\": ", verdict.slots_asked,
      ", \"slots_probed\": ", verdict.slots_probed,
      ", \"keeps_slots\": ", verdict.keeps_slots() ? "true" : "false",
      ", \"cause\": ", JsonText(verdict.cause),
      ", \"counts\": ", JsonCounts(verdict.counts),
      ", \"tested\": ", JsonTexts(verdict.tested),
      ", \"untested\": ", JsonUntested(verdict.untested),
      ", \"evidence\": ", JsonTexts(verdict.evidence),
      ", \"warnings\": ", JsonTexts(warnings), "}\n");
}

std::string SelftestJson(const absl::Status& error,
                         const std::vector<std::string>& warnings) {
  return absl::StrCat("{\"error\": ", JsonText(std::string(error.message())),
                      ", \"warnings\": ", JsonTexts(warnings), "}\n");
}

}  // namespace weir
