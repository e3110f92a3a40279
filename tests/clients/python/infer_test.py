"""Shows that arrays arrive as they were sent, bit for bit, and requests as asked."""

import unittest

import ml_dtypes
import model_server
import numpy as np

from weir_client import Client, Input, widen_bf16

NUMPY = {
    "BOOL": np.bool_, "INT8": np.int8, "INT16": np.int16, "INT32": np.int32, "INT64": np.int64,
    "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64,
    "FP16": np.float16, "FP32": np.float32, "FP64": np.float64,
}  # fmt: skip


class ServedTest(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(model_server.ModelServer())
        self.client = self.enterContext(Client(self.server.address))

    def echoed(self, data, datatype=None):
        """The array that comes back, and the raw contents that were sent."""
        result = self.client.infer("m", [Input("x", data, datatype)])
        return result["x"], self.server.requests[-1].raw_input_contents[0]

    def sent(self):
        return self.server.requests[-1]


class RoundTripTest(ServedTest):
    def test_keeps_each_datatype_and_shape(self):
        for datatype, dtype in NUMPY.items():
            for shape in ((), (0,), (5,), (2, 3), (2, 0, 3), (1, 1, 1, 7)):
                with self.subTest(datatype=datatype, shape=shape):
                    array = (np.arange(np.prod(shape)) % 2).astype(dtype).reshape(shape)
                    back, _ = self.echoed(array)
                    self.assertEqual((back.dtype, back.shape), (array.dtype, shape))
                    self.assertEqual(back.tobytes(), array.tobytes())
                    self.assertEqual(self.sent().inputs[0].datatype, datatype)
                    self.assertEqual(tuple(self.sent().inputs[0].shape), shape)

    def test_keeps_the_ends_of_each_range(self):
        for datatype, dtype in NUMPY.items():
            if datatype == "BOOL":
                continue
            with self.subTest(datatype=datatype):
                info = np.finfo(dtype) if datatype[:2] == "FP" else np.iinfo(dtype)
                back, _ = self.echoed(np.array([info.min, info.max], dtype))
                self.assertEqual(back.tolist(), [info.min, info.max])

    def test_keeps_every_bit_of_what_is_no_number(self):
        for bits, dtype in (
            (np.array([0x7FC00001, 0xFFA00000, 0x7F800000, 0xFF800000, 0x80000000], "u4"), "f4"),
            (np.array([0x7FF0000000000001, 0xFFF0000000000000, 1], "u8"), "f8"),
            (np.array([0x7C01, 0xFE00, 0x7C00, 0xFC00, 0x8000, 1], "u2"), "f2"),
        ):
            with self.subTest(dtype=dtype):
                back, _ = self.echoed(bits.view(dtype))
                self.assertEqual(back.view(bits.dtype).tolist(), bits.tolist())

    def test_sends_little_endian_rows(self):
        wire = b"\x01\x00\x02\x00\x03\x00\x04\x00"
        array = np.array([[1, 2], [3, 4]], np.int16)
        for name, same in (
            ("big-endian", array.astype(">i2")),
            ("column-major", np.asfortranarray(array)),
            ("a view with strides", np.repeat(array, 2, axis=1)[:, ::2]),
        ):
            with self.subTest(name):
                self.assertEqual(self.echoed(same)[1], wire)

    def test_sends_a_bool_as_one_byte(self):
        back, raw = self.echoed(np.array([True, False]))
        self.assertEqual((raw, back.tolist()), (b"\x01\x00", [True, False]))


class Bf16Test(ServedTest):
    def test_keeps_the_bits_it_is_told_are_bf16(self):
        bits = np.array([0x3F80, 0xC040, 0x7F80, 0x7FC1], np.uint16)
        back, raw = self.echoed(bits, "BF16")
        self.assertEqual(self.sent().inputs[0].datatype, "BF16")
        self.assertEqual((raw[:2], back.tolist()), (b"\x80\x3f", bits.tolist()))

    def test_tells_bf16_from_uint16_in_the_result(self):
        bits = np.array([0x3F80], np.uint16)
        result = self.client.infer("m", [Input("a", bits, "BF16"), Input("b", bits)])
        self.assertEqual(result.datatypes, {"a": "BF16", "b": "UINT16"})

    def test_widens_bits_to_the_values_they_are(self):
        bits = np.array([0x3F80, 0xC040, 0xFF80, 0x0000], np.uint16)
        self.assertEqual(widen_bf16(bits).tolist(), [1.0, -3.0, -np.inf, 0.0])

    def test_takes_an_array_of_another_package_that_is_bf16(self):
        for shape in ((), (2,), (2, 0)):
            with self.subTest(shape):
                back, raw = self.echoed(np.ones(shape, ml_dtypes.bfloat16))
                self.assertEqual(self.sent().inputs[0].datatype, "BF16")
                self.assertEqual(raw, b"\x80\x3f" * back.size)
                self.assertTrue((back.view(ml_dtypes.bfloat16) == 1).all())

    def test_refuses_bf16_that_is_told_to_be_something_else(self):
        with self.assertRaisesRegex(TypeError, "UINT16"):
            self.echoed(np.ones(1, ml_dtypes.bfloat16), "UINT16")


class BytesTest(ServedTest):
    def test_keeps_bytes_of_any_content_and_length(self):
        elements = [b"", b"\x00", b"ends in nul\x00", bytes(range(256)), b"x" * 70000, b"last"]
        array = np.array(elements, object).reshape(2, 3)
        back, _ = self.echoed(array)
        self.assertEqual((back.dtype, back.shape), (object, (2, 3)))
        self.assertEqual(back.ravel().tolist(), elements)

    def test_sends_the_length_of_each_before_it(self):
        _, raw = self.echoed(np.array([b"ab", b""], object))
        self.assertEqual(raw, b"\x02\x00\x00\x00ab\x00\x00\x00\x00")

    def test_sends_text_as_utf8(self):
        for given in (["Maß", "x"], np.array(["Maß", "x"]), np.array(["Maß", "x"], object)):
            with self.subTest(type(given)):
                self.assertEqual(self.echoed(given)[0].tolist(), ["Maß".encode(), b"x"])

    def test_keeps_a_nul_at_the_end_of_an_element_of_a_list(self):
        self.assertEqual(self.echoed([b"a\x00", b"b"])[0].tolist(), [b"a\x00", b"b"])

    def test_keeps_none_at_all_and_a_scalar(self):
        self.assertEqual(self.echoed(np.empty((2, 0), object))[0].shape, (2, 0))
        self.assertEqual(self.echoed(np.array(b"one", object))[0][()], b"one")


class RequestTest(ServedTest):
    def test_names_model_version_and_id(self):
        result = self.client.infer("m", {"x": [1.0]}, version="7", request_id="mine")
        self.assertEqual((self.sent().model_name, self.sent().model_version), ("m", "7"))
        self.assertEqual((result.model_name, result.model_version, result.id), ("m", "7", "mine"))

    def test_answers_the_outputs_asked_for_in_their_order(self):
        result = self.client.infer("m", {"a": [1], "b": [2], "c": [3]}, ["c", "a"])
        self.assertEqual(
            {name: array.tolist() for name, array in result.items()}, {"c": [3], "a": [1]}
        )
        self.assertEqual(list(result), ["c", "a"])

    def test_sends_each_parameter_as_its_type(self):
        given = {"flag": True, "low": -1, "high": 2**63, "share": 0.5, "text": "t"}
        self.client.infer("m", {"x": [1]}, priority=3, parameters=given)
        chosen = {k: v.WhichOneof("parameter_choice") for k, v in self.sent().parameters.items()}
        self.assertEqual(chosen, {
            "flag": "bool_param", "low": "int64_param", "high": "uint64_param",
            "share": "double_param", "text": "string_param", "priority": "uint64_param",
        })  # fmt: skip
        self.assertEqual(self.sent().parameters["priority"].uint64_param, 3)

    def test_sends_nothing_unasked(self):
        self.client.infer("m", {"x": [1]})
        self.assertEqual(len(self.sent().parameters), 0)
        self.assertEqual(len(self.sent().outputs), 0)
        self.assertFalse(self.sent().inputs[0].HasField("contents"))

    def test_refuses_what_it_cannot_send_before_it_sends(self):
        for name, given, why in (
            ("complex", Input("x", [1j]), "complex128"),
            ("another datatype", Input("x", np.zeros(1), "FP32"), "FP32"),
            ("a datatype of nobody", Input("x", np.zeros(1), "FP8"), "FP8"),
            ("BYTES of numbers", Input("x", np.zeros(1), "BYTES"), "BYTES"),
            ("an object of neither", Input("x", np.array([1], object)), "int"),
        ):
            with self.subTest(name), self.assertRaisesRegex(TypeError, f'input "x".*{why}'):
                self.client.infer("m", [given])
        with self.assertRaisesRegex(TypeError, 'parameter "p"'):
            self.client.infer("m", {}, parameters={"p": None})
        self.assertEqual(self.server.requests, [])
