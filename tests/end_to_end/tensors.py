"""Tensors of every datatype, and requests of them, by NVIDIA's generated messages.

    request = request_of("id", {"x": ("FP32", [2], b"...")})
    answer = stub.ModelInfer(request)
    outputs_of(answer)     # {"x": ("FP32", [2], b"...")}

Thread-safety: pure functions.
Failure: none.
"""

import math
import struct

from tritonclient.grpc import service_pb2

# The size of an element, and the field of InferTensorContents that may carry it.
DATATYPES = {
    "BOOL": (1, "bool_contents"),
    "UINT8": (1, "uint_contents"),
    "UINT16": (2, "uint_contents"),
    "UINT32": (4, "uint_contents"),
    "UINT64": (8, "uint64_contents"),
    "INT8": (1, "int_contents"),
    "INT16": (2, "int_contents"),
    "INT32": (4, "int_contents"),
    "INT64": (8, "int64_contents"),
    "FP16": (2, None),
    "BF16": (2, None),
    "FP32": (4, "fp32_contents"),
    "FP64": (8, "fp64_contents"),
}
LETTERS = {
    "BOOL": "?", "UINT8": "B", "UINT16": "H", "UINT32": "I", "UINT64": "Q", "INT8": "b",
    "INT16": "h", "INT32": "i", "INT64": "q", "FP32": "f", "FP64": "d",
}  # fmt: skip
SHAPES = ([], [1], [5], [2, 3], [1, 1, 4], [2, 1, 3, 2], [1] * 7 + [3], [1] * 15 + [2])
EMPTY_SHAPES = ([0], [0, 4], [3, 0], [2, 0, 5])


def bytes_of(datatype: str, shape: list[int]) -> bytes:
    """Elements of every bit pattern, in some order; a BOOL has but two."""
    size = math.prod(shape) * DATATYPES[datatype][0]
    if datatype == "BOOL":
        return bytes(i % 3 % 2 for i in range(size))
    return bytes((i * 151 + 13) % 256 for i in range(size))


def values_of(datatype: str, raw: bytes) -> list:
    size = DATATYPES[datatype][0]
    return list(struct.unpack(f"<{len(raw) // size}{LETTERS[datatype]}", raw))


def request_of(model: str, tensors: dict, raw: bool = True, outputs=(), **fields):
    """`tensors`: the datatype, shape and bytes of each input by its name."""
    request = service_pb2.ModelInferRequest(model_name=model, **fields)
    for name, (datatype, shape, content) in tensors.items():
        tensor = request.inputs.add(name=name, datatype=datatype, shape=shape)
        if raw:
            request.raw_input_contents.append(content)
        else:
            field = getattr(tensor.contents, DATATYPES[datatype][1])
            field.extend(values_of(datatype, content))
    for name in outputs:
        request.outputs.add(name=name)
    return request


def outputs_of(answer) -> dict:
    """As `tensors` of request_of, in the order of the answer."""
    if len(answer.outputs) != len(answer.raw_output_contents):
        raise AssertionError("an answer is raw")
    return {
        output.name: (output.datatype, list(output.shape), content)
        for output, content in zip(answer.outputs, answer.raw_output_contents)
    }
