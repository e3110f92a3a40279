"""Refusal: how a call ended, read as a client that is not ours reads it.

    refusal = Refusal.of(stub.ModelInfer.future(request))
    refusal.code, refusal.message
    refusal.advises()            # whether it says when to come again, all in one voice

Thread-safety: a value.
Failure: AssertionError where a call was answered, or its advice contradicts itself.
"""

import dataclasses

import daemon
import grpc
from google.rpc import error_details_pb2, status_pb2


@dataclasses.dataclass(frozen=True)
class Refusal:
    code: str
    message: str
    # Milliseconds; none where there is no such advice.
    pushback: int | None
    retry_delay: float | None

    @staticmethod
    def of(call) -> "Refusal":
        try:
            code = call.code(), call.details()
            answer = call.exception(daemon.WAIT_SECONDS_MAX)
        except grpc.FutureTimeoutError:
            raise AssertionError("never answered") from None
        if answer is None:
            raise AssertionError("answered, not refused")
        trailers = dict(call.trailing_metadata() or ())
        pushback = trailers.get("grpc-retry-pushback-ms")
        return Refusal(
            code[0].name,
            code[1],
            None if pushback is None else int(pushback),
            retry_delay_of(trailers.get("grpc-status-details-bin"), *code),
        )

    def advises(self) -> bool:
        if self.pushback is None and self.retry_delay is None:
            return False
        if self.pushback is None or self.retry_delay is None:
            raise AssertionError(f"half an advice: {self}")
        # The trailer has whole milliseconds, rounded up.
        if not 0 <= self.pushback - self.retry_delay < 1:
            raise AssertionError(f"two advices: {self}")
        return True


def retry_delay_of(details: bytes | None, code, message: str) -> float | None:
    if details is None:
        return None
    status = status_pb2.Status.FromString(details)
    if (status.code, status.message) != (code.value[0], message):
        raise AssertionError(f"the details are of another status: {status}")
    advice = error_details_pb2.RetryInfo()
    if [status.details[0].Unpack(advice), len(status.details)] != [True, 1]:
        raise AssertionError(f"no RetryInfo: {status}")
    return advice.retry_delay.ToNanoseconds() / 1e6
