"""Many clients of many models at once, some of which fail, wait too long or go away."""

import collections
import concurrent.futures
import random
import struct

import grpc
import tensors
from daemon import WAIT_SECONDS_MAX, until
from served_case import ServedCase
from tritonclient.grpc import service_pb2_grpc

CLIENTS, REQUESTS = 32, 200
WIDTH = 4
QUEUE_MAX = 6


def model(delay_max="0ms", **options) -> dict:
    io = [{"name": "x", "datatype": "INT64", "shape": [-1, WIDTH]}]
    batch = {"rows_max": 8, "delay_max": delay_max}
    return {"inputs": io, "outputs": io, "batch": batch, "backend_options": options}


def affine(scale: int, offset: int, **more) -> dict:
    options = {"compute": "affine", "scale": str(scale), "offset": str(offset)}
    return model(**options, **more)


MODELS = {
    "double": affine(2, 1),
    "patient": affine(3, -7, delay_max="2ms"),
    "slow": affine(5, 11, delay="3ms"),
    # A batch of several that fails runs again one by one: -1 alone is refused.
    "touchy": affine(7, 0, poison="-1", fail_code="invalid_argument"),
    "flaky": {"backend_options": {"compute": "affine", "offset": "2", "fails_every": "5"}},
    # Its queue is full all the time, however slow the clients are.
    "full": model(gate="never", heeds_stop="true") | {"runs_max": 1},
}
COMPUTES = {
    "double": lambda value: 2 * value + 1,
    "patient": lambda value: 3 * value - 7,
    "slow": lambda value: 5 * value + 11,
    "touchy": lambda value: 7 * value,
    "flaky": lambda value: value + 2,
}
NOBODY = "nobody"


class Client:
    """One of many; `ends` counts how its requests ended by model and code."""

    def __init__(self, address: str, seed: int):
        self.address, self.random = address, random.Random(seed)
        self.ends = collections.Counter()

    def run(self):
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(self.address, options) as channel:
            self.stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
            for _ in range(REQUESTS):
                self.ask(self.random.choice([*MODELS, NOBODY]))
        return self.ends

    def ask(self, name: str):
        rows = self.random.randint(1, 3)
        values = [self.random.randrange(10**9) for _ in range(rows * WIDTH)]
        poisoned = name == "touchy" and self.random.random() < 0.2
        if poisoned:
            values[-1] = -1
        content = struct.pack(f"<{len(values)}q", *values)
        request = tensors.request_of(name, {"x": ("INT64", [rows, WIDTH], content)})
        if name == "slow" and self.random.random() < 0.3:
            # Told to the server alone, so that both count the same.
            request.parameters["timeout"].int64_param = 2000
        call = self.stub.ModelInfer.future(request)
        if name == "patient" and self.random.random() < 0.2:
            call.cancel()
        self.note(name, call, values, poisoned)

    def note(self, name: str, call, values: list[int], poisoned: bool):
        try:
            answer = call.result(WAIT_SECONDS_MAX)
        except (grpc.RpcError, grpc.FutureCancelledError):
            self.ends[name, call.code().name] += 1
            return
        if poisoned:
            raise AssertionError("a request that must fail was answered")
        content = tensors.outputs_of(answer)["x"][2]
        if tensors.values_of("INT64", content) != [COMPUTES[name](value) for value in values]:
            raise AssertionError(f"{name} answers {content} to {values}")
        self.ends[name, "OK"] += 1


def certain(counts: collections.Counter) -> collections.Counter:
    """Without the requests that were cancelled: how far those came nobody can know, and
    one whose message never came is counted for no model."""
    return collections.Counter({
        (name, code): count
        for (name, code), count in counts.items()
        if name != "patient" and (name, code) != (NOBODY, "CANCELLED")
    })  # fmt: skip


class MixedLoadTest(ServedCase):
    def setUp(self):
        super().setUp()
        # Two for the clients, and one that "full" keeps.
        three = [{"device": "fake:0", "slots": 3}]
        queue = {"requests_max": QUEUE_MAX, "total_requests_max": 2048}
        self.serve(MODELS, devices=three, queue=queue)

    def ends(self) -> collections.Counter:
        clients = [Client(self.daemon.grpc, seed) for seed in range(CLIENTS)]
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            return sum(pool.map(Client.run, clients), collections.Counter())

    def counted(self) -> collections.Counter:
        """As `ends`, by the daemon."""
        ends = self.daemon.ends()
        counts = {(model or NOBODY, code): count for (model, code), count in ends.items()}
        return certain(collections.Counter(counts))

    def test_answers_each_request_rightly_and_counts_it_once(self):
        self.occupy("full", QUEUE_MAX, ("INT64", [1, WIDTH], bytes(8 * WIDTH)))
        ends = self.ends()
        for call in self.calls:
            call.cancel()
        ends["full", "CANCELLED"] += len(self.calls)
        until(lambda: self.counted()["full", "CANCELLED"] == len(self.calls), "their ends")
        codes = {code for _, code in ends}
        self.assertEqual(
            codes,
            {
                "OK", "NOT_FOUND", "INVALID_ARGUMENT", "INTERNAL", "DEADLINE_EXCEEDED",
                "RESOURCE_EXHAUSTED", "CANCELLED",
            },
        )  # fmt: skip
        self.assertEqual(self.counted(), certain(ends))
        self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual(self.daemon.count("accepted"), self.daemon.count("answered"))
