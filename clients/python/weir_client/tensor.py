"""Tensors as numpy arrays, and as the bytes that travel.

Raw, as the protocol has it: row-major, little-endian, unpadded. A BOOL is one byte; an
element of BYTES is its length in four bytes and then its bytes.

`encode` refuses, with TypeError, an array that is not of the datatype asked for: it
never converts. `decode` refuses, with ValueError, bytes that are not what datatype and
shape ask for, before it allocates anything of that size.
"""

from __future__ import annotations

import dataclasses
import math
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# The datatypes of fixed size, and what their elements are on the wire.
_WIRE: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype("?"),
    "INT8": np.dtype("i1"),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "UINT8": np.dtype("u1"),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "FP16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
}
_BY_KIND = {
    (wire.kind, wire.itemsize): datatype for datatype, wire in _WIRE.items() if datatype != "BF16"
}


@dataclasses.dataclass(frozen=True)
class Input:
    """A named tensor that says its datatype where the array does not.

        client.infer("m", [Input("x", bits, "BF16")])      # bits: numpy.uint16

    Without a datatype it is that of the array. An array of ml_dtypes.bfloat16 is BF16
    by itself; numpy.uint16 is UINT16 unless this says that it holds the bits of BF16.
    """

    name: str
    data: npt.ArrayLike
    datatype: str | None = None


def widen_bf16(bits: Array) -> Array:
    """The values of BF16 bits as float32, which holds each of them exactly."""
    if bits.dtype != np.uint16:
        raise TypeError(f"BF16 bits are numpy.uint16, these are {bits.dtype}")
    values: Array = (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)
    return values


def datatype_of(array: Array) -> str:
    """What the array is on the wire. TypeError for one that no datatype fits."""
    if array.dtype.name == "bfloat16":
        return "BF16"
    if array.dtype.kind in "OSU":
        return "BYTES"
    datatype = _BY_KIND.get((array.dtype.kind, array.dtype.itemsize))
    if datatype is None:
        raise TypeError(f"no datatype of the protocol is numpy's {array.dtype}")
    return datatype


def encode(array: Array, datatype: str) -> bytes:
    """The raw contents of a tensor of that datatype."""
    if datatype == "BYTES":
        return _encode_bytes(array)
    actual = datatype_of(array)
    if actual != datatype and (datatype, actual) != ("BF16", "UINT16"):
        raise TypeError(f"{datatype} is not what numpy's {array.dtype} holds")
    if actual == "BF16":
        array = array.view(np.uint16)
    return array.astype(_WIRE[datatype], copy=False).tobytes()


def _encode_bytes(array: Array) -> bytes:
    if array.dtype.kind not in "OSU":
        raise TypeError(f"BYTES are objects, bytes or str, not numpy's {array.dtype}")
    parts = []
    for element in array.ravel().tolist():
        if isinstance(element, str):
            element = element.encode()
        elif not isinstance(element, (bytes, bytearray)):
            raise TypeError(f"an element of BYTES is bytes or str, not {type(element).__name__}")
        parts += [struct.pack("<I", len(element)), element]
    return b"".join(parts)


def decode(raw: bytes, datatype: str, shape: Sequence[int]) -> Array:
    """The array of raw contents: a read-only view of them, but for BOOL and BYTES."""
    if datatype != "BYTES" and datatype not in _WIRE:
        raise ValueError(f'unknown datatype "{datatype}"')
    if any(dimension < 0 for dimension in shape):
        raise ValueError(f"negative dimension in {list(shape)}")
    count = math.prod(shape)
    if datatype == "BYTES":
        return _decode_bytes(raw, count).reshape(shape)
    wire = _WIRE[datatype]
    if len(raw) != count * wire.itemsize:
        raise ValueError(
            f"{datatype} {list(shape)} is {count * wire.itemsize} bytes, these are {len(raw)}"
        )
    array: Array = np.ndarray(shape, wire if datatype != "BOOL" else np.uint8, raw)
    return array if datatype != "BOOL" else array.astype(np.bool_)


def _decode_bytes(raw: bytes, count: int) -> Array:
    if len(raw) < 4 * count:
        raise ValueError(f"{count} elements of BYTES do not fit into {len(raw)} bytes")
    elements = np.empty(count, dtype=object)
    offset = 0
    for index in range(count):
        if offset + 4 > len(raw):
            raise ValueError(f"element {index} of BYTES begins past the end")
        (length,) = struct.unpack_from("<I", raw, offset)
        offset += 4 + length
        if offset > len(raw):
            raise ValueError(f"element {index} of BYTES ends past the end")
        elements[index] = raw[offset - length : offset]
    if offset != len(raw):
        raise ValueError(f"{len(raw) - offset} bytes follow the last element of BYTES")
    return elements
