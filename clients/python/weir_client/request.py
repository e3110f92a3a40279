"""A ModelInferRequest, made of arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from weir_client import contract
from weir_client.tensor import Input, datatype_of, encode

Inputs = Union[Mapping[str, npt.ArrayLike], Sequence[Input]]
Parameter = Union[bool, int, float, str]

_INT64_MAX = 2**63 - 1


def infer_request(
    model: str,
    inputs: Inputs,
    outputs: Sequence[str] | None,
    version: str,
    request_id: str,
    priority: int,
    parameters: Mapping[str, Parameter] | None,
) -> Any:
    """The message. What these mean: Client.infer.

    TypeError for what the protocol has no place for, ValueError for a number that is
    out of its range.
    """
    request = contract.message("ModelInferRequest")(
        model_name=model, model_version=version, id=request_id
    )
    if isinstance(inputs, Mapping):
        inputs = [Input(name, data) for name, data in inputs.items()]
    for given in inputs:
        _add_input(request, given)
    for name in outputs or ():
        request.outputs.add(name=name)
    for key, value in (parameters or {}).items():
        _set(request.parameters[key], key, value)
    if priority:
        request.parameters["priority"].uint64_param = priority
    return request


def _add_input(request: Any, given: Input) -> None:
    array = np.asarray(given.data)
    if array.dtype.kind in "SU" and not isinstance(given.data, np.ndarray):
        # numpy's own strings lose the NUL bytes that they end in.
        array = np.asarray(given.data, dtype=object)
    try:
        datatype = given.datatype or datatype_of(array)
        raw = encode(array, datatype)
    except TypeError as error:
        raise TypeError(f'input "{given.name}": {error}') from None
    request.inputs.add(name=given.name, datatype=datatype, shape=array.shape)
    request.raw_input_contents.append(raw)


def _set(parameter: Any, key: str, value: Parameter) -> None:
    # A bool is an int to Python.
    if isinstance(value, bool):
        parameter.bool_param = value
    elif isinstance(value, int):
        setattr(parameter, "uint64_param" if value > _INT64_MAX else "int64_param", value)
    elif isinstance(value, float):
        parameter.double_param = value
    elif isinstance(value, str):
        parameter.string_param = value
    else:
        raise TypeError(f'parameter "{key}" is bool, int, float or str, not {type(value).__name__}')
