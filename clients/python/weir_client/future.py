"""An inference under way."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import grpc

from weir_client.error import InferenceError, error_of
from weir_client.result import InferResult


class InferFuture(concurrent.futures.Future[InferResult]):
    """What Client.infer_async gives: a future as the standard library has them.

        future.result()                       # InferResult, or raises InferenceError
        concurrent.futures.as_completed(futures)
        await asyncio.wrap_future(future)

    `cancel` cancels the call at the server too; a future that was cancelled raises
    CancelledError. Callbacks run on a thread of gRPC's: they must not wait. The call's
    deadline ends the wait; `result(timeout)` is only about this one look.

    Thread-safety: as concurrent.futures.Future.
    """

    def __init__(self, call: Any) -> None:
        """Of a call of gRPC whose answer is a ModelInferResponse."""
        super().__init__()
        self._call = call
        call.add_done_callback(self._finish)

    def cancel(self) -> bool:
        is_cancelled = super().cancel()
        if is_cancelled:
            self._call.cancel()
        return is_cancelled

    def _finish(self, call: Any) -> None:
        if not self.set_running_or_notify_cancel():
            return
        try:
            if call.code() is not grpc.StatusCode.OK:
                raise error_of(call)
            result = InferResult(call.result())
        except InferenceError as error:
            self.set_exception(error)
        else:
            self.set_result(result)
