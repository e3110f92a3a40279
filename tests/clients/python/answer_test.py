"""Shows that an answer that breaks the protocol is an error, and harms nobody."""

import unittest

import grpc
import model_server
import numpy as np
from tritonclient.grpc import service_pb2

from weir_client import Client, InferenceError


def answer(*outputs):
    """A script that answers with these: datatype, shape, raw contents or None."""
    response = service_pb2.ModelInferResponse(model_name="m", model_version="3")
    for number, (datatype, shape, raw) in enumerate(outputs):
        response.outputs.add(name=f"y{number}", datatype=datatype, shape=shape)
        if raw is not None:
            response.raw_output_contents.append(raw)
    return lambda request, context: response


class AnswerTest(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(model_server.ModelServer())
        self.client = self.enterContext(Client(self.server.address))

    def assert_broken(self, script, why):
        self.server.answer = script
        with self.assertRaisesRegex(InferenceError, why) as caught:
            self.client.infer("m", {})
        self.assertEqual(caught.exception.code, grpc.StatusCode.INTERNAL)

    def test_refuses_contents_that_are_not_the_size_of_the_shape(self):
        for raw in (b"", b"\0" * 7, b"\0" * 9):
            self.assert_broken(answer(("FP32", [2], raw)), r'"y0": FP32 \[2\] is 8 bytes')

    def test_refuses_a_shape_that_is_larger_than_memory(self):
        self.assert_broken(answer(("FP32", [2**40, 2**40], b"\0" * 8)), "bytes, these are 8")
        self.assert_broken(answer(("BYTES", [2**40], b"\0" * 8)), "do not fit")

    def test_refuses_a_negative_dimension(self):
        self.assert_broken(
            answer(("FP32", [-1, -2], b"\0" * 8)), r"negative dimension in \[-1, -2\]"
        )

    def test_refuses_a_datatype_it_does_not_know(self):
        self.assert_broken(answer(("FP8", [1], b"\0")), 'unknown datatype "FP8"')

    def test_refuses_outputs_without_contents_of_their_own(self):
        self.assert_broken(answer(("INT8", [1], b"\0"), ("INT8", [1], None)), "2 outputs")

    def test_refuses_bytes_whose_lengths_lead_elsewhere(self):
        for raw, why in (
            (b"\x01\0\0\0a\0\0\0", "element 1 .* begins past"),
            (b"\xff\xff\xff\xffaaaa", "element 0 .* ends past"),
            (b"\0\0\0\0\0\0\0\0a", "1 bytes follow"),
        ):
            self.assert_broken(answer(("BYTES", [2], raw)), why)

    def test_takes_any_byte_but_0_for_true(self):
        self.server.answer = answer(("BOOL", [3], b"\x00\x02\xff"))
        array = self.client.infer("m", {})["y0"]
        self.assertEqual((array.dtype, array.view(np.uint8).tolist()), (np.bool_, [0, 1, 1]))

    def test_gives_views_that_cannot_be_written_to(self):
        self.server.answer = answer(("FP32", [1], b"\0\0\x80\x3f"))
        array = self.client.infer("m", {})["y0"]
        with self.assertRaises(ValueError):
            array[0] = 2
        np.testing.assert_array_equal(array.copy() + 1, [2.0])

    def test_prints_what_it_holds(self):
        self.server.answer = answer(("INT8", [1, 2], b"\0\1"))
        text = repr(self.client.infer("m", {}))
        self.assertEqual(text, "<InferResult of m version 3: y0: INT8 [1, 2]>")
