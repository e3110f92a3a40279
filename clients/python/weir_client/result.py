"""The answer to one inference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import grpc

from weir_client.error import InferenceError
from weir_client.tensor import Array, decode


class InferResult(Mapping[str, Array]):
    """The outputs by name, in the order asked for, and who answered.

        result["y"], list(result), dict(result), result.model_version

    The arrays are read-only views of the answer, which lives as long as any of them;
    copy one to write to it. `datatypes` tells BF16, whose arrays hold bits, from
    UINT16.

    Thread-safety: read-only.
    """

    model_name: str
    model_version: str
    id: str
    datatypes: Mapping[str, str]

    def __init__(self, response: Any) -> None:
        """Of a ModelInferResponse. InferenceError INTERNAL if it breaks the protocol."""
        self.model_name = response.model_name
        self.model_version = response.model_version
        self.id = response.id
        self.datatypes = {output.name: output.datatype for output in response.outputs}
        self._arrays: dict[str, Array] = {}
        if len(response.outputs) != len(response.raw_output_contents):
            raise InferenceError(
                grpc.StatusCode.INTERNAL,
                f"the answer has {len(response.outputs)} outputs"
                f" and raw contents of {len(response.raw_output_contents)}",
            )
        for output, raw in zip(response.outputs, response.raw_output_contents):
            try:
                self._arrays[output.name] = decode(raw, output.datatype, tuple(output.shape))
            except ValueError as error:
                message = f'the answer\'s output "{output.name}": {error}'
                raise InferenceError(grpc.StatusCode.INTERNAL, message) from None

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        tensors = ", ".join(f"{n}: {self.datatypes[n]} {list(a.shape)}" for n, a in self.items())
        return f"<InferResult of {self.model_name} version {self.model_version}: {tensors}>"
