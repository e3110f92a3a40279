"""What a model takes and gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class TensorMetadata:
    """One input or output. A dimension of -1 is variable.

    A model that takes whatever comes shows "" and no shape.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class ModelMetadata:
    """A model: its ready versions, its tensors, and what else the server tells of it."""

    name: str
    versions: tuple[str, ...]
    platform: str
    inputs: tuple[TensorMetadata, ...]
    outputs: tuple[TensorMetadata, ...]
    properties: Mapping[str, str]


def metadata_of(response: Any) -> ModelMetadata:
    """The answer to ModelMetadata."""

    def tensors(described: Any) -> tuple[TensorMetadata, ...]:
        return tuple(TensorMetadata(t.name, t.datatype, tuple(t.shape)) for t in described)

    return ModelMetadata(
        name=response.name,
        versions=tuple(response.versions),
        platform=response.platform,
        inputs=tensors(response.inputs),
        outputs=tensors(response.outputs),
        properties=dict(response.properties),
    )
