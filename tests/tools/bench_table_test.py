"""Shows the table of docs/benchmarks.md coming from the rows of slot_bench."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def row(synchronize, slots, runs, cpu):
    return {
        "model": "mlp", "slots": slots, "synchronize": synchronize, "ratio": 0.5 + slots / 4,
        "weir_runs_per_second": runs, "weir_cpu_us_per_run": cpu,
        "weir_scaling": 0.75, "bare_scaling": 0.25,
    }


class BenchTableTest(unittest.TestCase):
    # R44: throughput and its scaling at each number of slots, for each way to wait.
    def test_has_a_line_for_each_model_and_number_of_slots(self):
        rows = [row(mode, slots, runs, 10 * slots)
                for mode, runs in (("auto", 90), ("auto", 110), ("block", 80), ("spin", 125))
                for slots in (1, 2)]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "bench.jsonl"
            path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
            lines = subprocess.run(
                [sys.executable, "-B", str(ROOT / "tests/gpu/bench_table.py"), str(path)],
                capture_output=True, check=True, text=True,
            ).stdout.splitlines()
        self.assertEqual(
            lines[2:],
            [
                "| mlp | 1 | 0.75 | 0.75 | 0.75 | 100 | 80 | 125 | 0.80 | 10 | 10 | 10 | 0.75 | 0.25 |",
                "| mlp | 2 | 1.00 | 1.00 | 1.00 | 100 | 80 | 125 | 0.80 | 20 | 20 | 20 | 0.75 | 0.25 |",
            ],
        )


if __name__ == "__main__":
    unittest.main()
