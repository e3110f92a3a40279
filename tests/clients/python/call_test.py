"""Shows how calls end: refusals, deadlines, cancels, several at once."""

import concurrent.futures
import pathlib
import pickle
import tempfile
import threading
import unittest

import grpc
import model_server
from tritonclient.grpc import service_pb2

from weir_client import Client, InferenceError, TensorMetadata, contract

X = {"x": [1.0]}


def refuse(code, message, *trailers):
    def script(request, context):
        context.set_trailing_metadata(trailers)
        context.abort(code, message)

    return script


class CallCase(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(model_server.ModelServer())
        self.client = self.enterContext(Client(self.server.address))

    def hold(self):
        """Makes the server keep each call until it ends; gives the events (begun, ended)."""
        begun, over = threading.Event(), threading.Event()

        def script(request, context):
            ended = model_server.ended(context)
            begun.set()
            if ended.wait(model_server.WAIT_SECONDS_MAX):
                over.set()
            return service_pb2.ModelInferResponse()

        self.server.answer = script
        return begun, over

    def error_of(self, call):
        with self.assertRaises(InferenceError) as caught:
            call()
        return caught.exception


class RefusalTest(CallCase):
    def refused(self, *trailers):
        code = grpc.StatusCode.RESOURCE_EXHAUSTED
        self.server.answer = refuse(code, "queue full (512 of 512)", *trailers)
        return self.error_of(lambda: self.client.infer("m", X))

    def test_tells_code_and_message(self):
        error = self.refused()
        self.assertEqual(error.code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertEqual(error.message, "queue full (512 of 512)")
        self.assertEqual(str(error), "RESOURCE_EXHAUSTED: queue full (512 of 512)")

    def test_tells_when_to_come_again(self):
        self.assertEqual(self.refused(("grpc-retry-pushback-ms", "80")).retry_after, 0.08)

    def test_tells_when_not_to_come_again(self):
        for pushback in ("-1", "-5000", "soon", "--1", ""):
            with self.subTest(pushback):
                error = self.refused(("grpc-retry-pushback-ms", pushback))
                self.assertEqual(error.retry_after, -1)

    def test_tells_to_come_again_at_once(self):
        self.assertEqual(self.refused(("grpc-retry-pushback-ms", "0")).retry_after, 0.0)

    def test_does_not_make_up_when_to_come_again(self):
        self.assertIsNone(self.refused(("another-trailer", "80")).retry_after)

    def test_raises_the_same_from_a_future(self):
        trailer = ("grpc-retry-pushback-ms", "250")
        self.server.answer = refuse(grpc.StatusCode.UNAVAILABLE, "draining", trailer)
        error = self.client.infer_async("m", X).exception()
        self.assertEqual((error.code, error.retry_after), (grpc.StatusCode.UNAVAILABLE, 0.25))

    def test_survives_the_way_to_another_process(self):
        error = pickle.loads(pickle.dumps(self.refused(("grpc-retry-pushback-ms", "80"))))
        self.assertEqual((error.message, error.retry_after), ("queue full (512 of 512)", 0.08))

    def test_takes_an_answer_that_is_too_large_for_a_refusal_without_advice(self):
        client = self.enterContext(Client(self.server.address, message_bytes_max=1000))
        error = self.error_of(lambda: client.infer("m", {"x": [1.0] * 1000}))
        self.assertEqual(error.code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertIsNone(error.retry_after)


class DeadlineTest(CallCase):
    def test_ends_a_call_at_its_own_deadline(self):
        _, over = self.hold()
        error = self.error_of(lambda: self.client.infer("m", X, timeout=0.2))
        self.assertEqual(error.code, grpc.StatusCode.DEADLINE_EXCEEDED)
        self.assertTrue(over.wait(model_server.WAIT_SECONDS_MAX))

    def test_ends_a_call_at_the_deadline_of_the_client(self):
        self.hold()
        client = self.enterContext(Client(self.server.address, timeout=0.2))
        for call in (lambda: client.infer("m", X), client.infer_async("m", X).result):
            self.assertEqual(self.error_of(call).code, grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_tells_the_server_of_the_deadline(self):
        left = []

        def note(request, context):
            left.append(context.time_remaining())
            return model_server.echo(request, context)

        self.server.answer = note
        self.client.infer("m", X)
        self.client.infer("m", X, timeout=500)
        # On the wire it has three digits or so, rounded up.
        self.assertTrue(20 < left[0] < 31, left)
        self.assertTrue(400 < left[1] < 510, left)

    def test_refuses_a_timeout_that_is_none(self):
        for timeout in (0, -1, float("inf"), float("nan")):
            with self.subTest(timeout), self.assertRaises(ValueError):
                self.client.infer("m", X, timeout=timeout)
        with self.assertRaises(ValueError):
            Client(timeout=0)


class FutureTest(CallCase):
    def test_cancels_the_call_at_the_server(self):
        begun, over = self.hold()
        future = self.client.infer_async("m", X)
        self.assertTrue(begun.wait(model_server.WAIT_SECONDS_MAX))

        self.assertTrue(future.cancel())

        self.assertTrue(over.wait(model_server.WAIT_SECONDS_MAX))
        with self.assertRaises(concurrent.futures.CancelledError):
            future.result()

    def test_ends_the_wait_of_others_for_what_was_cancelled(self):
        self.hold()
        future = self.client.infer_async("m", X)
        future.cancel()
        done, _ = concurrent.futures.wait([future], model_server.WAIT_SECONDS_MAX)
        self.assertEqual(done, {future})

    def test_does_not_cancel_what_has_been_answered(self):
        future = self.client.infer_async("m", X)
        future.result()
        self.assertFalse(future.cancel())
        self.assertEqual(future.result()["x"].tolist(), [1.0])

    def test_gives_each_of_many_its_own_answer(self):
        futures = {self.client.infer_async("m", {"x": [n]}): n for n in range(64)}
        for future in concurrent.futures.as_completed(futures, model_server.WAIT_SECONDS_MAX):
            self.assertEqual(future.result()["x"].tolist(), [futures[future]])

    def test_raises_what_is_wrong_with_an_answer(self):
        broken = service_pb2.ModelInferResponse(raw_output_contents=[b""])
        self.server.answer = lambda request, context: broken
        error = self.client.infer_async("m", X).exception()
        self.assertEqual(error.code, grpc.StatusCode.INTERNAL)

    def test_ends_when_the_client_is_closed(self):
        begun, _ = self.hold()
        future = self.client.infer_async("m", X)
        self.assertTrue(begun.wait(model_server.WAIT_SECONDS_MAX))
        self.client.close()
        self.assertEqual(future.exception().code, grpc.StatusCode.CANCELLED)


class AddressTest(unittest.TestCase):
    def test_reaches_a_unix_socket(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        address = f"unix:{pathlib.Path(folder) / 'weir.sock'}"
        self.enterContext(model_server.ModelServer(address))
        client = self.enterContext(Client(address))
        self.assertEqual(client.infer("m", X)["x"].tolist(), [1.0])

    def test_is_unavailable_where_nobody_listens(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        client = self.enterContext(Client(f"unix:{folder}/nobody"))
        with self.assertRaises(InferenceError) as caught:
            client.live()
        self.assertEqual(caught.exception.code, grpc.StatusCode.UNAVAILABLE)

    def test_does_not_call_once_closed(self):
        client = Client("localhost:1")
        client.close()
        client.close()
        with self.assertRaises(ValueError):
            client.live()


class HealthTest(CallCase):
    def test_asks_whether_the_server_lives_and_is_ready(self):
        for ready in (True, False):
            self.server.answers["ServerReady"] = service_pb2.ServerReadyResponse(ready=ready)
            self.assertIs(self.client.ready(), ready)
        self.assertIs(self.client.live(), True)

    def test_asks_whether_a_model_is_ready(self):
        for ready in (True, False):
            self.server.answers["ModelReady"] = service_pb2.ModelReadyResponse(ready=ready)
            self.assertIs(self.client.ready("m", "2"), ready)
        request = self.server.requests[-1]
        self.assertEqual((request.name, request.version), ("m", "2"))

    def test_reads_metadata_with_what_only_weir_tells(self):
        answer = contract.message("ModelMetadataResponse")(
            name="m", versions=["1", "2"], platform="p", properties={"weight": "1"}
        )
        answer.inputs.add(name="x", datatype="FP32", shape=[-1, 256])
        self.server.answers["ModelMetadata"] = answer
        metadata = self.client.metadata("m", "2")
        self.assertEqual(metadata.inputs, (TensorMetadata("x", "FP32", (-1, 256)),))
        self.assertEqual((metadata.versions, metadata.outputs), (("1", "2"), ()))
        self.assertEqual((metadata.name, metadata.properties), ("m", {"weight": "1"}))
        self.assertEqual(self.server.requests[-1].version, "2")
