"""Prints the rows of slot_bench as the table of docs/benchmarks.md.

    python3 tests/gpu/bench_table.py build/gpu/results/bench.jsonl

A figure is the mean over the turns of its way to wait.
"""

import collections
import json
import pathlib
import statistics
import sys

MODES = ("auto", "block", "spin")
COLUMNS = (
    "model", "slots", "weir/bare: auto", "block", "spin", "weir runs/s: auto", "block", "spin",
    "auto / better", "CPU us a run: auto", "block", "spin", "scaling", "of bare",
)


def main(path: str) -> None:
    rows = collections.defaultdict(list)
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row["model"], row["slots"], row["synchronize"]].append(row)

    def mean(model: str, slots: int, mode: str, key: str) -> float:
        return statistics.mean(row[key] for row in rows[model, slots, mode])

    print("| " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS))
    for model, slots in dict.fromkeys((model, slots) for model, slots, _ in rows):
        ratios = [mean(model, slots, mode, "ratio") for mode in MODES]
        speeds = [mean(model, slots, mode, "weir_runs_per_second") for mode in MODES]
        cpu = [mean(model, slots, mode, "weir_cpu_us_per_run") for mode in MODES]
        cells = [model, str(slots)]
        cells += [f"{ratio:.2f}" for ratio in ratios]
        cells += [f"{speed:.0f}" for speed in speeds]
        cells.append(f"{speeds[0] / max(speeds[1:]):.2f}")
        cells += [f"{us:.0f}" for us in cpu]
        cells += [f"{mean(model, slots, 'auto', key):.2f}" for key in ("weir_scaling", "bare_scaling")]
        print("| " + " | ".join(cells) + " |")


main(sys.argv[1])
