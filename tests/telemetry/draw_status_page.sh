#!/usr/bin/env bash
# Draws docs/status.png: the status page of a busy server, which is not a real
# one (BusyScene in status_scenes.h). Needs build/dev, and Chromium or Chrome,
# which nothing else here does.
#
#     tests/telemetry/draw_status_page.sh [SCENE PICTURE.png [light|dark]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

scene=${1:-busy}
picture=${2:-docs/status.png}
dark=0 light=1 # as Chromium counts
scheme=${3:-light}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --build --preset dev --target print_telemetry >"$folder/build.log"
build/dev/tests/telemetry/print_telemetry page "$scene" >"$folder/status.html"
"$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars \
  --user-data-dir="$folder/browser" --window-size=1280,780 \
  --blink-settings=preferredColorScheme="${!scheme}" \
  --screenshot="$folder/status.png" "file://$folder/status.html" 2>"$folder/browser.log"
cp "$folder/status.png" "$picture"
