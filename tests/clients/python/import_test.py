"""Shows that the package goes with others of the same messages, and needs little."""

import ast
import pathlib
import subprocess
import sys
import unittest

import weir_client

FOLDER = pathlib.Path(weir_client.__file__).parent

BESIDE = """
from tritonclient.grpc import service_pb2
from weir_client import contract
theirs = service_pb2.ModelReadyRequest(name="m", version="1")
ours = contract.message("ModelReadyRequest").FromString(theirs.SerializeToString())
assert (ours.name, ours.version) == ("m", "1"), ours
print("both")
"""


def run(code: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-B", "-W", "error", "-c", code]
    return subprocess.run(
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


class ImportTest(unittest.TestCase):
    def test_goes_before_tritonclient(self):
        done = run("import weir_client\nimport tritonclient.grpc\n" + BESIDE)
        self.assertEqual((done.stdout, done.returncode), ("both\n", 0))

    def test_goes_after_tritonclient(self):
        done = run("import tritonclient.grpc\nimport weir_client\n" + BESIDE)
        self.assertEqual((done.stdout, done.returncode), ("both\n", 0))

    def test_needs_grpc_protobuf_and_numpy_alone(self):
        allowed = {"grpc", "google", "numpy", "weir_client", *sys.stdlib_module_names}
        for path in FOLDER.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) else []
                for name in names:
                    self.assertIn(name.split(".")[0], allowed, path)

    def test_says_in_each_file_what_it_is(self):
        for path in FOLDER.glob("*.py"):
            self.assertTrue(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path)

    def test_is_typed(self):
        self.assertTrue((FOLDER / "py.typed").exists())
