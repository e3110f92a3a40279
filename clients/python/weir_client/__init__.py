"""A client for weir, and for any other server of the Open Inference Protocol over gRPC.

    import numpy as np
    from weir_client import Client, InferenceError

    with Client("localhost:8001", timeout=2.0) as client:
        try:
            result = client.infer("mlp", {"x": np.ones((1, 256), np.float32)})
        except InferenceError as error:
            print(error.code, error.message, error.retry_after)
        else:
            print(result["y"], result.model_version)

        futures = [client.infer_async("mlp", {"x": x}) for x in batches]
        answers = [future.result() for future in futures]

Tensors are numpy arrays. What each datatype of the protocol is here:

    BOOL                        numpy.bool_
    INT8 .. INT64               numpy.int8 .. numpy.int64
    UINT8 .. UINT64             numpy.uint8 .. numpy.uint64
    FP16, FP32, FP64            numpy.float16, float32, float64
    BF16                        its bits in numpy.uint16, see `Input` and `widen_bf16`
    BYTES                       objects: bytes come out; bytes or str (as UTF-8) go in

Nothing is converted on the way: an array of float64 is an FP64 tensor, and a model
that wants FP32 refuses it. NaN payloads and negative zeros arrive as they were sent.

Every call has a deadline: the client's `timeout`, or its own. Nothing is tried again:
`InferenceError.retry_after` says whether and when that is worth while.

Messages live in a descriptor pool of this package's own, so it can be imported before
or after tritonclient, or any other package that has the same messages.
"""

from weir_client.client import Client
from weir_client.error import InferenceError
from weir_client.future import InferFuture
from weir_client.metadata import ModelMetadata, TensorMetadata
from weir_client.result import InferResult
from weir_client.tensor import Input, widen_bf16

__all__ = [
    "Client",
    "InferFuture",
    "InferResult",
    "InferenceError",
    "Input",
    "ModelMetadata",
    "TensorMetadata",
    "widen_bf16",
]
