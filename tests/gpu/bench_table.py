"""Prints the rows of slot_bench as the tables of docs/benchmarks.md.

    python3 tests/gpu/bench_table.py build/gpu/results/bench.jsonl

A quotient is the median over the rounds of what two contenders did in the same
round; throughput and CPU time are medians.
"""

import json
import pathlib
import statistics
import sys
from typing import Any

WAYS = ("auto", "block", "spin")
AGAINST_BARE = ("model", "slots", "block", "spin", "block, gathers", "scaling", "of bare")
WAYS_TO_WAIT = ("model", "slots", "runs/s: auto", *WAYS[1:], "auto / better",
                "CPU us a run: auto", *WAYS[1:], "auto / block")


class Bench:
    """All rows of one file."""

    def __init__(self, path: str) -> None:
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
        self._by_contender = {(row["model"], row["slots"], row["contender"]): row for row in rows}
        self.contests = list(dict.fromkeys((row["model"], row["slots"]) for row in rows))

    def slices(self, contest: tuple[str, int], contender: str, key: str) -> list[float]:
        return self._by_contender[(*contest, contender)][key]

    def median(self, contest: tuple[str, int], contender: str, key: str) -> float:
        return statistics.median(self.slices(contest, contender, key))

    def quotient(self, contest: tuple[str, int], above: str, below: str) -> float:
        key = "runs_per_second"
        pairs = zip(self.slices(contest, above, key), self.slices(contest, below, key), strict=True)
        return statistics.median(one / other for one, other in pairs)

    def scaling(self, contest: tuple[str, int], contender: str) -> float:
        model, slots = contest
        one = self.median((model, 1), contender, "runs_per_second")
        return self.median(contest, contender, "runs_per_second") / (slots * one)


def print_table(columns: tuple[str, ...], rows: list[list[str]]) -> None:
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def against_bare(bench: Bench, contest: tuple[str, int]) -> list[str]:
    ways = ("block", "spin", "block, gathers")
    figures = [bench.quotient(contest, f"weir {way}", f"bare {way}") for way in ways]
    figures += [bench.scaling(contest, f"{whose} spin") for whose in ("weir", "bare")]
    return [contest[0], str(contest[1]), *(f"{figure:.2f}" for figure in figures)]


def ways_to_wait(bench: Bench, contest: tuple[str, int]) -> list[str]:
    runs = [bench.median(contest, f"weir {way}", "runs_per_second") for way in WAYS]
    cpu = [bench.median(contest, f"weir {way}", "cpu_us_per_run") for way in WAYS]
    better = "block" if runs[1] > runs[2] else "spin"
    cells = [contest[0], str(contest[1]), *(f"{speed:.0f}" for speed in runs)]
    cells.append(f"{bench.quotient(contest, 'weir auto', f'weir {better}'):.2f}")
    cells += [f"{us:.0f}" for us in cpu]
    cells.append(f"{cpu[0] / cpu[1]:.2f}")
    return cells


def main(path: str) -> None:
    bench = Bench(path)
    print_table(AGAINST_BARE, [against_bare(bench, contest) for contest in bench.contests])
    print()
    print_table(WAYS_TO_WAIT, [ways_to_wait(bench, contest) for contest in bench.contests])


main(sys.argv[1])
