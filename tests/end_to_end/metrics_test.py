"""/metrics of a daemon at work, against deploy/metrics.txt and what it was made to do."""

import re
import statistics
import sys
import time
import unittest

import grpc
import tensors
from daemon import ROOT, Daemon, until
from served_case import HELD, ONE, ServedCase
from tritonclient.grpc import service_pb2_grpc

sys.path += [str(ROOT / "tests" / folder) for folder in ("deploy", "telemetry")]

import known_series  # noqa: E402
import metrics_text_test  # noqa: E402

FAILING = {"backend_options": {"fails_every": "1"}}
SLOW = {"backend_options": {"delay": "2ms"}}
ROWS = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 1]}], "batch": {"rows_max": 8}}
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? \S+$", re.M)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def slots(number: int) -> list[dict]:
    return [{"device": "fake:0", "slots": number}]


def read(text: str) -> dict[str, known_series.Series]:
    """As known_series.parse reads the list: types, labels and all their values."""
    types, found = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M)), {}
    for name, inner in SAMPLE.findall(text):
        labels = dict(LABEL.findall(inner))
        kind = types.get(name) or types[re.sub("(_bucket|_sum|_count)$", "", name)]
        none = known_series.Series(name, kind, dict.fromkeys(labels, ()))
        series = found.setdefault(name, none)
        if set(labels) != set(series.labels):
            raise AssertionError(f"{name} has not always the labels {list(series.labels)}")
        for label, value in labels.items():
            series.labels[label] = tuple(sorted({*series.labels[label], value}))
    return found


class SeriesCase(ServedCase):
    def slot(self, what: str) -> list[float]:
        """A series of each slot, by its number."""
        series, found = self.daemon.series(), {}
        for name, value in series.items():
            if name.startswith(f"weir_slot_{what}{{"):
                found[int(dict(LABEL.findall(name))["slot"])] = value
        return [found[number] for number in sorted(found)]

    def hold(self, number: int, model="held"):
        """Has so many runs of the model under way."""
        calls = []
        while len(calls) < number:
            calls.append(self.ask(model))
            until(lambda: sum(self.leased()) == len(calls), f"{len(calls)} runs")
        return calls

    def let_go(self, calls):
        for call in calls:
            call.cancel()
        until(lambda: not any(self.leased()), "no slot that is leased")

    def answered(self, model: str, tensor=ONE):
        self.assertEqual(tensors.outputs_of(self.ask(model, tensor).result())["x"], tensor)


class ListTest(SeriesCase):
    """One that has answered, refused and failed."""

    def setUp(self):
        super().setUp()
        models = {"m": {}, "failing": FAILING, "alone": {"runs_max": 1}, "held": HELD}
        self.serve(models, devices=slots(2), queue={"requests_max": 1})
        for model in ("m", "alone"):
            self.answered(model)
        self.assertEqual(self.refusal("failing").code, "INTERNAL")
        self.assertEqual(self.refusal("nobody").code, "NOT_FOUND")
        self.hold(2)
        self.ask("held")
        until(lambda: self.daemon.series()['weir_queue_requests{model="held"}'] == 1, "a queue")
        self.assertEqual(self.refusal("held").code, "RESOURCE_EXHAUSTED")
        self.text = self.daemon.get("/metrics")[1]
        self.found = read(self.text)

    def test_has_every_series_of_the_list_and_no_other(self):
        self.assertEqual(sorted(self.found), sorted(known_series.KNOWN))

    def test_has_each_with_its_type_and_labels(self):
        for name, series in known_series.KNOWN.items():
            self.assertEqual(self.found[name].type, series.type, name)
            self.assertEqual(set(self.found[name].labels), set(series.labels), name)

    def test_has_each_value_that_the_list_names(self):
        for name, series in known_series.KNOWN.items():
            for label, values in series.labels.items():
                if values:
                    self.assertEqual(self.found[name].labels[label], tuple(sorted(values)), name)

    def test_has_the_names_of_the_configuration_and_no_others(self):
        names = {"model": {"m", "failing", "alone", "held"}, "device": {"fake:0"}}
        names["slot"] = {"0", "1"}
        for name, series in self.found.items():
            for label in set(series.labels) & set(names):
                # No model is what a request for an unknown one is counted for.
                self.assertLessEqual(set(series.labels[label]), names[label] | {""}, name)

    def test_is_clean_to_promtool(self):
        checked = metrics_text_test.check_metrics(self.text)
        self.assertEqual((checked.returncode, checked.stdout), (0, ""))


class ClientNamesTest(SeriesCase):
    # SEC-13: what a client calls a model is in no label and drives no terminal.
    def test_makes_no_series_and_no_line_of_names_that_clients_made_up(self):
        self.serve({"m": {}})
        before = set(self.daemon.series())
        for name in ("nobody", 'm"} 1\nweir_ready{', "\x1b[31mred\r\n"):
            self.assertEqual(self.refusal(name).code, "NOT_FOUND")
        self.assertEqual(self.refusal("n" * (1 << 20)).code, "INVALID_ARGUMENT")
        series = self.daemon.series()
        self.assertEqual(set(series), before)
        for reason, number in (("unknown_model", 3), ("invalid", 1)):
            name = f'weir_requests_refused_total{{model="",reason="{reason}"}}'
            self.assertEqual(series[name], number)
        log = self.daemon.log_text()
        self.assertNotIn("\x1b", log)
        self.assertLess(max(map(len, log.splitlines())), 4096)
        self.assertEqual(len(self.daemon.log()), log.count("\n"))


class SlotSeriesTest(SeriesCase):
    def test_counts_each_run_and_its_rows_on_its_slot(self):
        self.serve({"slow": SLOW, "rows": ROWS}, devices=slots(1))
        for _ in range(5):
            self.answered("slow")
        self.assertEqual((self.slot("leases_total"), self.slot("rows_total")), ([5], [5]))
        self.answered("rows", ("FP32", [3, 1], bytes(12)))
        self.assertEqual((self.slot("leases_total"), self.slot("rows_total")), ([6], [8]))
        self.assertGreaterEqual(self.slot("busy_seconds_total")[0], 5 * 0.002)
        self.assertEqual(self.slot("failures_total"), [0])

    def test_counts_a_run_that_fails_as_a_failure_of_its_slot(self):
        self.serve({"failing": FAILING}, devices=slots(1))
        for _ in range(3):
            self.assertEqual(self.refusal("failing").code, "INTERNAL")
        self.assertEqual((self.slot("leases_total"), self.slot("failures_total")), ([3], [3]))

    def test_counts_on_the_slot_that_is_free_while_the_other_is_held(self):
        self.serve({"m": SLOW, "held": HELD}, devices=slots(2))
        calls = self.hold(1)
        held = self.slot("leased").index(1)
        leases, rows = self.slot("leases_total"), self.slot("rows_total")
        for _ in range(4):
            self.answered("m")
        leases[1 - held] += 4
        rows[1 - held] += 4
        self.assertEqual((self.slot("leases_total"), self.slot("rows_total")), (leases, rows))
        self.assertGreater(self.slot("busy_seconds_total")[1 - held], 0)
        self.let_go(calls)

    # R08: what is leased is what runs now, and the threads that ran it live on.
    def test_shows_a_slot_leased_while_a_run_holds_it_and_no_longer(self):
        self.serve({"m": {}, "held": HELD}, devices=slots(4))
        self.assertEqual(self.leased(), [0, 0, 0, 0])
        for _ in range(3):
            for number in (1, 4):
                self.let_go(self.hold(number))
            self.answered("m")
            self.assertEqual(self.leased(), [0, 0, 0, 0])

    # R41: only what a serial model kept others out for.
    def test_sums_the_time_of_a_model_that_lets_none_beside_it(self):
        self.serve({"slow": SLOW, "alone": SLOW | {"runs_max": 1}}, devices=slots(2))
        for _ in range(5):
            self.answered("slow")
            self.answered("alone")
        name = "weir_device_serialized_seconds_total"
        series = self.daemon.series()
        alone = {key: series[key] for key in series if key.startswith(name)}
        self.assertEqual(list(alone), [name + '{device="fake:0",model="alone"}'])
        self.assertGreaterEqual(sum(alone.values()), 5 * 0.002)
        self.assertLess(sum(alone.values()), sum(self.slot("busy_seconds_total")))


class SlotNumberTest(SeriesCase):
    # R03: a device that bears fewer than were asked for says so, once.
    def test_has_as_many_slots_as_the_device_bears(self):
        environment = {"LIBWEIR_FAKE": "num_streams=32"}
        self.serve({"m": {}}, devices=slots(64), environment=environment)
        self.assertEqual(self.daemon.ready["slots"], "fake:0:32")
        self.assertEqual(self.daemon.series()['weir_slots{device="fake:0",state="in_service"}'], 32)
        self.assertEqual(len(self.leased()), 32)
        warnings = [line["message"] for line in self.daemon.log() if line["level"] == "warning"]
        self.assertEqual(warnings, ["fake:0 has 32 distinct streams; 64 slots were asked for"])

    # R03: there is no server without a slot.
    def test_refuses_no_slots_and_fewer(self):
        for number in (0, -1):
            code, said = Daemon({"m": {}}, devices=slots(number)).run()
            self.assertEqual(code, 2)
            self.assertRegex(said, rf'slots: .*got "{number}"; allowed: auto, or 1 to 1024')


class FullTest(SeriesCase):
    CLIENTS, SLOTS = 24, 4

    def ask_from_everywhere(self, request):
        """A connection for each client, and more requests than there is room for."""
        for _ in range(self.CLIENTS):
            options = [("grpc.use_local_subchannel_pool", 1)]
            channel = self.enterContext(grpc.insecure_channel(self.daemon.grpc, options))
            stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
            self.calls += [stub.ModelInfer.future(request) for _ in range(4)]

    def test_is_scraped_at_once_while_every_slot_and_queue_is_full(self):
        room = 2 * self.CLIENTS
        refused = 4 * self.CLIENTS - room - self.SLOTS
        self.serve({"held": HELD}, devices=slots(self.SLOTS), queue={"requests_max": room})
        self.ask_from_everywhere(tensors.request_of("held", {"x": ONE}))
        queued = 'weir_queue_requests{model="held"}'
        until(lambda: self.daemon.series()[queued] == room, "a full queue")
        until(lambda: sum(call.done() for call in self.calls) == refused, "the refusals")
        self.assertEqual(self.leased(), [1] * self.SLOTS)
        milliseconds = []
        for _ in range(15):
            began = time.monotonic()
            self.assertEqual(self.daemon.get("/metrics")[0], 200)
            milliseconds.append(1000 * (time.monotonic() - began))
        self.assertLess(statistics.median(milliseconds), 50)


if __name__ == "__main__":
    unittest.main()
