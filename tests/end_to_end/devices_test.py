"""A daemon of two devices: each its own slots, a model on those that it names."""

import re

import tensors
from served_case import HELD, ONE, ServedCase

FIRST, SECOND = "fake:0", "fake:1"
BOTH = {"device": [FIRST, SECOND]}


class DevicesTest(ServedCase):
    def serve_both(self, models: dict, on_lost="exit", **config):
        devices = [{"device": device, "slots": 1, "on_lost": on_lost} for device in (FIRST, SECOND)]
        self.serve(models, devices=devices, **config)

    def by_device(self, what: str) -> dict[str, float]:
        found = {}
        for name, value in self.daemon.series().items():
            match = re.match(rf'weir_slot_{what}{{device="([^"]*)"', name)
            if match:
                found[match.group(1)] = value
        return found

    def assert_answered(self, model: str):
        self.assertEqual(tensors.outputs_of(self.ask(model).result()), {"x": ONE})

    def test_runs_a_model_on_the_devices_that_it_names(self):
        self.serve_both({"first": {"device": FIRST}, "second": {"device": SECOND}})
        self.assertEqual(self.daemon.ready["slots"], "fake:0:1,fake:1:1")
        for _ in range(2):
            self.assert_answered("first")
        self.assert_answered("second")
        self.assertEqual(self.by_device("leases_total"), {FIRST: 2, SECOND: 1})

    def test_runs_on_whichever_device_has_a_slot_free(self):
        self.serve_both({"held": HELD | {"device": FIRST}, "m": BOTH})
        self.occupy("held", queued=0)
        for _ in range(5):
            self.assert_answered("m")
        self.assertEqual(self.by_device("leases_total"), {FIRST: 0, SECOND: 5})
        self.assertEqual(self.by_device("leased"), {FIRST: 1, SECOND: 0})

    def test_serves_on_the_other_device_each_time_that_one_is_lost(self):
        lost = {"device": FIRST, "backend_options": {"faults_every": "1", "fault": "device"}}
        self.serve_both({"lost": lost, "m": BOTH}, on_lost="stay")
        for _ in range(10):
            self.assertEqual(self.refusal("lost").code, "UNAVAILABLE")
            self.assert_answered("m")
        self.assertIn("device is lost", self.daemon.messages())
        self.assertEqual(self.daemon.stop(), 0)
