"""/metrics as Prometheus reads it: promtool finds nothing to say."""

import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from printed_telemetry import printed  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]


def check_metrics(text: str) -> subprocess.CompletedProcess:
    """tools/setup puts promtool into .venv; a Mac has it on the PATH."""
    path = f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["env", f"PATH={path}", "promtool", "check", "metrics"],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
    )


class MetricsTextTest(unittest.TestCase):
    def test_is_clean_to_promtool(self):
        for scene in ("empty", "busy", "wide"):
            with self.subTest(scene):
                checked = check_metrics(printed("metrics", scene))
                self.assertEqual((checked.returncode, checked.stdout), (0, ""))

    def test_would_not_be_without_its_help(self):
        text = printed("metrics")
        without = "".join(
            line for line in text.splitlines(True) if not line.startswith("# HELP weir_ready ")
        )
        checked = check_metrics(without)
        self.assertNotEqual(checked.returncode, 0)
        self.assertIn("weir_ready", checked.stdout)


if __name__ == "__main__":
    unittest.main()
