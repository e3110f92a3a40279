"""NVIDIA's client against the daemon, with the demo repository."""

import asyncio
import queue
import unittest
import warnings

import numpy as np
import torch
import tritonclient.grpc as triton
import tritonclient.grpc.aio as triton_aio
from daemon import DEMO_MODELS, WAIT_SECONDS_MAX, Daemon
from tritonclient.utils import InferenceServerException

SHAPES = {
    "classifier": ("input_ids", "INT64", (3, 32), "logits"),
    "convolution": ("image", "FP32", (2, 1, 28, 28), "scores"),
    "identity": ("x", "FP32", (4, 256), "y"),
    "mlp": ("x", "FP32", (5, 64), "scores"),
    "transformer": ("x", "FP32", (2, 7, 64), "y"),
}


def array_for(model: str, seed: int = 0) -> np.ndarray:
    _, datatype, shape, _ = SHAPES[model]
    random = np.random.default_rng(seed)
    if datatype == "INT64":
        return random.integers(0, 1000, shape)
    return random.standard_normal(shape, np.float32)


def input_for(model: str, array: np.ndarray) -> triton.InferInput:
    name, datatype, _, _ = SHAPES[model]
    tensor = triton.InferInput(name, array.shape, datatype)
    tensor.set_data_from_numpy(array)
    return tensor


class DemoCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.enterClassContext(Daemon())
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            cls.modules = {
                name: torch.jit.load(DEMO_MODELS / name / "1" / "model.pt") for name in SHAPES
            }

    def setUp(self):
        self.client = self.enterContext(triton.InferenceServerClient(self.daemon.grpc))

    def assert_right(self, model: str, array: np.ndarray, result):
        with torch.inference_mode():
            expected = self.modules[model](torch.from_numpy(array)).numpy()
        answer = result.as_numpy(SHAPES[model][3])
        np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-5)


class TritonAskTest(DemoCase):
    def test_finds_the_server_live_and_ready(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())

    def test_reads_who_serves(self):
        metadata = self.client.get_server_metadata()
        self.assertEqual(metadata.name, "weir")
        self.assertIn("model_configuration", metadata.extensions)

    def test_finds_what_is_there_ready_and_nothing_else(self):
        for name in SHAPES:
            self.assertTrue(self.client.is_model_ready(name), name)
            self.assertTrue(self.client.is_model_ready(name, "1"), name)
        self.assertFalse(self.client.is_model_ready("mlp", "2"))
        self.assertFalse(self.client.is_model_ready("nobody"))

    def test_reads_what_a_model_takes(self):
        metadata = self.client.get_model_metadata("classifier")
        tensors = [
            (tensor.name, tensor.datatype, list(tensor.shape))
            for tensor in (*metadata.inputs, *metadata.outputs)
        ]
        self.assertEqual(tensors, [("input_ids", "INT64", [-1, 32]), ("logits", "FP32", [-1, 2])])
        self.assertEqual((metadata.name, list(metadata.versions)), ("classifier", ["1"]))

    def test_reads_a_configuration_without_the_batch_in_its_dimensions(self):
        config = self.client.get_model_config("convolution").config
        self.assertEqual((config.name, config.max_batch_size), ("convolution", 32))
        self.assertEqual(list(config.input[0].dims), [1, 28, 28])
        self.assertEqual(list(config.output[0].dims), [10])

    def test_is_told_which_model_is_not_there(self):
        for ask in (self.client.get_model_metadata, self.client.get_model_config):
            with self.assertRaisesRegex(InferenceServerException, "nobody") as caught:
                ask("nobody")
            self.assertEqual(caught.exception.status(), "StatusCode.NOT_FOUND")


class TritonInferTest(DemoCase):
    def test_gets_what_the_model_computes(self):
        for model in SHAPES:
            with self.subTest(model):
                array = array_for(model)
                result = self.client.infer(model, [input_for(model, array)], request_id="r-1")
                self.assert_right(model, array, result)
                answer = result.get_response()
                who = (answer.id, answer.model_name, answer.model_version)
                self.assertEqual(who, ("r-1", model, "1"))

    def test_gets_it_by_callback_from_all_models_at_once(self):
        answers = queue.SimpleQueue()
        asked = {}
        for seed in range(60):
            model = list(SHAPES)[seed % len(SHAPES)]
            asked[seed] = (model, array_for(model, seed))

            def done(result, error, seed=seed):
                answers.put((seed, result, error))

            self.client.async_infer(model, [input_for(*asked[seed])], done)
        for _ in range(len(asked)):
            seed, result, error = answers.get(timeout=WAIT_SECONDS_MAX)
            self.assertIsNone(error)
            self.assert_right(*asked.pop(seed), result)

    def test_gets_the_same_of_a_compressed_message(self):
        array = array_for("transformer")
        plain = self.client.infer("transformer", [input_for("transformer", array)])
        for algorithm in ("gzip", "deflate"):
            with self.subTest(algorithm):
                result = self.client.infer(
                    "transformer",
                    [input_for("transformer", array)],
                    compression_algorithm=algorithm,
                )
                self.assertEqual(result.as_numpy("y").tobytes(), plain.as_numpy("y").tobytes())

    def test_gets_the_output_that_it_requests(self):
        array = array_for("mlp")
        wanted = [triton.InferRequestedOutput("scores")]
        result = self.client.infer("mlp", [input_for("mlp", array)], outputs=wanted)
        self.assert_right("mlp", array, result)

    def test_is_told_what_is_wrong_with_its_request(self):
        wrong = triton.InferInput("x", [4, 256], "FP64")
        wrong.set_data_from_numpy(np.zeros((4, 256)))
        with self.assertRaises(InferenceServerException) as caught:
            self.client.infer("identity", [wrong])
        self.assertEqual(caught.exception.status(), "StatusCode.INVALID_ARGUMENT")
        self.assertEqual(
            caught.exception.message(), 'input "x": expected FP32 [-1,256], got FP64 [4,256]'
        )

    def test_is_told_of_a_word_outside_the_table(self):
        array = array_for("classifier")
        array[1, 2] = 1000
        with self.assertRaisesRegex(InferenceServerException, "1000") as caught:
            self.client.infer("classifier", [input_for("classifier", array)])
        self.assertEqual(caught.exception.status(), "StatusCode.INVALID_ARGUMENT")

    def test_ends_by_its_own_deadline_with_nothing_left_behind(self):
        array = array_for("mlp")
        with self.assertRaises(InferenceServerException) as caught:
            self.client.infer("mlp", [input_for("mlp", array)], client_timeout=1e-6)
        self.assertEqual(caught.exception.status(), "StatusCode.DEADLINE_EXCEEDED")
        self.assert_right("mlp", array, self.client.infer("mlp", [input_for("mlp", array)]))

    def test_is_told_that_there_are_no_streams(self):
        answers = queue.SimpleQueue()
        self.client.start_stream(lambda result, error: answers.put((result, error)))
        self.addCleanup(self.client.stop_stream, cancel_requests=True)
        result, error = answers.get(timeout=WAIT_SECONDS_MAX)
        self.assertIsNone(result)
        self.assertEqual(error.status(), "StatusCode.UNIMPLEMENTED")
        self.assertIn("ModelStreamInfer", error.message())


class TritonAioTest(DemoCase, unittest.IsolatedAsyncioTestCase):
    """Its other client, of asyncio."""

    async def asyncSetUp(self):
        self.aio = await self.enterAsyncContext(triton_aio.InferenceServerClient(self.daemon.grpc))

    async def test_finds_the_server_and_a_model_ready(self):
        self.assertTrue(await self.aio.is_server_live())
        self.assertTrue(await self.aio.is_server_ready())
        self.assertTrue(await self.aio.is_model_ready("mlp"))
        self.assertFalse(await self.aio.is_model_ready("nobody"))

    async def test_gets_what_all_models_compute_at_once(self):
        asked = [(model, array_for(model, seed)) for seed in range(8) for model in SHAPES]
        results = await asyncio.gather(
            *(self.aio.infer(model, [input_for(model, array)]) for model, array in asked)
        )
        for (model, array), result in zip(asked, results):
            self.assert_right(model, array, result)

    async def test_gets_the_same_of_a_compressed_message(self):
        array = array_for("mlp")
        for algorithm in ("gzip", "deflate"):
            result = await self.aio.infer(
                "mlp", [input_for("mlp", array)], compression_algorithm=algorithm
            )
            self.assert_right("mlp", array, result)

    async def test_is_told_which_model_is_not_there(self):
        with self.assertRaisesRegex(InferenceServerException, "nobody") as caught:
            await self.aio.infer("nobody", [input_for("mlp", array_for("mlp"))])
        self.assertEqual(caught.exception.status(), "StatusCode.NOT_FOUND")
