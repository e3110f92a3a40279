"""One inference, printed.

    python3 infer.py MODEL [--address localhost:8001] [--timeout 10]

Asks the server what the model takes, sends zeros of that (1 in each variable
dimension), and prints what came back. Exits 1, with what the server said, if it
refuses.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from weir_client import Client, InferenceError, Input, TensorMetadata

# What a numpy array of zeros must be for each datatype; BF16's bits are of uint16.
NUMPY = {"BOOL": "bool", "BYTES": "object", "BF16": "uint16"}
NUMPY |= {
    f"{sign}{bits}": f"{sign.lower()}{bits}" for sign in ("INT", "UINT") for bits in (8, 16, 32, 64)
}
NUMPY |= {f"FP{bits}": f"float{bits}" for bits in (16, 32, 64)}


def zeros(tensor: TensorMetadata) -> Input:
    if not tensor.datatype:
        raise SystemExit(f'input "{tensor.name}" has no declared datatype; what to send is yours')
    shape = [max(dimension, 1) for dimension in tensor.shape]
    array = np.zeros(shape, NUMPY[tensor.datatype])
    if tensor.datatype == "BYTES":
        array.fill(b"")
    return Input(tensor.name, array, tensor.datatype)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="One inference, printed.")
    parser.add_argument("model")
    parser.add_argument("--address", default="localhost:8001", help="host:port or unix:/path")
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds for each call")
    options = parser.parse_args(arguments)
    try:
        with Client(options.address, timeout=options.timeout) as client:
            metadata = client.metadata(options.model)
            result = client.infer(options.model, [zeros(tensor) for tensor in metadata.inputs])
    except InferenceError as error:
        print(f"infer.py: {error}", file=sys.stderr)
        return 1
    print(f"model {result.model_name}, version {result.model_version}")
    for name, array in result.items():
        print(f"{name}: {result.datatypes[name]} {list(array.shape)}\n{array}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
