"""NVIDIA's load tool against the daemon.

It is a program of tritonclient's package, linked against a library of CUDA's that it
does not use here.
"""

import csv
import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import unittest

from daemon import WAIT_SECONDS_MAX, Daemon

PROGRAM = pathlib.Path(sys.prefix) / "bin" / "perf_analyzer"
LIBRARIES = pathlib.Path(sysconfig.get_path("purelib")) / "nvidia" / "cuda_runtime" / "lib"
IO = [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}]
ROWS = {"inputs": IO, "outputs": IO, "batch": {"rows_max": 4}}
FAILING = {"backend_options": {"fails_every": "20"}}
REFUSED = 99


class PerfAnalyzerCase(unittest.TestCase):
    def analyze(self, model: str, *arguments: str) -> subprocess.CompletedProcess:
        """Without more, 400 requests one after the other."""
        self.report = self.daemon.folder / "report.csv"
        self.report.unlink(missing_ok=True)
        return subprocess.run(
            [
                PROGRAM, "-u", self.daemon.grpc, "-i", "grpc", "-m", model, "-f", self.report,
                *(arguments or ["--request-count", "400"]),
            ],
            env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(LIBRARIES)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=WAIT_SECONDS_MAX,
        )  # fmt: skip

    def measured(self, model: str, *arguments: str) -> tuple[str, list[dict]]:
        """What it printed, and the lines of its report as numbers. It counts requests, not
        time: how even its windows are is the machine's matter."""
        done = self.analyze(model, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        with self.report.open() as report:
            lines = [
                {name: float(value) for name, value in line.items()}
                for line in csv.DictReader(report)
            ]
        return done.stdout, lines

    def assert_refused(self, model: str, why: str, *arguments: str):
        """It says so, and takes it for no success."""
        done = self.analyze(model, *arguments)
        self.assertEqual(done.returncode, REFUSED, done.stdout)
        self.assertIn(why, done.stderr)
        self.assertNotIn("throughput", done.stdout)
        self.assertFalse(self.report.exists())


class PerfAnalyzerDemoTest(PerfAnalyzerCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon())

    def numbers(self, name: str, output: str) -> list[int]:
        return [int(number) for number in re.findall(rf"^ *{name}: (\d+)$", output, re.M)]

    def test_measures_one_client_and_eight(self):
        for model in ("identity", "mlp"):
            for concurrency in (1, 8):
                with self.subTest(model=model, concurrency=concurrency):
                    load = ("--request-count", "400", "--concurrency-range", str(concurrency))
                    output, (line,) = self.measured(model, *load)
                    self.assertEqual(self.numbers("Request count", output), [400])
                    self.assertEqual(line["Concurrency"], concurrency)
                    self.assertGreater(line["Inferences/Second"], 0)
                    self.assertGreaterEqual(line["p99 latency"], line["p50 latency"])
                    self.assertGreater(line["p50 latency"], 0)
        self.assertEqual(self.daemon.ends(), {("identity", "OK"): 800, ("mlp", "OK"): 800})

    # It asks for the statistics when its first requests are under way: those that are
    # answered by then are in no difference of two.
    def test_reads_in_the_statistics_what_the_model_did_meanwhile(self):
        load = ("-b", "4", "--request-count", "400", "--concurrency-range", "8")
        output, (line,) = self.measured("mlp", *load)
        (answered,) = self.numbers("Successful request count", output)
        self.assertEqual(self.numbers("Inference count", output), [4 * answered])
        (executions,) = self.numbers("Execution count", output)
        self.assertTrue(0 < executions <= answered <= 400)
        self.assertGreater(line["Server Compute Infer"], 0)

    def test_measures_by_its_asynchronous_client(self):
        load = ("--async", "--request-count", "400", "--concurrency-range", "8")
        output, lines = self.measured("convolution", *load)
        self.assertEqual(self.numbers("Request count", output), [400])
        self.assertGreater(lines[0]["Inferences/Second"], 0)
        self.assertEqual(self.daemon.ends(), {("convolution", "OK"): 400})

    def test_reports_a_model_that_is_not_there(self):
        self.assert_refused("nobody", 'failed to get model metadata: unknown model "nobody"')

    # It takes what is UNIMPLEMENTED and says nothing for done.
    def test_reports_what_is_not_served(self):
        not_served = '"/inference.GRPCInferenceService/SystemSharedMemoryRegister" is not served'
        load = ("--shared-memory", "system", "--request-count", "20")
        self.assert_refused("mlp", not_served, *load)


class PerfAnalyzerRefusalTest(PerfAnalyzerCase):
    def setUp(self):
        models = {"rows": ROWS, "alone": {"inputs": IO, "outputs": IO}, "failing": ROWS | FAILING}
        self.daemon = self.enterContext(Daemon(models))

    def test_reports_a_model_that_fails_now_and_then(self):
        self.assert_refused("failing", "Thread [0] had error: scripted: this run fails")
        self.assertEqual(self.daemon.ends(), {("failing", "OK"): 19, ("failing", "INTERNAL"): 1})

    def test_reports_that_its_batch_is_refused(self):
        why = "Thread [0] had error: 5 rows, the model takes at most 4"
        self.assert_refused("rows", why, "-b", "5", "--request-count", "400")

    def test_reads_in_the_configuration_which_model_takes_batches(self):
        load = ("-b", "4", "--request-count", "50")
        self.measured("rows", *load)
        self.assertEqual(self.daemon.ends(), {("rows", "OK"): 50})
        self.assert_refused("alone", "the model does not support batching", *load)
