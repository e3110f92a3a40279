"""ServedCase: a test that runs a daemon of its own and asks it over gRPC.

    class FullTest(ServedCase):
        def test_refuses(self):
            self.serve({"m": STUCK}, devices=ONE_SLOT, queue={"requests_max": 2})
            self.occupy("m", queued=2)
            self.refusal("m").code

Thread-safety: the test's thread.
Ownership: the daemon and the channel end with the test.
"""

import struct
import unittest

import grpc
import tensors
from daemon import Daemon, until
from refusal import Refusal
from tritonclient.grpc import service_pb2_grpc

ONE = ("FP32", [1], struct.pack("<f", 1))
ONE_SLOT = [{"device": "fake:0", "slots": 1}]
# A model whose runs never end.
STUCK = {"backend_options": {"gate": "never"}}
# A model whose runs end when nobody waits for them any more.
HELD = {"backend_options": {"gate": "never", "heeds_stop": "true"}}


class ServedCase(unittest.TestCase):
    def setUp(self):
        self.calls = []  # gRPC cancels a call that nobody holds

    def serve(self, models, **config):
        self.daemon = self.enterContext(Daemon(models=models, **config))
        self.connect(self.daemon.grpc)

    def connect(self, address: str, *options):
        self.channel = self.enterContext(grpc.insecure_channel(address, options))
        self.stub = service_pb2_grpc.GRPCInferenceServiceStub(self.channel)

    def ask(self, model: str, tensor=ONE, **options):
        request = tensors.request_of(model, {"x": tensor})
        self.calls.append(self.stub.ModelInfer.future(request, **options))
        return self.calls[-1]

    def refusal(self, model: str, tensor=ONE, **options) -> Refusal:
        return Refusal.of(self.ask(model, tensor, **options))

    def occupy(self, model: str, queued: int, tensor=ONE):
        """Has one run of the model under way, and so many more in its queue."""
        self.ask(model, tensor)
        until(lambda: any(self.leased()), "a run")
        for _ in range(queued):
            self.ask(model, tensor)
        self.await_queued(model, queued)

    def await_queued(self, model: str, count: int):
        until(lambda: self.daemon.queued(model) == count, f"{count} in the queue")

    def expired(self, model: str) -> Refusal:
        """Of a request that waits in the queue for longer than it may."""
        request = tensors.request_of(model, {"x": ONE})
        request.parameters["timeout"].int64_param = 50_000
        refusal = Refusal.of(self.stub.ModelInfer.future(request))
        self.assertEqual(refusal.code, "DEADLINE_EXCEEDED")
        self.assertRegex(refusal.message, r"^the deadline passed in the queue, after \d+ ms$")
        return refusal

    def leased(self) -> list[float]:
        return self.daemon.leased()
