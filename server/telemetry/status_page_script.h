// The script of the status page: asks for the page again each second, and
// takes over what differs, so that a selection and a reader's place stay.
//
// Thread-safety: a constant.
// Ownership: none.
// Failure: none here; the script says on the page when nobody answers.
#ifndef WEIR_SERVER_TELEMETRY_STATUS_PAGE_SCRIPT_H_
#define WEIR_SERVER_TELEMETRY_STATUS_PAGE_SCRIPT_H_

#include "absl/strings/string_view.h"

namespace weir {

inline constexpr absl::string_view kStatusPageScript = R"js(
'use strict';
const periodMs = 1000, waitMs = 5000;
const note = document.getElementById('note');
const alarm = document.getElementById('alarm');
const button = document.getElementById('pause');
let paused = false, last = new Date();

// Makes `old` look like `now` and leaves alone what does already.
function adopt(old, now) {
  if (old.nodeType !== now.nodeType || old.nodeName !== now.nodeName) {
    old.replaceWith(now);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== now.data) old.data = now.data;
    return;
  }
  for (const {name} of [...old.attributes]) {
    if (!now.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const {name, value} of now.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const before = [...old.childNodes], after = [...now.childNodes];
  after.forEach((child, i) => {
    if (i < before.length) adopt(before[i], child); else old.append(child);
  });
  before.slice(after.length).forEach((child) => child.remove());
}

async function refresh() {
  const reply = await fetch(location.pathname, {
    headers: {Accept: 'text/html'}, cache: 'no-store',
    signal: AbortSignal.timeout(waitMs)});
  if (!reply.ok) throw new Error(reply.status);
  const page =
      new DOMParser().parseFromString(await reply.text(), 'text/html');
  document.title = page.title;
  for (const id of ['state', 'main']) {
    adopt(document.getElementById(id), page.getElementById(id));
  }
  last = new Date();
}

async function turn() {
  if (!paused && !document.hidden) {
    try {
      await refresh();
      document.body.classList.remove('lost');
      if (alarm.textContent) alarm.textContent = '';
      if (!paused) note.textContent = 'Updated ' + last.toLocaleTimeString();
    } catch (error) {
      document.body.classList.add('lost');
      document.title = 'weir: no answer';
      const text = 'No answer since ' + last.toLocaleTimeString() +
          '. What is shown is from then.';
      if (alarm.textContent !== text) alarm.textContent = text;
    }
  }
  setTimeout(turn, periodMs);
}

button.hidden = false;
button.addEventListener('click', () => {
  paused = !paused;
  button.textContent = paused ? 'Resume' : 'Pause';
  note.textContent =
      (paused ? 'Paused at ' : 'Updated ') + last.toLocaleTimeString();
});
setTimeout(turn, periodMs);
)js";

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_STATUS_PAGE_SCRIPT_H_
