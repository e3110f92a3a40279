"""Shows the table of docs/benchmarks.md coming from the rows of slot_bench."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def row(contender, slots, runs, cpu):
    return {
        "model": "mlp", "slots": slots, "contender": contender,
        "runs_per_second": runs, "cpu_us_per_run": cpu,
    }


ROWS = [
    one
    for slots in (1, 2)
    for one in (
        row("weir auto", slots, [90, 110, 100], [12, 10, 11]),
        row("weir block", slots, [80, 70, 90], [10, 20, 0]),
        row("weir spin", slots, [100 * slots, 110, 120 * slots], [20, 20, 20]),
        row("bare block", slots, [160, 70, 100], [1, 1, 1]),
        row("bare spin", slots, [100, 100, 100], [1, 1, 1]),
        row("weir block, gathers", slots, [50, 60, 70], [1, 1, 1]),
        row("bare block, gathers", slots, [100, 60, 50], [1, 1, 1]),
    )
]


class BenchTableTest(unittest.TestCase):
    # R44: throughput and its scaling at each number of slots, for each way to wait.
    def test_has_a_line_for_each_model_and_number_of_slots(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "bench.jsonl"
            path.write_text("".join(json.dumps(one) + "\n" for one in ROWS), encoding="utf-8")
            lines = subprocess.run(
                [sys.executable, "-B", str(ROOT / "tests/gpu/bench_table.py"), str(path)],
                capture_output=True, check=True, text=True,
            ).stdout.splitlines()
        self.assertEqual(
            lines[2:4] + lines[7:],
            [
                "| mlp | 1 | 0.90 | 1.10 | 1.00 | 1.00 | 1.00 |",
                "| mlp | 2 | 0.90 | 2.00 | 1.00 | 0.91 | 0.50 |",
                "| mlp | 1 | 100 | 80 | 110 | 0.90 | 11 | 10 | 20 | 1.10 |",
                "| mlp | 2 | 100 | 80 | 200 | 0.45 | 11 | 10 | 20 | 1.10 |",
            ],
        )


if __name__ == "__main__":
    unittest.main()
