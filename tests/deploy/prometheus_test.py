"""Checks what Prometheus is given, by promtool, and against deploy/metrics.txt."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import known_series  # noqa: E402

ROOT = known_series.ROOT
FOLDER = ROOT / "deploy" / "prometheus"
RULES = FOLDER / "weir.rules.yml"
RULES_TEST = FOLDER / "weir.rules.test.yml"


def promtool(*arguments) -> subprocess.CompletedProcess:
    """tools/setup puts it into .venv; a Mac has it on the PATH."""
    path = f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["env", f"PATH={path}", "promtool", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )


class KnownSeriesTest(unittest.TestCase):
    def test_reads_types_labels_and_values(self):
        known = known_series.parse("# a\n\nweir_a  gauge  b c=d|e\nweir_h histogram b\n")
        self.assertEqual(known["weir_a"].labels, {"b": (), "c": ("d", "e")})
        self.assertEqual(known["weir_h_bucket"].labels, {"b": (), "le": ()})
        self.assertNotIn("weir_h", known)

    def test_finds_what_no_scrape_has(self):
        for expression, problem in {
            "weir_redy == 0": "there is no weir_redy",
            'weir_ready{model="m"}': "weir_ready has no label model",
            'weir_slots{state="gone"}': "weir_slots has no state gone",
            "sum by (modle) (weir_batch_rows_sum)": "nothing has a label modle",
            "weir_batch_rows": "there is no weir_batch_rows",
        }.items():
            self.assertEqual(known_series.problems_of(expression), [problem])
        self.assertEqual(known_series.problems_of('weir_slots{job="a", state="retired"}'), [])

    def test_lists_names_as_prometheus_wants_them(self):
        text = known_series.LIST.read_text(encoding="utf-8")
        lines = [line.split() for line in text.splitlines() if line and line[0] != "#"]
        names = [line[0] for line in lines]
        self.assertEqual(len(names), len(set(names)))
        for name, kind, *_ in lines:
            self.assertIn(kind, ("counter", "gauge", "histogram"))
            self.assertEqual(name.endswith("_total"), kind == "counter", name)


class RulesTest(unittest.TestCase):
    def setUp(self):
        self.text = RULES.read_text(encoding="utf-8")
        self.alerts = re.findall(r"- alert: (\w+)\n(.*?)(?=\n\n|\n  - name|\Z)", self.text, re.S)

    def test_is_what_promtool_understands(self):
        for arguments in (("rules", RULES), ("config", FOLDER / "prometheus.yml")):
            result = promtool("check", *arguments)
            self.assertEqual(result.returncode, 0, result.stdout)

    def test_raises_each_alert_when_it_must_and_only_then(self):
        result = promtool("test", "rules", RULES_TEST)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_sees_each_alert_raised_by_a_test(self):
        raised = re.findall(r'alertname="(\w+)"', RULES_TEST.read_text(encoding="utf-8"))
        self.assertEqual(sorted(raised), sorted(name for name, _ in self.alerts))

    def test_says_what_to_do(self):
        self.assertEqual(len(self.alerts), self.text.count("- alert:"))
        for name, body in self.alerts:
            self.assertRegex(body, r"severity: (page|ticket)\}", name)
            self.assertRegex(body, r'summary: ".*\."\n', name)
            self.assertRegex(body, r"(?s)action: >-\n\s+[A-Z].*\.$", name)

    def test_names_only_what_is_measured(self):
        for path in (RULES, RULES_TEST):
            text = path.read_text(encoding="utf-8")
            self.assertEqual(known_series.problems_of(text), [], path.name)


if __name__ == "__main__":
    unittest.main()
