"""Runs the core's benchmarks and holds their ratios against the budgets.

    core_ratios.py FOLDER      the build folder of tests/bench

Only ratios within one run count: the machine's speed drifts, so the benchmarks
run interleaved, several times each, and the medians are compared. Instructions
are counted by callgrind, which no other load disturbs.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

# What, above, below, the most that above / below may be.
BUDGETS = [
    ("lease acquire + release / bare lock + unlock", "BM_Lease", "BM_StandardLock", 6.0),
    ("request handed to a worker / bare hand-over", "BM_HandOff/manual_time", "BM_BareHandOff/manual_time", 1.5),
    ("a request of 16 models / of one, in time", "BM_Turn/16", "BM_Turn/1", 2.0),
]
REPETITIONS = 9
TURNS = (2000, 12000)


def medians(folder: Path) -> dict[str, float]:
    """Nanoseconds of each benchmark, by its name without its options."""
    output = subprocess.run(
        [folder / "bench_core", f"--benchmark_repetitions={REPETITIONS}",
         "--benchmark_enable_random_interleaving=true",
         "--benchmark_report_aggregates_only=true", "--benchmark_min_time=0.1",
         "--benchmark_format=json"],
        check=True, capture_output=True, text=True,
    ).stdout
    found = {}
    for row in json.loads(output)["benchmarks"]:
        if row["aggregate_name"] == "median":
            name = re.sub(r"/(iterations|repeats):\d+", "", row["run_name"])
            found[name] = row["real_time" if "manual" in name else "cpu_time"]
    return found


def instructions(folder: Path, models: int, turns: int) -> int:
    output = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         folder / "turn_count", str(models), str(turns)],
        check=True, capture_output=True, text=True,
    ).stderr
    return int(re.search(r"Collected : (\d+)", output).group(1))


def instructions_per_turn(folder: Path, models: int) -> float:
    few, many = (instructions(folder, models, turns) for turns in TURNS)
    return (many - few) / (TURNS[1] - TURNS[0])


def main(folder: Path) -> int:
    times = medians(folder)
    print(f"{'benchmark':32} {'median':>12}")
    for name, nanoseconds in sorted(times.items()):
        print(f"{name:32} {nanoseconds:9.1f} ns")
    rows = [(what, times[above] / times[below], most) for what, above, below, most in BUDGETS]
    one, sixteen = (instructions_per_turn(folder, models) for models in (1, 16))
    print(f"{'instructions of a request, 1 model':38} {one:9.0f}")
    print(f"{'instructions of a request, 16 models':38} {sixteen:9.0f}")
    rows.append(("a request of 16 models / of one, in instructions", sixteen / one, 2.0))
    print(f"\n{'ratio':52} {'is':>6} {'at most':>8}")
    for what, ratio, most in rows:
        print(f"{what:52} {ratio:6.2f} {most:8.2f}{'' if ratio <= most else '   TOO MUCH'}")
    return 0 if all(ratio <= most for _, ratio, most in rows) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
