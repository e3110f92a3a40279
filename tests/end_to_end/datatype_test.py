"""Every datatype, rank and way of writing a tensor, to the last bit, on both backends."""

import pathlib
import shutil
import struct
import tempfile
import unittest

import grpc
import numpy as np
import tensors
import tritonclient.grpc as triton
from daemon import DEMO_MODELS, Daemon
from tritonclient.grpc import service_pb2_grpc


class DatatypeCases:
    """Against a model "id" that says nothing of its inputs and gives them back."""

    renames = {}

    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.enterClassContext(cls.make_daemon())
        cls.channel = cls.enterClassContext(grpc.insecure_channel(cls.daemon.grpc))
        cls.stub = service_pb2_grpc.GRPCInferenceServiceStub(cls.channel)

    def assert_given_back(self, tensor: tuple, raw: bool = True):
        answer = self.stub.ModelInfer(tensors.request_of("id", {"x": tensor}, raw))
        self.assertEqual(list(tensors.outputs_of(answer).values()), [tensor])

    def test_gives_back_every_datatype_and_rank_raw(self):
        for datatype in tensors.DATATYPES:
            for shape in tensors.SHAPES:
                with self.subTest(datatype=datatype, shape=shape):
                    content = tensors.bytes_of(datatype, shape)
                    self.assert_given_back((datatype, shape, content))

    def test_gives_back_every_datatype_and_rank_of_contents(self):
        for datatype, (_, field) in tensors.DATATYPES.items():
            for shape in tensors.SHAPES if field else ():
                with self.subTest(datatype=datatype, shape=shape):
                    content = tensors.bytes_of(datatype, shape)
                    self.assert_given_back((datatype, shape, content), raw=False)

    def test_gives_back_a_tensor_without_elements(self):
        for datatype in tensors.DATATYPES:
            for shape in tensors.EMPTY_SHAPES:
                with self.subTest(datatype=datatype, shape=shape):
                    self.assert_given_back((datatype, shape, b""))

    def test_gives_back_each_nan_infinity_and_zero_with_its_sign_and_payload(self):
        for datatype, letter, patterns in (
            ("FP16", "H", (0x0000, 0x8000, 0x7C00, 0xFC00, 0x7E01, 0xFE01, 0x7C01, 0x0001)),
            ("BF16", "H", (0x0000, 0x8000, 0x7F80, 0xFF80, 0x7FC1, 0xFFC1, 0x7F81, 0x0001)),
            ("FP32", "I", (0, 1 << 31, 0x7F800000, 0xFF800000, 0x7FC12345, 0xFFC12345, 1)),
            ("FP64", "Q", (0, 1 << 63, 0x7FF << 52, 0xFFF << 52, 0x7FF8000012345678, 1)),
        ):
            with self.subTest(datatype):
                content = struct.pack(f"<{len(patterns)}{letter}", *patterns)
                self.assert_given_back((datatype, [len(patterns)], content))

    def test_gives_back_a_message_of_many_pieces(self):
        content = np.random.default_rng(7).bytes(6 * 1024 * 1024)
        channel = grpc.insecure_channel(
            self.daemon.grpc, [("grpc.max_receive_message_length", -1)]
        )
        with channel:
            stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
            request = tensors.request_of("id", {"x": ("UINT8", [len(content)], content)})
            answer = stub.ModelInfer(request)
        self.assertEqual(answer.raw_output_contents[0], content)

    def test_refuses_what_is_not_the_size_of_its_shape(self):
        for datatype, (size, _) in tensors.DATATYPES.items():
            for length in (0, 3 * size - 1, 3 * size + 1):
                with self.subTest(datatype=datatype, length=length):
                    tensor = (datatype, [3], b"\0" * length)
                    with self.assertRaises(grpc.RpcError) as caught:
                        self.stub.ModelInfer(tensors.request_of("id", {"x": tensor}))
                    self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)


class FakeDatatypeTest(DatatypeCases, unittest.TestCase):
    @classmethod
    def make_daemon(cls):
        two = [{"name": name, "datatype": "FP32", "shape": [-1]} for name in ("a", "b", "c")]
        return Daemon(models={"id": {}, "named": {"inputs": two, "outputs": two}})

    def test_gives_the_outputs_that_were_requested_in_that_order(self):
        inputs = {n: ("FP32", [1], struct.pack("<f", i)) for i, n in enumerate("abc")}
        for outputs in ("abc", "cab", "ca", "b"):
            request = tensors.request_of("named", inputs, outputs=outputs)
            answer = tensors.outputs_of(self.stub.ModelInfer(request))
            self.assertEqual(list(answer.items()), [(name, inputs[name]) for name in outputs])

    def test_gives_all_outputs_where_none_was_requested(self):
        inputs = {n: ("FP32", [1], struct.pack("<f", i)) for i, n in enumerate("abc")}
        answer = self.stub.ModelInfer(tensors.request_of("named", inputs))
        self.assertEqual(tensors.outputs_of(answer), inputs)

    def test_gives_back_texts_of_any_length(self):
        texts = np.array([b"", b"a", b"\0\xff", "\u00e4\u4e2d".encode(), b"x" * 70000], np.object_)
        client = self.enterContext(triton.InferenceServerClient(self.daemon.grpc))
        tensor = triton.InferInput("x", [1, 5], "BYTES")
        tensor.set_data_from_numpy(texts.reshape(1, 5))
        answer = client.infer("id", [tensor]).as_numpy("x")
        self.assertEqual(answer.tolist(), [texts.tolist()])

    def test_gives_back_texts_of_contents(self):
        request = tensors.request_of("id", {})
        tensor = request.inputs.add(name="x", datatype="BYTES", shape=[3])
        tensor.contents.bytes_contents.extend([b"one", b"", b"three"])
        answer = tensors.outputs_of(self.stub.ModelInfer(request))
        raw = b"\3\0\0\0one" + b"\0\0\0\0" + b"\5\0\0\0three"
        self.assertEqual(answer, {"x": ("BYTES", [3], raw)})


class TorchDatatypeTest(DatatypeCases, unittest.TestCase):
    @classmethod
    def make_daemon(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        shutil.copyfile(DEMO_MODELS / "identity" / "1" / "model.pt", folder / "id.pt")
        return Daemon(models=folder)
