// Knob: one key of the configuration, or of a model.yaml, as a person asks
// about it.
//
//   for (const Knob& knob : ConfigKnobs()) Use(knob.path, knob.default_text);
//
// They come from the field tables (config/config_fields.h, model_fields.h), in
// the order of config/default.yaml; a group stands before what it holds.
//
// Thread-safety: any thread.
// Ownership: values.
// Failure: none.
#ifndef WEIR_CONFIG_KNOB_H_
#define WEIR_CONFIG_KNOB_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace weir {

struct Knob {
  // "queue.requests_max"; "devices[].slots" for each entry of a list.
  std::string path = {};
  // What it is for, and what happens at the bound; sentences.
  std::string description = {};
  // "1 to 1048576"; empty where anything is.
  std::string allowed = {};
  // As it is written in YAML; empty for what holds others, or has none.
  std::string default_text = {};
  // The variable that stands above the file; of an entry's key, that of the
  // list. A model.yaml has none.
  std::string variable = {};
  bool holds_others = false;
};

std::vector<Knob> ConfigKnobs();
std::vector<Knob> ModelKnobs();

}  // namespace weir

#endif  // WEIR_CONFIG_KNOB_H_
