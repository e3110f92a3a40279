// The style of the status page: light and dark, wide and narrow.
//
// Thread-safety: a constant.
// Ownership: none.
// Failure: none.
#ifndef WEIR_SERVER_TELEMETRY_STATUS_PAGE_STYLE_H_
#define WEIR_SERVER_TELEMETRY_STATUS_PAGE_STYLE_H_

#include "absl/strings/string_view.h"

namespace weir {

inline constexpr absl::string_view kStatusPageStyle = R"css(
:root {
  color-scheme: light dark;
  --back: #ffffff; --panel: #f5f7f9; --text: #1b1f24; --soft: #57606a;
  --line: #d5dae0; --busy: #2563eb; --idle: #e6eaef;
  --good: #15703a; --warn: #92500a; --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171b; --panel: #1c2026; --text: #e6e9ed; --soft: #a3adb8;
    --line: #333a43; --busy: #6ba1ff; --idle: #2a3038;
    --good: #5fd38a; --warn: #f2b45c; --bad: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.25rem 1.5rem 2rem; max-width: 80rem;
  background: var(--back); color: var(--text);
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", sans-serif;
  overflow-wrap: anywhere;
}
header { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 1.75rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: 0; }
.soft, #note, dt, th { color: var(--soft); }
h1 .soft { font-weight: 400; font-size: 1rem; }
.live { display: flex; align-items: center; gap: .75rem; margin-left: auto; }
#note { font-size: .875rem; }
#alarm { flex-basis: 100%; color: var(--bad); font-weight: 600; }
#alarm:empty { display: none; }
.lost main { opacity: .6; }
button {
  font: inherit; font-size: .875rem; padding: .15rem .7rem; color: inherit;
  background: var(--panel); border: 1px solid var(--soft); border-radius: .3rem;
}
:focus-visible { outline: 3px solid var(--busy); outline-offset: 2px; }
.good { color: var(--good); } .warn { color: var(--warn); }
.bad { color: var(--bad); }
#state, .version { font-weight: 600; }
#state::before, .version::before { content: "\25CF\00A0"; }
.figures {
  display: grid; gap: .75rem; margin: 1.1rem 0 0;
  grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr));
}
.figures div {
  background: var(--panel); border: 1px solid var(--line);
  border-radius: .4rem; padding: .55rem .8rem;
}
dt { font-size: .875rem; }
dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
dd small { display: block; font-size: .8125rem; color: var(--soft); }
table { width: 100%; border-collapse: collapse; }
th, td {
  text-align: left; vertical-align: top; padding: .45rem .9rem .45rem 0;
  border-bottom: 1px solid var(--line);
}
thead th { font-size: .875rem; font-weight: 400; }
tbody th { color: var(--text); font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
.number:last-child { padding-right: 0; }
.why {
  font-size: .875rem; white-space: pre-wrap; max-width: 36rem;
}
.device { margin-top: 1rem; }
.about { display: flex; flex-wrap: wrap; align-items: baseline;
  gap: .1rem 1rem; font-size: .9375rem; }
.lanes {
  list-style: none; margin: .5rem 0 0; padding: 0;
  display: grid; gap: .5rem 1.5rem; font-size: .875rem;
}
.lanes li {
  display: grid; grid-template-columns: 2.5rem 1fr 3rem 4.25rem;
  gap: .6rem; align-items: center;
}
.many { grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); }
.lanes svg { display: block; width: 100%; height: 2rem;
  border-bottom: 1px solid var(--line); }
.lanes span { white-space: nowrap; }
.many svg { height: 1.15rem; }
.known { fill: var(--idle); } .busy { fill: var(--busy); }
.axis {
  display: flex; justify-content: space-between; font-size: .8125rem;
  padding: .25rem 8.45rem 0 3.1rem;
}
footer { margin-top: 2rem; font-size: .875rem; color: var(--soft); }
a { color: inherit; }
@media (max-width: 44rem) {
  body { padding: 1rem; }
  .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; }
  .figures div:last-child:nth-child(odd) { grid-column: 1 / -1; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); }
  table, tbody { display: block; }
  tr { display: grid; grid-template-columns: 1fr 1fr; gap: .35rem .75rem;
    padding: .6rem 0; border-bottom: 1px solid var(--line); }
  th, td { border: 0; padding: 0; }
  tbody th, .versions { grid-column: 1 / -1; }
  .number { text-align: left; }
  .number::before { content: attr(data-label); display: block;
    font-size: .8125rem; color: var(--soft); }
  .lanes li { grid-template-columns: 1.6rem 1fr 2.6rem 3.9rem; gap: .4rem; }
  .axis { padding: .25rem 7.3rem 0 2rem; }
}
@media (forced-colors: active) {
  .known { fill: Canvas; } .busy { fill: CanvasText; }
  .lanes svg { border: 1px solid CanvasText; }
}
)css";

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_STATUS_PAGE_STYLE_H_
