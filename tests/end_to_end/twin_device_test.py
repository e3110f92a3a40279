"""A device with streams that is lost, or whose runs never return, under the daemon.

The device is the twin (docs/testing.md): libtorch takes it for an accelerator.
"""

import pathlib
import shutil
import struct
import tempfile

import tensors
from daemon import BUILD, until
from grpc_health.v1 import health_pb2, health_pb2_grpc
from refusal import Refusal
from served_case import ServedCase

TWIN = str(BUILD / "lib" / "libweir_twin.so")
TORCH = str(BUILD / "lib" / "libweir_torch.so")
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
DEVICE_LOST = 4
HALVES = ("FP32", [1, 4], struct.pack("<4f", *[0.5] * 4))


def ids_of(value: int):
    return ("INT64", [1, 8], struct.pack("<8q", *[value] * 8))


class TwinDeviceTest(ServedCase):
    def serve_twin(self, settings: str, *models: str, on_lost="exit", **config):
        """On one slot: with more, the daemon would try them in a child first."""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for model in models:
            (folder / model / "1").mkdir(parents=True)
            made = BUILD / "torch_models" / model
            shutil.copy(f"{made}.pt", folder / model / "1" / "model.pt")
            shutil.copy(f"{made}.yaml", folder / model / "model.yaml")
        twin = {"LIBWEIR_TWIN": settings, "LIBWEIR_TWIN_HANDS_ON": TORCH}
        device = {"device": "twin:0", "slots": 1, "on_lost": on_lost}
        backend = {"module": TWIN}
        self.serve(folder, environment=twin, devices=[device], backend=backend, **config)

    def lookup(self, value: int):
        request = tensors.request_of("embedding_hidden", {"ids": ids_of(value)})
        self.calls.append(self.stub.ModelInfer.future(request))
        return self.calls[-1]

    def start_again(self):
        self.daemon.launch()
        self.daemon.await_ready()
        self.connect(self.daemon.grpc, ("grpc.use_local_subchannel_pool", 1))

    def test_ends_with_the_device_that_an_id_has_broken_and_serves_again(self):
        self.serve_twin("streams=wrap32,poison=on", "embedding_hidden")
        for _ in range(3):
            self.assertEqual(self.lookup(1).result().outputs[0].shape, [1, 16])
            refusal = Refusal.of(self.lookup(1000))
            self.assertEqual(refusal.code, "UNAVAILABLE")
            self.assertRegex(refusal.message, "the device was lost during the run")
            self.assertEqual(self.daemon.wait(), DEVICE_LOST)
            self.assertIn("device is lost", self.daemon.messages())
            self.assertEqual((self.daemon.count("accepted"), self.daemon.count("answered")), (2, 2))
            self.start_again()

    def test_stays_and_is_not_ready_where_it_is_told_to(self):
        self.serve_twin("poison=on", "embedding_hidden", "affine", on_lost="stay")
        self.assertEqual(Refusal.of(self.lookup(1000)).code, "UNAVAILABLE")
        until(lambda: self.daemon.get("/readyz")[0] == 503, "not ready")
        check = health_pb2_grpc.HealthStub(self.channel).Check
        for model in ("", "embedding_hidden", "affine"):
            status = check(health_pb2.HealthCheckRequest(service=model)).status
            self.assertEqual(status, NOT_SERVING)
        self.assertEqual(self.refusal("affine", HALVES).code, "UNAVAILABLE")
        self.assertEqual(self.daemon.get("/healthz")[0], 200)

    def test_ends_with_the_device_whose_only_slot_is_wedged_and_serves_again(self):
        limits = {"run_time_max": "300ms"}
        self.serve_twin("stalls=aten::erfinv", "erfinv", "affine", limits=limits)
        for _ in range(3):
            self.assertEqual(self.ask("affine", HALVES).result().outputs[0].shape, [1, 4])
            refusal = self.refusal("erfinv", HALVES)
            self.assertEqual(refusal.code, "UNAVAILABLE")
            self.assertRegex(refusal.message, "the run took too long")
            self.assertEqual(self.daemon.wait(), DEVICE_LOST)
            self.assertEqual((self.daemon.count("accepted"), self.daemon.count("answered")), (2, 2))
            self.start_again()
