"""A server in this process: real gRPC on a real socket, with answers that a test scripts.

    with ModelServer() as server, Client(server.address) as client:
        server.answer = lambda request, context: ...     # echo, if not told
        client.infer("m", {"x": x})
        server.requests[-1].model_name

Its messages are tritonclient's, so that both ends of the wire are not ours. A script
refuses by `context.abort`, and waits, where it must, for `ended(context)`: the end of
the call.

Thread-safety: calls run on the server's threads; a test reads `requests` after them.
"""

import concurrent.futures
import threading

import grpc
from tritonclient.grpc import service_pb2

SERVICE = "inference.GRPCInferenceService"
WAIT_SECONDS_MAX = 20


def echo(request, context):
    """Each input as the output of the same name; the requested ones, if any are."""
    response = service_pb2.ModelInferResponse(
        model_name=request.model_name, model_version=request.model_version or "1", id=request.id
    )
    inputs = dict(
        zip((i.name for i in request.inputs), zip(request.inputs, request.raw_input_contents))
    )
    for name in [output.name for output in request.outputs] or inputs:
        tensor, raw = inputs[name]
        response.outputs.add(name=name, datatype=tensor.datatype, shape=tensor.shape)
        response.raw_output_contents.append(raw)
    return response


def ended(context) -> threading.Event:
    """An event that is set when the call ends, whoever ends it."""
    event = threading.Event()
    if not context.add_callback(event.set):
        event.set()
    return event


class ModelServer:
    def __init__(self, address: str = "127.0.0.1:0"):
        self.answer = echo
        self.answers = {
            "ServerLive": service_pb2.ServerLiveResponse(live=True),
            "ServerReady": service_pb2.ServerReadyResponse(ready=True),
            "ModelReady": service_pb2.ModelReadyResponse(ready=True),
            "ModelMetadata": service_pb2.ModelMetadataResponse(),
        }
        self.requests = []
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
        handlers = {name: self._handler(name) for name in (*self.answers, "ModelInfer")}
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE, handlers),)
        )
        port = self._server.add_insecure_port(address)
        self.address = address if address.startswith("unix:") else f"127.0.0.1:{port}"

    def __enter__(self):
        self._server.start()
        return self

    def __exit__(self, *_):
        self._server.stop(grace=None).wait()

    def _handler(self, name: str):
        def handle(request, context):
            self.requests.append(request)
            return self.answer(request, context) if name == "ModelInfer" else self.answers[name]

        return grpc.unary_unary_rpc_method_handler(
            handle,
            getattr(service_pb2, f"{name}Request").FromString,
            lambda message: message.SerializeToString(),
        )
