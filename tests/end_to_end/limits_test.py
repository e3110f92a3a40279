"""What happens when all slots are taken, and where it is written that it does."""

import re
import subprocess
import sys
import unittest

import tensors
from daemon import PROGRAM, ROOT, until
from refusal import Refusal
from served_case import HELD, ONE, ONE_SLOT, STUCK, ServedCase
from tritonclient.grpc import InferenceServerClient

sys.path.append(str(ROOT / "clients" / "python"))

import weir_client  # noqa: E402

FULL = r"^queue full \(2 of 2\), retry after \d+ ms$"


class CapacityTest(ServedCase):
    """A device of two slots, both held, and a queue of two for who comes next."""

    def setUp(self):
        super().setUp()
        two = [{"device": "fake:0", "slots": 2}]
        self.serve({"held": HELD, "m": {}}, devices=two, queue={"requests_max": 2})
        self.holders = [self.ask("held") for _ in range(2)]
        until(lambda: self.leased() == [1, 1], "both slots held")

    def queue(self, count: int) -> list:
        calls = [self.ask("m") for _ in range(count)]
        self.await_queued("m", count)
        return calls

    def let_go(self):
        for call in self.holders:
            call.cancel()

    # R02: who waits for a slot is told at its deadline, and where it waited.
    def test_tells_who_waited_for_a_slot_until_its_deadline(self):
        self.expired("m")
        self.assertEqual(self.leased(), [1, 1])

    # R02, R04: one more than may wait is told when to come again, and the bound.
    def test_refuses_one_more_than_may_wait_and_says_when_to_come_again(self):
        self.queue(2)
        refusal = self.refusal("m")
        self.assertEqual(refusal.code, "RESOURCE_EXHAUSTED")
        self.assertRegex(refusal.message, FULL)
        self.assertTrue(refusal.advises(), refusal)

    # R02: nothing that was refused, or that waited in vain, keeps a slot.
    def test_answers_who_waited_and_who_comes_next_once_a_slot_is_free(self):
        waiting = self.queue(2)
        self.assertEqual(self.refusal("m").code, "RESOURCE_EXHAUSTED")
        self.let_go()
        for call in waiting:
            self.assertEqual(tensors.outputs_of(call.result()), {"x": ONE})
        self.assertEqual(tensors.outputs_of(self.ask("m").result()), {"x": ONE})
        until(lambda: self.leased() == [0, 0], "no slot that is leased")


class MetadataTest(ServedCase):
    """The bounds of a model, for whoever writes a client of it."""

    CONFIG = {"queue": {"requests_max": 3, "bytes_max": "2KiB"}, "limits": {"inputs_max": 4}}
    SAID = {
        "queue.requests_max": "3",
        "queue.bytes_max": "2048",
        "limits.message_bytes_max": "67108864",
        "limits.inputs_max": "4",
        "limits.rank_max": "16",
        "overload.status": "resource_exhausted",
    }

    def setUp(self):
        super().setUp()
        self.serve({"m": {}, "alone": STUCK | {"runs_max": 1}}, devices=ONE_SLOT, **self.CONFIG)

    def properties(self, model: str) -> dict[str, str]:
        with weir_client.Client(self.daemon.grpc) as client:
            return dict(client.metadata(model).properties)

    # R04: what is in effect, not what would be by default.
    def test_holds_the_bounds_in_effect(self):
        self.assertEqual(self.properties("m"), self.SAID)
        self.assertEqual(self.properties("alone"), self.SAID | {"runs_max": "1"})

    # R04: the bounds that it tells are those that refuse.
    def test_holds_the_bounds_that_refuse(self):
        said = self.properties("alone")
        self.occupy("alone", queued=3)
        full = self.refusal("alone").message
        self.assertIn(f"({said['queue.requests_max']} of {said['queue.requests_max']})", full)
        large = self.refusal("m", ("UINT8", [2048], bytes(2048))).message
        self.assertIn(f"of {said['queue.bytes_max']} bytes", large)
        inputs = {f"x{number}": ONE for number in range(int(said["limits.inputs_max"]) + 1)}
        many = Refusal.of(self.stub.ModelInfer.future(tensors.request_of("m", inputs)))
        self.assertRegex(many.message, rf"at most {said['limits.inputs_max']}\b")

    def test_is_read_by_a_client_that_knows_of_no_properties(self):
        with InferenceServerClient(self.daemon.grpc) as client:
            self.assertEqual(client.get_model_metadata("m").name, "m")


class WrittenTest(unittest.TestCase):
    """The bounds by default, and what happens there, as people find them."""

    KEYS = ("queue.requests_max", "queue.bytes_max", "limits.message_bytes_max")

    def said(self, *arguments: str) -> str:
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def default(self, key: str) -> str:
        return re.search(r"^default +(\S+)$", self.said("config", "explain", key), re.M)[1]

    def assert_tells(self, text: str, *more: str):
        for told in (*map(self.default, self.KEYS), "RESOURCE_EXHAUSTED", *more):
            self.assertIn(told, text)

    # R04: the numbers, and what is said past them.
    def test_is_in_the_help_of_serve(self):
        self.assert_tells(self.said("serve", "--help"), *self.KEYS, "docs/limits.md")

    # R04
    def test_is_in_the_readme_and_the_page_that_it_leads_to(self):
        self.assert_tells((ROOT / "README.md").read_text(), "](docs/limits.md)")
        page = (ROOT / "docs" / "limits.md").read_text()
        self.assert_tells(page, *self.KEYS, "When all are leased, requests wait")


if __name__ == "__main__":
    unittest.main()
