"""kserve's client against the daemon."""

import asyncio
import functools
import unittest
import warnings

import grpc
import kserve_client
import numpy as np
import torch
from daemon import DEMO_MODELS, Daemon, until

STUCK = {"gate": "never"}
LEASED = 'weir_slot_leased{device="fake:0",slot="0"}'
QUEUED = 'weir_queue_requests{model="m"}'
# What kserve's client makes of a call, whatever happens.
ATTEMPTS_MAX = 3


def request_of(model: str, array: np.ndarray, binary: bool = True):
    tensor = kserve_client.InferInput("x", list(array.shape), "FP32")
    tensor.set_data_from_numpy(array, binary_data=binary)
    return kserve_client.InferRequest(model, [tensor], request_id="r-1")


class KserveCase(unittest.IsolatedAsyncioTestCase):
    def connect(self, daemon: Daemon):
        self.daemon = daemon
        self.client = kserve_client.InferenceGRPCClient(daemon.grpc)
        self.addAsyncCleanup(self.client.close)

    async def refusal(self, request) -> grpc.aio.AioRpcError:
        """kserve logs what it raises."""
        with self.assertLogs("kserve.trace", "ERROR"):
            with self.assertRaises(grpc.aio.AioRpcError) as caught:
                await self.client.infer(request)
        return caught.exception


class KserveDemoTest(KserveCase):
    @classmethod
    def setUpClass(cls):
        cls.demo = cls.enterClassContext(Daemon())
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            cls.mlp = torch.jit.load(DEMO_MODELS / "mlp" / "1" / "model.pt")

    async def asyncSetUp(self):
        self.connect(self.demo)

    async def test_finds_the_server_live_and_ready(self):
        self.assertIs(await self.client.is_server_live(), True)
        self.assertIs(await self.client.is_server_ready(), True)

    async def test_finds_what_is_there_ready_and_nothing_else(self):
        for model, ready in (("mlp", True), ("classifier", True), ("nobody", False)):
            self.assertIs(await self.client.is_model_ready(model), ready, model)

    async def test_gets_what_the_model_computes_raw_and_of_contents(self):
        array = np.random.default_rng(5).standard_normal((5, 64), np.float32)
        with torch.inference_mode():
            expected = self.mlp(torch.from_numpy(array)).numpy()
        for binary in (True, False):
            with self.subTest(binary=binary):
                answer = await self.client.infer(request_of("mlp", array, binary))
                who = (answer.id, answer.model_name, answer.model_version)
                self.assertEqual(who, ("r-1", "mlp", "1"))
                self.assertEqual([output.name for output in answer.outputs], ["scores"])
                scores = answer.outputs[0].as_numpy()
                np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-5)

    async def test_gets_back_what_it_sent_to_the_last_bit(self):
        bits = np.random.default_rng(6).integers(0, 2**32, (3, 256), np.uint32)
        answer = await self.client.infer(request_of("identity", bits.view(np.float32)))
        self.assertEqual([output.name for output in answer.outputs], ["y"])
        self.assertEqual(answer.outputs[0].as_numpy().tobytes(), bits.tobytes())

    async def test_is_told_which_model_is_not_there(self):
        error = await self.refusal(request_of("nobody", np.zeros((1, 64), np.float32)))
        self.assertEqual(error.code(), grpc.StatusCode.NOT_FOUND)
        self.assertEqual(error.details(), 'unknown model "nobody"')

    async def test_is_told_what_is_wrong_with_its_request(self):
        error = await self.refusal(request_of("mlp", np.zeros((1, 3), np.float32)))
        self.assertEqual(error.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual(error.details(), 'input "x": expected FP32 [-1,64], got FP32 [1,3]')


class KserveRetryTest(KserveCase):
    """It comes again after UNAVAILABLE, and after nothing else."""

    ONE = np.ones(1, np.float32)

    def serve(self, options: dict, slots: int = 1, **config):
        models = {"m": {"backend_options": options}}
        devices = [{"device": "fake:0", "slots": slots}]
        self.connect(self.enterContext(Daemon(models, devices=devices, **config)))

    async def fill(self):
        """Takes the slot and the one place in the queue."""
        for series in (LEASED, QUEUED):
            task = asyncio.create_task(self.client.infer(request_of("m", self.ONE)))
            self.addAsyncCleanup(asyncio.wait, [task])
            self.addCleanup(task.cancel)
            is_there = functools.partial(self.series, series)
            await asyncio.to_thread(until, is_there, series)

    def series(self, name: str) -> float:
        return self.daemon.series()[name]

    async def test_comes_again_to_a_slot_that_failed_and_is_answered(self):
        self.serve({"faults_at": "1", "fault": "slot"}, slots=2)
        answer = await self.client.infer(request_of("m", self.ONE))
        np.testing.assert_array_equal(answer.outputs[0].as_numpy(), self.ONE)
        self.assertEqual(self.daemon.ends(), {("m", "UNAVAILABLE"): 1, ("m", "OK"): 1})

    async def test_gives_up_where_it_is_unavailable_each_time(self):
        self.serve({"faults_every": "1", "fault": "slot"}, slots=ATTEMPTS_MAX + 1)
        error = await self.refusal(request_of("m", self.ONE))
        self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertEqual(error.details(), "the slot failed during the run")
        self.assertEqual(self.daemon.ends(), {("m", "UNAVAILABLE"): ATTEMPTS_MAX})

    async def test_does_not_come_again_after_a_failure_of_the_model(self):
        self.serve({"fails_every": "1"})
        error = await self.refusal(request_of("m", self.ONE))
        self.assertEqual(error.code(), grpc.StatusCode.INTERNAL)
        self.assertEqual(self.daemon.ends(), {("m", "INTERNAL"): 1})

    async def test_does_not_come_again_where_it_is_told_when_but_not_in_its_way(self):
        self.serve(STUCK, queue={"requests_max": 1})
        await self.fill()
        error = await self.refusal(request_of("m", self.ONE))
        self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertEqual(self.daemon.ends(), {("m", "RESOURCE_EXHAUSTED"): 1})

    async def test_comes_again_when_it_is_told_by_an_overload_in_its_way(self):
        self.serve(STUCK, queue={"requests_max": 1}, overload={"status": "unavailable"})
        await self.fill()
        error = await self.refusal(request_of("m", self.ONE))
        self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertRegex(error.details(), r"^queue full \(1 of 1\), retry after \d+ ms$")
        self.assertEqual(self.daemon.ends(), {("m", "UNAVAILABLE"): ATTEMPTS_MAX})
