"""The messages and methods of proto/inference, as contract.binpb describes them.

    request = contract.message("ModelReadyRequest")(name="mlp")
    method = contract.method("ModelReady")

contract.binpb is the FileDescriptorSet that protoc writes; a suite holds it to the
.proto files. Code that protoc generates would register the messages in the one pool
that all packages of a process share, where a second one of the same name fails to
import; here they go into a pool of our own.

Thread-safety: everything here is read-only once imported.
"""

import functools
import pathlib
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "inference"
SERVICE = f"{PACKAGE}.GRPCInferenceService"


class Method(NamedTuple):
    """An RPC: its path on the wire and the classes of its two messages."""

    path: str
    request: Any
    response: Any


def _read_pool() -> Any:
    described = (pathlib.Path(__file__).parent / "contract.binpb").read_bytes()
    pool = descriptor_pool.DescriptorPool()
    # protoc writes a file after those that it imports.
    for file in descriptor_pb2.FileDescriptorSet.FromString(described).file:
        pool.AddSerializedFile(file.SerializeToString())
    return pool


_POOL = _read_pool()


@functools.cache
def message(name: str) -> Any:
    """The class of a message. KeyError for one that the contract does not have."""
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{PACKAGE}.{name}"))


def method(name: str) -> Method:
    """One of the service's RPCs. KeyError for one that it does not have."""
    found = _POOL.FindServiceByName(SERVICE).methods_by_name[name]
    return Method(
        f"/{SERVICE}/{name}", message(found.input_type.name), message(found.output_type.name)
    )
