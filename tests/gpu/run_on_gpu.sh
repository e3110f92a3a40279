#!/usr/bin/env bash
# Builds and runs everything that needs an accelerator, and prints what it found:
#
#   tests/gpu/run_on_gpu.sh                           on cuda:0, under 9 minutes
#   tests/gpu/run_on_gpu.sh --device cpu --quick      the same programs, anywhere
#
# Needs cmake, ninja, a C++20 compiler and a python3 with torch; the other
# libraries from the system, or from what tests/gpu/pack_packages.sh carried here.
# log.txt, bench.jsonl and suites.xml lie in $OUT, or in build/gpu/results. A part
# that fails does not stop the others; the exit status tells.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

device=cuda:0
quick=()
while (($#)); do
  case $1 in
    --device) device=$2; shift ;;
    --quick) quick=(--quick) ;;
    *) echo "unknown: $1" >&2; exit 2 ;;
  esac
  shift
done

build=$PWD/build/gpu
results=${OUT:-$build/results}
python=$(command -v python3)
[[ -x .venv/bin/python ]] && python=$PWD/.venv/bin/python
# libtorch's CMake files ask for it where libtorch is built for CUDA.
[[ -d /usr/local/cuda/bin ]] && PATH=$PATH:/usr/local/cuda/bin
carried=$PWD/.cache/gpu/usr
# Libraries that were carried here find each other by it alone.
[[ -d $carried ]] && export LD_LIBRARY_PATH=$carried/lib/x86_64-linux-gnu
failed=()
timings=()
mkdir -p "$results"

rm -f "$results"/{log.txt,bench.jsonl,suites.xml}

# part NAME SECONDS COMMAND...: keeps what the command prints, and its time.
part() {
  local name=$1 limit=$2 start=$SECONDS status
  shift 2
  echo "== $name" | tee -a "$results/log.txt"
  timeout --kill-after=5 "$limit" "$@" 2>&1 | tee -a "$results/log.txt"
  status=${PIPESTATUS[0]}
  timings+=("$(printf '%4d s  %-14s exit %d' $((SECONDS - start)) "$name" "$status")")
  return "$status"
}
must() { part "$@" || failed+=("$1"); }

configure() {
  local torch
  torch=$("$python" -c 'import torch; print(torch.utils.cmake_prefix_path)')
  # Not what $CXX names: a compiler that brings a C++ library of its own into each
  # program does not go with libtorch's.
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_CXX_COMPILER="$(command -v c++)" \
    -DCMAKE_PREFIX_PATH="$carried;$torch" -DWEIR_GPU=ON -DWEIR_RPC=OFF \
    -DWEIR_TORCH_PYTHON="$python" --log-level=WARNING
}
export -f configure
export build python carried

must configure 120 bash -c configure
must build 900 cmake --build "$build" --target gpu_programs --parallel \
  "${JOBS:-$(nproc)}"
((${#failed[@]})) && { printf 'FAILED: %s\n' "${failed[@]}"; exit 1; }

programs=$build/tests/gpu
must models 60 "$python" -B tests/torch/models/make_models.py \
  "$build/torch_models" --bench

must suites 150 "$programs/device_suites" --gtest_brief=1 --device "$device" \
  --gtest_output="xml:$results/suites.xml"

# Of the CPU, whatever the device is.
must overhead 60 "$programs/run_overhead"

must bench 240 "$programs/slot_bench" --device "$device" --rounds 15 \
  --slice-ms 60 --json "$results/bench.jsonl" "${quick[@]}"

# Last, for it leaves the device in pieces: the exit code is the daemon's.
expected=4
[[ $device == cpu ]] && expected=0
part lost_device 60 "$programs/lost_device" --device "$device"
[[ $? -eq $expected ]] || failed+=(lost_device)

{
  echo "== time taken"
  printf '%s\n' "${timings[@]}"
  if ((${#failed[@]})); then
    printf 'FAILED: %s\n' "${failed[@]}"
  else
    echo "all parts passed"
  fi
} | tee -a "$results/log.txt"
exit $((${#failed[@]} > 0))
