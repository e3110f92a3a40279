"""h2load: an HTTP/2 client that knows nothing of gRPC, against the daemon.

It counts answers and their bytes, and with -v prints the fields that an answer begins
with, though no trailers. An answer of gRPC's that begins with a status has no message;
of one that does not, the message came, and /metrics says how its call ended.
"""

import collections
import re
import struct
import subprocess

import grpc
import tensors
from daemon import WAIT_SECONDS_MAX
from served_case import ONE, ONE_SLOT, ServedCase

METHOD = "/inference.GRPCInferenceService/ModelInfer"
REQUESTS = 2000


class H2load:
    """One run of it: what it counted."""

    def __init__(self, output: str):
        self.output = output
        self.ends = self.numbers(
            r"requests: (\d+) total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed,"
            r" (\d+) errored, (\d+) timeout"
        )
        self.classes = self.numbers(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx")
        (self.data_bytes,) = self.numbers(r"\((\d+)\) data$")
        # The codes that answers began with; none where it is the trailers' alone.
        codes = re.findall(r"\] grpc-status: (\d+)$", output, re.M)
        self.statuses = collections.Counter(map(int, codes))

    def numbers(self, pattern: str) -> tuple[int, ...]:
        found = re.search(pattern, self.output, re.M)
        if not found:
            raise AssertionError(f"h2load does not say {pattern}:\n{self.output[-2000:]}")
        return tuple(map(int, found.groups()))


class H2loadTest(ServedCase):
    def load(self, request, clients: int, streams: int) -> H2load:
        """So many connections with so many calls under way on each of them."""
        message = request.SerializeToString()
        body = self.daemon.folder / "body"
        body.write_bytes(struct.pack(">BI", 0, len(message)) + message)
        command = [
            "h2load", "-v", f"-n{REQUESTS}", f"-c{clients}", f"-m{streams}", f"-d{body}",
            "-Hcontent-type: application/grpc", "-Hte: trailers",
            f"http://{self.daemon.grpc}{METHOD}",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_SECONDS_MAX)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return H2load(done.stdout)

    def answer_bytes(self, request) -> int:
        """Of an answer of the request, as gRPC frames it."""
        return 5 + len(self.channel.unary_unary(METHOD)(request.SerializeToString()))

    def assert_all_answered(self, loaded: H2load):
        """In the way of HTTP, which says nothing of gRPC's."""
        self.assertEqual(loaded.ends, (REQUESTS, REQUESTS, REQUESTS, 0, 0, 0))
        self.assertEqual(loaded.classes, (REQUESTS, 0, 0, 0))

    def test_is_answered_on_every_stream_of_its_connections(self):
        self.serve({"m": {}})
        content = tensors.bytes_of("FP32", [16, 16])
        request = tensors.request_of("m", {"x": ("FP32", [16, 16], content)})
        one = self.answer_bytes(request)
        for clients, streams in ((1, 1), (1, 64), (8, 16)):
            with self.subTest(clients=clients, streams=streams):
                before = self.daemon.ends()
                loaded = self.load(request, clients, streams)
                self.assert_all_answered(loaded)
                self.assertEqual(loaded.statuses, {})
                self.assertEqual(loaded.data_bytes, REQUESTS * one)
                self.assertEqual(self.daemon.ends() - before, {("m", "OK"): REQUESTS})

    def test_is_refused_on_every_stream_of_its_connections(self):
        self.serve({"m": {}})
        loaded = self.load(tensors.request_of("nobody", {"x": ONE}), 4, 16)
        self.assert_all_answered(loaded)
        self.assertEqual(loaded.statuses, {grpc.StatusCode.NOT_FOUND.value[0]: REQUESTS})
        self.assertEqual(loaded.data_bytes, 0)
        self.assertEqual(self.daemon.ends(), {("", "NOT_FOUND"): REQUESTS})

    def test_counts_as_many_refusals_of_an_overload_as_the_daemon(self):
        slow = {"backend_options": {"delay": "1ms"}}
        self.serve({"m": slow}, devices=ONE_SLOT, queue={"requests_max": 4})
        request = tensors.request_of("m", {"x": ONE})
        one = self.answer_bytes(request)
        before = self.daemon.ends()
        loaded = self.load(request, 4, 16)
        self.assert_all_answered(loaded)
        ends = self.daemon.ends() - before
        refused = ends["m", "RESOURCE_EXHAUSTED"]
        self.assertGreater(refused, 0)
        self.assertEqual(loaded.statuses, {grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]: refused})
        self.assertEqual(ends["m", "OK"], REQUESTS - refused)
        self.assertEqual(loaded.data_bytes, (REQUESTS - refused) * one)
        self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual(self.daemon.count("accepted"), self.daemon.count("answered"))
