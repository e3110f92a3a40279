"""Requests that mean no good: what they are told, and what they cost."""

import pathlib
import shutil
import socket
import tempfile
import time

import grpc
import tensors
from daemon import DEMO_MODELS, ROOT
from refusal import Refusal
from served_case import ONE, ServedCase

MEBIBYTE = 1 << 20
# What a message of ours may not show: paths, sources, libraries, addresses.
INTERNAL = r"/|\\\\|\.(?:cc|cpp|h|py|so|dylib|pt|yaml)\b|0x[0-9a-f]{4}|Traceback|torch::|c10::"


class HostileCase(ServedCase):
    def refused(self, request, *codes: str) -> str:
        """What the client is told; it gives nothing away."""
        refusal = Refusal.of(self.stub.ModelInfer.future(request))
        self.assertIn(refusal.code, codes or ("INVALID_ARGUMENT",), refusal.message)
        self.assertNotRegex(refusal.message, INTERNAL)
        for secret in (self.daemon.folder, ROOT, self.daemon.process.pid):
            self.assertNotIn(str(secret), refusal.message)
        return refusal.message

    def resident(self) -> float:
        return self.daemon.series()["process_resident_memory_bytes"]


class TensorTest(HostileCase):
    def setUp(self):
        super().setUp()
        self.serve({"m": {}})
        self.assertEqual(tensors.outputs_of(self.ask("m").result()), {"x": ONE})

    # SEC-08: what a shape claims takes no memory that the data does not fill.
    def test_takes_no_memory_for_a_shape_that_its_data_does_not_fill(self):
        before = self.resident()
        for shape in (
            [2**4, 2**60 + 2],
            [2**31 - 1, 2**31 - 1, 2],
            [2**31 - 1, 1000],
            [2**63 - 1],
            [2**31],
            [-1],
            [-(2**63)],
            [2],
            [1] * 17,
            [1] * 1_000_000,
        ):
            for datatype in ("FP32", "INT8", "BYTES"):
                with self.subTest(shape[:4], datatype=datatype):
                    told = self.refused(tensors.request_of("m", {"x": (datatype, shape, bytes(3))}))
                    self.assertRegex(told, r'^input "x": expected |bytes of names, shapes')
        self.assertEqual(tensors.outputs_of(self.ask("m").result()), {"x": ONE})
        self.assertLess(self.resident() - before, 64 * MEBIBYTE)

    # SEC-08: nothing is a size too.
    def test_answers_a_tensor_of_no_elements(self):
        for shape in ([0], [0, 2**31 - 1], [3, 0]):
            nothing = ("FP32", shape, b"")
            self.assertEqual(tensors.outputs_of(self.ask("m", nothing).result()), {"x": nothing})
        self.assertIn("expected 0 bytes", self.refused(
            tensors.request_of("m", {"x": ("FP32", [0], bytes(4))})
        ))  # fmt: skip

    # SEC-09: by default, as a client meets it.
    def test_bounds_how_many_of_each_there_may_be(self):
        request = lambda **more: tensors.request_of("m", {"x": ONE}, **more)  # noqa: E731
        inputs = {f"x{number}": ONE for number in range(257)}
        twice, many, strings = request(), request(), request()
        del strings.raw_input_contents[:]
        strings.inputs[0].contents.bytes_contents.extend([b""] * (MEBIBYTE + 1))
        twice.inputs.add().CopyFrom(twice.inputs[0])
        twice.raw_input_contents.append(ONE[2])
        for number in range(65):
            many.parameters[f"p{number}"].int64_param = 1
        for asked, why in (
            (tensors.request_of("m", inputs), "at most 256 inputs"),
            (request(outputs=[f"y{number}" for number in range(257)]), "at most 256 requested"),
            (many, "at most 64 parameters"),
            (twice, 'input "x" is given twice'),
            (request(outputs=["x", "x"]), 'output "x" is given twice'),
            (request(id="i" * 1025), "id: expected at most 1024 bytes"),
            (strings, "at most 1048576 elements in bytes_contents"),
            (tensors.request_of("m", {"x": ("BYTES", [1], b"\xff\xff\xff\x7f")}), "4-byte length"),
        ):
            with self.subTest(why):
                self.assertIn(why, self.refused(asked))

    # SEC-09: 64 MiB, and not a byte of tensors beyond.
    def test_bounds_a_message(self):
        for size, code in ((63 * MEBIBYTE, None), (64 * MEBIBYTE, "RESOURCE_EXHAUSTED")):
            request = tensors.request_of("m", {"x": ("UINT8", [size], bytes(size))})
            if code is not None:
                self.assertFalse(Refusal.of(self.stub.ModelInfer.future(request)).advises())
                self.refused(request, code)
                continue
            options = [("grpc.max_receive_message_length", -1)]
            with grpc.insecure_channel(self.daemon.grpc, options) as channel:
                infer = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
                self.assertGreater(len(infer(request.SerializeToString())), size)


class FailedModelTest(HostileCase):
    def folder(self) -> pathlib.Path:
        """A model of libtorch that says nothing of its inputs, so that it fails itself."""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        shutil.copy(DEMO_MODELS / "mlp" / "1" / "model.pt", folder / "free.pt")
        shutil.copy(DEMO_MODELS / "transformer" / "1" / "model.pt", folder / "ids.pt")
        return folder

    # SEC-12: libtorch tells of its sources, and of the model's, by their paths.
    def test_tells_what_libtorch_said_and_not_where(self):
        self.serve(self.folder())
        for name, tensor in (
            ("free", ("FP32", [1, 3], bytes(12))),
            ("free", ("FP32", [], bytes(4))),
            ("free", ("INT64", [1, 256], bytes(2048))),
            ("free", ("BYTES", [1], b"\x01\x00\x00\x00x")),
            ("ids", ("FP32", [1, 128], bytes(512))),
            ("ids", ("INT64", [1, 1, 1, 1], bytes(8))),
        ):
            with self.subTest(name, shape=tensor[1]):
                request = tensors.request_of(name, {"x": tensor})
                # Whose fault it was libtorch does not always say.
                told = self.refused(request, "INVALID_ARGUMENT", "INTERNAL")
                self.assertRegex(told, r'^(model|input) "\w+": .{20}')

    # SEC-12: nor what anything else that throws would tell.
    def test_tells_nothing_of_a_failure_within(self):
        kinds = ("standard", "foreign", "integer")
        throws = {kind: {"backend_options": {"throws_at": "1", "throw_kind": kind}} for kind in kinds}
        fails = {"backend_options": {"fails_every": "1"}}
        fault = {"backend_options": {"faults_at": "1", "fault": "slot"}}
        self.serve({"fails": fails, "fault": fault} | throws)
        for name in (*throws, "fails"):
            self.refused(tensors.request_of(name, {"x": ONE}), "INTERNAL")
        self.refused(tensors.request_of("fault", {"x": ONE}), "UNAVAILABLE")
        self.refused(tensors.request_of("nobody", {"x": ONE}), "NOT_FOUND")
        self.refused(tensors.request_of("fails", {"x": ONE}, model_version="9"), "NOT_FOUND")


class HttpTest(HostileCase):
    def setUp(self):
        super().setUp()
        self.serve({"m": {}})

    def connect_http(self) -> socket.socket:
        host, _, port = self.daemon.http.rpartition(":")
        return self.enterContext(socket.create_connection((host, int(port)), timeout=30))

    def read(self, connection: socket.socket) -> str:
        """All until the server ends the connection."""
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts).decode()

    def exchange(self, line: str, *headers: str, host="localhost") -> str:
        connection = self.connect_http()
        lines = [f"{line} HTTP/1.1", f"Host: {host}", "Connection: close", *headers, "", ""]
        connection.sendall("\r\n".join(lines).encode())
        return self.read(connection)

    # SEC-14: a name that somebody made lead here is not ours.
    def test_refuses_the_hosts_of_others(self):
        for host in ("evil.org", "localhost.evil.org", "127.0.0.1.evil.org:8002", "192.0.2.1", ""):
            answer = self.exchange("GET /metrics", host=host)
            self.assertRegex(answer, r"^HTTP/1\.1 4\d\d ", host)
            self.assertNotIn("weir_", answer)

    # SEC-14: there is nothing to change, and no page of others may read.
    def test_takes_get_and_head_of_its_own_paths_alone(self):
        origin = ("Origin: http://evil.org", "Access-Control-Request-Method: PUT")
        for path in ("/metrics", "/status", "/healthz", "/readyz"):
            for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"):
                answer = self.exchange(f"{method} {path}", "Content-Length: 0", *origin)
                self.assertRegex(answer, r"^HTTP/1\.1 405 ", method)
                self.assertNotIn("access-control-allow", answer.lower())
            answer = self.exchange(f"GET {path}", *origin)
            self.assertRegex(answer, r"^HTTP/1\.1 200 ")
            self.assertNotIn("access-control-allow", answer.lower())
            for other in (path + "/", "/" + path, path.upper(), path + "/../status", path + "%00"):
                self.assertRegex(self.exchange(f"GET {other}"), r"^HTTP/1\.1 404 ", other)

    # SEC-14
    def test_takes_a_head_of_eight_kibibytes_at_most(self):
        self.assertRegex(self.exchange("GET /healthz", "X: " + "x" * 7168), r"^HTTP/1\.1 200 ")
        self.assertRegex(self.exchange("GET /healthz", "X: " + "x" * 8192), r"^HTTP/1\.1 431 ")
        self.assertRegex(self.exchange("GET /" + "x" * 9000), r"^HTTP/1\.1 431 ")

    # SEC-14: who sends a head bit by bit is cut off in 5 s.
    def test_cuts_off_who_never_ends_a_head(self):
        began = time.monotonic()
        slow = [self.connect_http() for _ in range(3)]
        for connection in slow:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: local")
        for connection in slow:
            self.assertRegex(self.read(connection), r"^HTTP/1\.1 408 ")
        self.assertTrue(4 < time.monotonic() - began < 10)

    # SEC-14: however many are slow to ask, or to read, others are answered at once.
    def test_answers_others_whoever_is_slow(self):
        whole = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for sent in (b"", b"GET /", whole):
            with self.subTest(sent):
                slow = [self.connect_http() for _ in range(200)]
                for connection in slow:
                    connection.sendall(sent)
                for path in ("/healthz", "/readyz"):
                    began = time.monotonic()
                    self.assertEqual(self.daemon.get(path)[0], 200)
                    self.assertLess(time.monotonic() - began, 1)
                for connection in slow:
                    connection.close()
