"""Nothing that was accepted is lost, whenever the daemon is told to go."""

import random
import signal
import threading
import time
import unittest

import grpc
import tensors
from daemon import WAIT_SECONDS_MAX, Daemon, until
from served_case import ONE
from tritonclient.grpc import service_pb2, service_pb2_grpc

IO = [{"name": "x", "datatype": "FP32", "shape": [-1]}]
# Two slots hold a hundred requests of it for a while.
SLOW = {
    "inputs": IO,
    "outputs": IO,
    "batch": {"rows_max": 50, "delay_max": "20ms"},
    "backend_options": {"delay": "80ms"},
}
REFUSED = "the server is shutting down"


class Crowd:
    """Requests under way, all of the same bytes, and how each of them ended."""

    def __init__(self, address: str):
        options = [("grpc.use_local_subchannel_pool", 1)]
        self.channel = grpc.insecure_channel(address, options)
        path = "/inference.GRPCInferenceService/ModelInfer"
        self.infer = self.channel.unary_unary(path)
        self.calls = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def send(self, model: str, count: int):
        request = tensors.request_of(model, {"x": ONE}).SerializeToString()
        self.calls += [self.infer.future(request) for _ in range(count)]

    def ends(self) -> dict[str, int]:
        """How many were answered, how many refused by the server, and the rest."""
        counts = {"answered": 0, "refused": 0, "unreached": 0}
        for call in self.calls:
            error = call.exception(WAIT_SECONDS_MAX)
            if error is None:
                answer = service_pb2.ModelInferResponse.FromString(call.result())
                if tensors.outputs_of(answer) != {"x": ONE}:
                    raise AssertionError(f"a wrong answer: {answer}")
                counts["answered"] += 1
            elif call.code() == grpc.StatusCode.UNAVAILABLE:
                counts["refused" if call.details() == REFUSED else "unreached"] += 1
            else:
                raise AssertionError(f"{call.code()}: {call.details()}")
        return counts


class DrainTest(unittest.TestCase):
    def drain(self, daemon: Daemon):
        """SIGTERM with a hundred in flight and four hundred in the queue, or more."""
        with Crowd(daemon.grpc) as before, Crowd(daemon.grpc) as after:
            queued = 'weir_queue_requests{model="m"}'
            while daemon.series()[queued] < 400:
                before.send("m", 100)
                self.assertLess(len(before.calls), 5000)
            daemon.signal(signal.SIGTERM)
            after.send("m", 20)
            ends, late = before.ends(), after.ends()
        self.assertEqual(daemon.wait(), 0)
        self.assertGreaterEqual(ends["answered"], 500)
        answered = ends["answered"] + late["answered"]
        self.assertEqual((daemon.count("accepted"), daemon.count("answered")), (answered,) * 2)

    # R39: all are answered or told UNAVAILABLE, and then it ends.
    def test_answers_all_that_it_accepted(self):
        limits = {"streams_per_connection_max": 10000}
        queue = {"requests_max": 10000, "total_requests_max": 10000}
        with Daemon({"m": SLOW}, limits=limits, queue=queue) as daemon:
            for turn in range(20):
                with self.subTest(turn):
                    self.drain(daemon)
                daemon.launch()
                daemon.await_ready()


    def test_answers_what_is_large_to_its_end_and_then_ends(self):
        content = bytes(16 * 2**20)
        request = tensors.request_of("m", {"x": ("UINT8", [len(content)], content)})
        slow = {"backend_options": {"delay": "500ms"}}
        with Daemon({"m": slow}) as daemon:
            options = [("grpc.max_receive_message_length", -1)]
            with grpc.insecure_channel(daemon.grpc, options) as channel:
                stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
                calls = [stub.ModelInfer.future(request) for _ in range(4)]
                queued = 'weir_queue_requests{model="m"}'
                until(lambda: daemon.series()[queued] >= 1, "more than the slots hold")
                daemon.signal()
                ends = [call.exception() for call in calls]
                answered = [call.result() for call, end in zip(calls, ends) if end is None]
                began = time.monotonic()
            self.assertEqual(daemon.wait(), 0)
            self.assertLess(time.monotonic() - began, 5)
            for answer in answered:
                self.assertEqual(answer.raw_output_contents[0], content)
            # The fourth may have come too late.
            self.assertGreaterEqual(len(answered), 3)
            counts = (daemon.count("accepted"), daemon.count("answered"))
            self.assertEqual(counts, (len(answered),) * 2)


class AnyMomentTest(unittest.TestCase):
    """SIGTERM while it starts, loads, serves nobody, and serves."""

    crowd = None

    def starting(self, daemon: Daemon):
        # Before this line it may not have come as far as to hear of signals.
        until(daemon.log, "the first line")

    def loading(self, daemon: Daemon):
        until(lambda: "model is ready" in daemon.messages(), "the first model")

    def idle(self, daemon: Daemon):
        daemon.await_ready()

    def serving(self, daemon: Daemon):
        daemon.await_ready()
        self.crowd = Crowd(daemon.grpc)
        self.crowd.send("quick", 20)

    def test_ends_well_whenever_it_is_asked_to(self):
        models = {
            "quick": {"backend_options": {"delay": "1ms"}},
            "slow": {"backend_options": {"load_delay": "20ms"}},
        }
        chance = random.Random(38)
        for turn in range(200):
            reach = (self.starting, self.loading, self.idle, self.serving)[turn % 4]
            with self.subTest(turn), Daemon(models).launched() as daemon:
                reach(daemon)
                threading.Event().wait(chance.uniform(0, 0.03))
                self.assert_ends_well(daemon)

    def assert_ends_well(self, daemon: Daemon):
        crowd, self.crowd = self.crowd, None
        daemon.signal()
        answered = crowd.ends()["answered"] if crowd else 0
        self.assertEqual(daemon.wait(), 0, daemon.log_text())
        self.assertEqual(daemon.messages()[-1], "gone")
        counts = (daemon.count("accepted"), daemon.count("answered"))
        self.assertEqual(counts, (answered, answered))
        if crowd:
            crowd.channel.close()
