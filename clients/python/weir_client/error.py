"""The one exception of this package: what a server, or the way to it, answered."""

from __future__ import annotations

from typing import Any

import grpc

_PUSHBACK = "grpc-retry-pushback-ms"


class InferenceError(Exception):
    """A call that was not answered as asked.

    `code` is gRPC's: RESOURCE_EXHAUSTED for overload, DEADLINE_EXCEEDED, UNAVAILABLE
    for a server that drains or cannot be reached, NOT_FOUND and INVALID_ARGUMENT for
    what the request got wrong, INTERNAL also for an answer that breaks the protocol.
    `message` is a sentence. `retry_after` is in seconds: when the server wants to see
    the request again; -1 if never; None if it did not say.
    """

    code: grpc.StatusCode
    message: str
    retry_after: float | None

    def __init__(
        self, code: grpc.StatusCode, message: str, retry_after: float | None = None
    ) -> None:
        super().__init__(code, message, retry_after)
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.code.name}: {self.message}"


def error_of(call: Any) -> InferenceError:
    """What a call of gRPC that has ended otherwise than OK says."""
    return InferenceError(call.code(), call.details() or "", _retry_after(call))


def _retry_after(call: Any) -> float | None:
    for key, value in call.trailing_metadata() or ():
        if key == _PUSHBACK:
            # What is no number arrives as a very low one: gRPC sees to that.
            return int(value) / 1000 if int(value) >= 0 else -1.0
    return None
