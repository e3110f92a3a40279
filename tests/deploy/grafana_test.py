"""Checks the dashboards: their shape, their expressions, and the script behind them."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import known_series  # noqa: E402
import prometheus_test  # noqa: E402

FOLDER = known_series.ROOT / "deploy" / "grafana"
NAMES = ("overview", "slots")
WIDTH = 24


def read(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def expressions(board: dict) -> list[str]:
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def queries(board: dict) -> list[str]:
    variables = board["templating"]["list"]
    return [one["query"]["query"] for one in variables if one["type"] == "query"]


def cells(place: dict) -> set[tuple[int, int]]:
    columns = range(place["x"], place["x"] + place["w"])
    return {(x, y) for x in columns for y in range(place["y"], place["y"] + place["h"])}


class DashboardTest(unittest.TestCase):
    def test_is_what_the_script_writes(self):
        for name in NAMES:
            command = [sys.executable, "-B", FOLDER / "dashboards.py", name]
            made = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            self.assertEqual((FOLDER / f"{name}.json").read_text(encoding="utf-8"), made)

    def test_has_what_grafana_imports_by(self):
        for name in NAMES:
            board = read(name)
            self.assertEqual(board["uid"], f"weir-{name}")
            self.assertTrue(board["title"] and board["schemaVersion"] >= 36)
            self.assertNotIn("id", board)
            numbers = [panel["id"] for panel in board["panels"]]
            self.assertEqual(len(numbers), len(set(numbers)))

    def test_shows_panels_side_by_side(self):
        for name in NAMES:
            taken = set()
            for panel in read(name)["panels"]:
                place = cells(panel["gridPos"])
                self.assertFalse(taken & place, panel["title"])
                self.assertLess(max(x for x, _ in place), WIDTH, panel["title"])
                taken |= place

    def test_names_no_data_source(self):
        source = {"type": "prometheus", "uid": "${datasource}"}
        for name in NAMES:
            board = read(name)
            first, *others = board["templating"]["list"]
            self.assertEqual((first["type"], first["name"]), ("datasource", "datasource"))
            parts = [*others, *board["panels"]]
            parts += [target for panel in board["panels"] for target in panel["targets"]]
            self.assertEqual([part["datasource"] for part in parts], [source] * len(parts))

    def test_uses_only_variables_that_it_has(self):
        for name in NAMES:
            board = read(name)
            known = {f"${one['name']}" for one in board["templating"]["list"]}
            text = " ".join(expressions(board) + queries(board)).replace("$__rate_interval", "")
            used = {f"${word.split(chr(34))[0]}" for word in text.split("$")[1:]}
            self.assertLessEqual(used, known)

    def test_names_only_what_is_measured(self):
        for name in NAMES:
            board = read(name)
            for expression in expressions(board) + queries(board):
                self.assertEqual(known_series.problems_of(expression), [], expression)

    def test_asks_what_promtool_understands(self):
        asked = [each for name in NAMES for each in expressions(read(name))]
        rules = [
            {"record": f"weir:panel{number}", "expr": each.replace("$__rate_interval", "5m")}
            for number, each in enumerate(asked)
        ]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "panels.yml"
            # JSON is YAML as well.
            path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
            result = prometheus_test.promtool("check", "rules", path)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn(f"{len(asked)} rules found", result.stdout)

    def test_shows_every_series_of_a_slot(self):
        shown = " ".join(expressions(read("slots")))
        for name, series in known_series.KNOWN.items():
            if "slot" in series.labels:
                self.assertIn(name, shown)


if __name__ == "__main__":
    unittest.main()
