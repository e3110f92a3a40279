"""kserve's gRPC client, without the rest of the package that it comes in.

    from kserve_client import InferenceGRPCClient, InferInput, InferRequest

kserve/__init__.py imports a model server and Kubernetes' client too: 200 MiB that
no inference needs. Here its modules are found without it; each of those that the
client is made of is kserve's own, as it was installed.

Thread-safety: as kserve's.
Failure: ImportError where something of it is missing; TypeError beside tritonclient,
for one process cannot hold the messages of both.
"""

import importlib.util
import sys

sys.modules["kserve"] = importlib.util.module_from_spec(importlib.util.find_spec("kserve"))

from kserve.inference_client import InferenceGRPCClient  # noqa: E402
from kserve.protocol.infer_type import InferInput, InferRequest  # noqa: E402

__all__ = ["InferInput", "InferRequest", "InferenceGRPCClient"]
