"""Crowd: many requests under way over one connection, and how each of them ended.

    with Crowd(daemon.grpc) as crowd:
        crowd.send("m", 100)
        daemon.signal()
        crowd.ends()          # {"answered": 96, "refused": 4, "unreached": 0}

Thread-safety: one thread's.
Ownership: the connection, and with it the calls, end with the block.
Failure: AssertionError for an answer that is wrong, or a refusal that no drain explains.
"""

import grpc
import tensors
from daemon import WAIT_SECONDS_MAX
from served_case import ONE
from tritonclient.grpc import service_pb2

REFUSED = "the server is shutting down"


class Crowd:
    """Of models that give back what they get: all requests are of the same bytes."""

    def __init__(self, address: str, tensor=ONE):
        options = [("grpc.use_local_subchannel_pool", 1)]
        self.channel = grpc.insecure_channel(address, options)
        path = "/inference.GRPCInferenceService/ModelInfer"
        self.infer = self.channel.unary_unary(path)
        self.tensor, self.calls = tensor, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def ask(self, model: str) -> grpc.Future:
        """One that is none of those whose ends are counted."""
        return self.infer.future(self.request(model))

    def send(self, model: str, count: int):
        request = self.request(model)
        self.calls += [self.infer.future(request) for _ in range(count)]

    def request(self, model: str) -> bytes:
        return tensors.request_of(model, {"x": self.tensor}).SerializeToString()

    def ends(self) -> dict[str, int]:
        """How many were answered, how many refused by the server, and the rest."""
        counts = {"answered": 0, "refused": 0, "unreached": 0}
        for call in self.calls:
            error = call.exception(WAIT_SECONDS_MAX)
            if error is None:
                answer = service_pb2.ModelInferResponse.FromString(call.result())
                if [*tensors.outputs_of(answer).values()] != [self.tensor]:
                    raise AssertionError(f"a wrong answer: {answer}")
                counts["answered"] += 1
            elif call.code() == grpc.StatusCode.UNAVAILABLE:
                counts["refused" if call.details() == REFUSED else "unreached"] += 1
            else:
                raise AssertionError(f"{call.code()}: {call.details()}")
        return counts
