#!/usr/bin/env bash
# Copies what the programs of tests/gpu need of Debian's packages (headers,
# libraries, their CMake files) to .cache/gpu/usr, to be carried to a machine that
# has none: name .cache/gpu in `carry`, and run tests/gpu/run_on_gpu.sh there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

target=.cache/gpu
rm -rf "$target"
mkdir -p "$target"
dpkg -L libabsl-dev libabsl20220623 libgtest-dev libgmock-dev libyaml-cpp-dev \
  libyaml-cpp0.7 |
  grep -E '^/usr/(include/.|lib/.*(\.a|\.cmake|\.so[.0-9]*)$)' |
  while read -r path; do
    [[ -d $path ]] || printf '%s\n' "${path#/}"
  done |
  tar --create --dereference --directory=/ --files-from=- |
  tar --extract --directory="$target"
du -sh "$target"
