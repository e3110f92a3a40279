"""The client: a channel to one server, and a method for each thing to ask of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, final

import grpc

from weir_client import contract
from weir_client.error import error_of
from weir_client.future import InferFuture
from weir_client.metadata import ModelMetadata, metadata_of
from weir_client.request import Inputs, Parameter, infer_request
from weir_client.result import InferResult

TIMEOUT = 30.0
MESSAGE_BYTES_MAX = 64 * 1024 * 1024


@final
class Client:
    """One server's models.

        with Client("localhost:8001", timeout=2.0) as client:
            client.infer("mlp", {"x": x})["y"]

    It connects at the first call and again whenever the connection is lost. Make one
    for a process and share it: a channel is expensive, a call is not. After a fork, a
    child makes its own.

    Each method takes a `timeout` in seconds, the client's own if it is None, after which
    the call ends with DEADLINE_EXCEEDED. The server knows it, and does not start what
    cannot be in time.

    Failure: InferenceError for all that a server or the network answers, also when it
    cannot be reached (UNAVAILABLE, at once). TypeError and ValueError for arguments that
    cannot be sent; nothing was sent then. ValueError after `close`.

    Thread-safety: any number of threads may call it at once. `close` ends their calls
    with CANCELLED.
    """

    def __init__(
        self,
        address: str = "localhost:8001",
        *,
        timeout: float = TIMEOUT,
        message_bytes_max: int = MESSAGE_BYTES_MAX,
        credentials: grpc.ChannelCredentials | None = None,
        options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """Of a server at `host:port` or `unix:/path`; it need not be there yet.

        An answer of more than `message_bytes_max` is refused (RESOURCE_EXHAUSTED, with no
        retry_after). `credentials` are for TLS; without them all travels in the clear.
        `options` are gRPC's channel arguments and override ours: grpc.enable_http_proxy
        is 0, for a proxy of the environment is rarely meant for tensors.
        """
        self._timeout = _deadline(timeout)
        arguments = {
            "grpc.max_receive_message_length": message_bytes_max,
            "grpc.enable_http_proxy": 0,
            **dict(options),
        }
        if credentials is None:
            self._channel = grpc.insecure_channel(address, tuple(arguments.items()))
        else:
            self._channel = grpc.secure_channel(address, credentials, tuple(arguments.items()))
        self._calls: dict[str, Any] = {}
        for rpc in ("ServerLive", "ServerReady", "ModelReady", "ModelMetadata", "ModelInfer"):
            method = contract.method(rpc)
            self._calls[rpc] = self._channel.unary_unary(
                method.path, method.request.SerializeToString, method.response.FromString
            )

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the calls that are under way and the connection. Again does nothing."""
        self._channel.close()

    def live(self, *, timeout: float | None = None) -> bool:
        """Whether the server answers; one that cannot be reached is an InferenceError."""
        return bool(self._call("ServerLive", timeout).live)

    def ready(self, model: str = "", version: str = "", *, timeout: float | None = None) -> bool:
        """Whether the server, or the model, takes requests. An unknown model does not."""
        if not model:
            return bool(self._call("ServerReady", timeout).ready)
        return bool(self._call("ModelReady", timeout, name=model, version=version).ready)

    def metadata(
        self, model: str, version: str = "", *, timeout: float | None = None
    ) -> ModelMetadata:
        """The model's inputs and outputs. NOT_FOUND for an unknown one."""
        return metadata_of(self._call("ModelMetadata", timeout, name=model, version=version))

    def infer(
        self,
        model: str,
        inputs: Inputs,
        outputs: Sequence[str] | None = None,
        *,
        version: str = "",
        request_id: str = "",
        timeout: float | None = None,
        priority: int = 0,
        parameters: Mapping[str, Parameter] | None = None,
    ) -> InferResult:
        """Runs the model once and waits for the answer.

        `inputs` are arrays by name, or a sequence of `Input`; what numpy.asarray takes will
        do. `outputs` are the ones wanted, in that order; None for all. An empty `version`
        is the newest that is ready. `request_id` comes back as the result's id. `priority`
        1 is the highest, 0 the model's own. `parameters` are what else the server knows;
        it refuses what it does not.
        """
        request = infer_request(model, inputs, outputs, version, request_id, priority, parameters)
        return InferResult(self._send("ModelInfer", request, timeout))

    def infer_async(
        self,
        model: str,
        inputs: Inputs,
        outputs: Sequence[str] | None = None,
        *,
        version: str = "",
        request_id: str = "",
        timeout: float | None = None,
        priority: int = 0,
        parameters: Mapping[str, Parameter] | None = None,
    ) -> InferFuture:
        """The same, but returns at once. How many are under way is the caller's to bound."""
        request = infer_request(model, inputs, outputs, version, request_id, priority, parameters)
        call = self._calls["ModelInfer"].future(request, timeout=self._within(timeout))
        return InferFuture(call)

    def _call(self, rpc: str, timeout: float | None, **fields: str) -> Any:
        return self._send(rpc, contract.method(rpc).request(**fields), timeout)

    def _send(self, rpc: str, request: Any, timeout: float | None) -> Any:
        try:
            return self._calls[rpc](request, timeout=self._within(timeout))
        except grpc.RpcError as error:
            raise error_of(error) from None

    def _within(self, timeout: float | None) -> float:
        return self._timeout if timeout is None else _deadline(timeout)


def _deadline(seconds: float) -> float:
    if not (seconds > 0 and math.isfinite(seconds)):
        raise ValueError(f"a timeout is a number of seconds above 0, not {seconds}")
    return seconds
