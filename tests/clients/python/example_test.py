"""Runs the example as its reader would."""

import pathlib
import subprocess
import sys
import unittest

import model_server
from tritonclient.grpc import service_pb2

import weir_client

EXAMPLE = pathlib.Path(weir_client.__file__).parents[1] / "examples" / "infer.py"


class ExampleTest(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(model_server.ModelServer())

    def run_example(self, *inputs):
        answer = service_pb2.ModelMetadataResponse(name="m")
        for name, datatype, shape in inputs:
            answer.inputs.add(name=name, datatype=datatype, shape=shape)
        self.server.answers["ModelMetadata"] = answer
        command = [sys.executable, "-B", EXAMPLE, "m", "--address", self.server.address]
        return subprocess.run(
            command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def test_prints_the_outputs_of_one_inference(self):
        done = self.run_example(("x", "FP32", [-1, 2]), ("t", "BYTES", [1]), ("h", "BF16", [1]))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(
            done.stdout,
            "model m, version 1\nx: FP32 [1, 2]\n[[0. 0.]]\nt: BYTES [1]\n[b'']\nh: BF16 [1]\n[0]\n",
        )

    def test_knows_every_datatype(self):
        numbers = [f"{kind}{bits}" for kind in ("INT", "UINT") for bits in (8, 16, 32, 64)]
        datatypes = ["BOOL", "FP16", "BF16", "FP32", "FP64", "BYTES", *numbers]
        done = self.run_example(*((datatype, datatype, [1]) for datatype in datatypes))
        self.assertEqual(done.returncode, 0, done.stdout)
        for datatype in datatypes:
            self.assertIn(f"{datatype}: {datatype} [1]\n", done.stdout)

    def test_says_what_the_server_refused(self):
        def refuse(request, context):
            context.abort(model_server.grpc.StatusCode.UNAVAILABLE, "draining")

        self.server.answer = refuse
        done = self.run_example(("x", "FP32", [1]))
        self.assertEqual((done.stdout, done.returncode), ("infer.py: UNAVAILABLE: draining\n", 1))
