"""Nothing that was accepted is lost when the daemon is told to go."""

import signal
import time
import unittest

import grpc
import tensors
from crowd import Crowd
from daemon import Daemon, until
from served_case import HELD
from tritonclient.grpc import service_pb2_grpc

IO = [{"name": "x", "datatype": "FP32", "shape": [-1]}]
# Two slots hold a hundred requests of it for a while.
SLOW = {
    "inputs": IO,
    "outputs": IO,
    "batch": {"rows_max": 50, "delay_max": "20ms"},
    "backend_options": {"delay": "80ms"},
}


class DrainTest(unittest.TestCase):
    def drain(self, daemon: Daemon):
        """SIGTERM with a hundred in flight and four hundred in the queue."""
        # However slowly they are sent: none runs before all are there.
        with Crowd(daemon.grpc) as before, Crowd(daemon.grpc) as after:
            holders = [before.ask("held") for _ in range(2)]
            until(lambda: daemon.leased() == [1, 1], "both slots held")
            before.send("m", 500)
            until(lambda: daemon.queued("m") == 500, "all of them in the queue")
            for holder in holders:
                holder.cancel()
            until(lambda: daemon.queued("m") <= 400, "a hundred in flight")
            daemon.signal(signal.SIGTERM)
            after.send("m", 20)
            ends, late = before.ends(), after.ends()
        self.assertEqual(daemon.wait(), 0)
        self.assertEqual(ends, {"answered": 500, "refused": 0, "unreached": 0})
        accepted = len(holders) + 500 + late["answered"]
        self.assertEqual((daemon.count("accepted"), daemon.count("answered")), (accepted,) * 2)

    # R39: all are answered or told UNAVAILABLE, and then it ends.
    def test_answers_all_that_it_accepted(self):
        limits = {"streams_per_connection_max": 10000}
        queue = {"requests_max": 10000, "total_requests_max": 10000}
        with Daemon({"m": SLOW, "held": HELD}, limits=limits, queue=queue) as daemon:
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
                until(lambda: daemon.queued("m") >= 1, "more than the slots hold")
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
