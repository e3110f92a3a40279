"""A real Prometheus at a daemon that works, fails and refuses: what it is given by deploy/."""

import math
import re
import sys
import unittest

from daemon import ROOT, until
from prometheus import FOLDER, Prometheus
from served_case import ONE_SLOT, ServedCase

sys.path.append(str(ROOT / "tests" / "deploy"))

import grafana_test  # noqa: E402

MODELS = {
    "m": {},
    # Whose runs never end, one at a time, behind a short queue.
    "stuck": {"runs_max": 1, "backend_options": {"gate": "never"}},
    "failing": {"backend_options": {"fails_every": "1"}},
}
TWO_SLOTS = [ONE_SLOT[0] | {"slots": 2}]
# Of the alerts, those that such a daemon must raise, or will if it stays so.
RAISED = {
    "WeirRunStuck", "WeirSlotFailures", "WeirQueueNearlyFull", "WeirRefusing", "WeirModelFailing",
}  # fmt: skip
VARIABLES = {"$__rate_interval": "1m"} | dict.fromkeys(
    ("$instance", "$model", "$device", "$slot"), ".*"
)


def operands(alert: str) -> list[str]:
    """What an alert compares, without what it compares it to."""
    return [re.sub(r"\s*(==|>)\s*[\d.]+$", "", part) for part in re.split(r"\s+and\s+", alert)]


def panels() -> list[str]:
    found = []
    for name in grafana_test.NAMES:
        for expression in grafana_test.expressions(grafana_test.read(name)):
            for variable, value in VARIABLES.items():
                expression = expression.replace(variable, value)
            found.append(expression)
    return found


class WatchTest(ServedCase):
    def setUp(self):
        super().setUp()
        self.serve(MODELS, devices=TWO_SLOTS, queue={"requests_max": 2})
        self.occupy("stuck", queued=2)
        self.prometheus = self.enterContext(Prometheus(self.daemon.http))
        # What has moved is seen between two scrapes.
        until(lambda: self.value("weir_ready"), "a scrape")
        self.work()

    def work(self):
        self.ask("m").result()
        self.assertEqual(self.refusal("failing").code, "INTERNAL")
        self.assertEqual(self.refusal("stuck").code, "RESOURCE_EXHAUSTED")
        ends = (("m", "OK"), ("failing", "INTERNAL"), ("stuck", "RESOURCE_EXHAUSTED"))
        for model, code in ends:
            name = f'weir_requests_total{{model="{model}", code="{code}"}}'
            until(lambda name=name: self.value(name), f"a scrape that has {name}")

    def value(self, expression: str) -> float | None:
        """The first that is a number."""
        for _, value in self.prometheus.query(expression):
            if not math.isnan(value):
                return value
        return None

    def rules(self) -> list[dict]:
        groups = self.prometheus.ask("rules")["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def test_has_a_value_for_each_expression_of_the_dashboards(self):
        self.assertGreater(len(panels()), 20)
        for expression in panels():
            self.assertNotIn("$", expression)
            self.assertIsNotNone(self.value(expression), expression)

    def test_has_a_value_for_all_that_an_alert_compares(self):
        for rule in self.rules():
            for operand in operands(rule["query"]):
                with self.subTest(rule["name"]):
                    self.assertIsNotNone(self.value(operand), operand)

    def test_judges_by_each_rule_without_an_error(self):
        number = (FOLDER / "weir.rules.yml").read_text(encoding="utf-8").count("- alert:")

        def judged():
            rules = self.rules()
            return rules if all(rule["health"] != "unknown" for rule in rules) else None

        rules = until(judged, "a judgement by each rule")
        self.assertEqual(len(rules), number)
        faults = [(rule["name"], rule["lastError"]) for rule in rules if rule["health"] != "ok"]
        self.assertEqual(faults, [])

    def alerts(self) -> dict[str, dict]:
        return {one["labels"]["alertname"]: one for one in self.prometheus.ask("alerts")["alerts"]}

    def test_raises_the_alerts_of_what_is_wrong_and_no_other(self):
        # Before the work was seen, nothing ran, and there was an alert for that.
        until(lambda: set(self.alerts()) == RAISED, f"{RAISED}, and no other")
        alerts = self.alerts()
        self.assertEqual(alerts["WeirRunStuck"]["state"], "firing")
        for alert in alerts.values():
            # What Prometheus writes for a text that it cannot fill in.
            self.assertNotIn("<error", str(alert["annotations"]))

    def test_misses_a_daemon_that_is_gone(self):
        self.daemon.kill()
        until(lambda: "WeirDown" in self.alerts(), "WeirDown")


if __name__ == "__main__":
    unittest.main()
