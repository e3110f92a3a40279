"""Every way in which a request is refused or fails, as it comes over the wire."""

import signal
import struct
import tempfile

import grpc
import tensors
from daemon import Daemon, until
from refusal import Refusal
from served_case import ONE, ONE_SLOT, STUCK, ServedCase
from tritonclient.grpc import service_pb2

# A signature, a batch, and what the arithmetic of each refusal says.
STRICT = {
    "inputs": [
        {"name": "x", "datatype": "FP32", "shape": [-1, 2]},
        {"name": "ids", "datatype": "INT64", "shape": [-1], "values": [0, 9]},
    ],
    "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 2]}],
    "batch": {"rows_max": 4},
}


class OverloadTest(ServedCase):
    """A queue of two, and one slot, which is taken."""

    status = {}
    code = "RESOURCE_EXHAUSTED"

    def assert_overload(self, refusal: Refusal, pattern: str):
        self.assertEqual(refusal.code, self.code)
        self.assertRegex(refusal.message, pattern)
        self.assertTrue(refusal.advises(), refusal)

    def serve_queue(self, models, **queue):
        self.serve(models, devices=ONE_SLOT, queue=queue, overload=self.status)

    def test_says_when_to_come_again_where_a_queue_is_full(self):
        self.serve_queue({"m": STUCK}, requests_max=2)
        self.occupy("m", queued=2)
        refusal = self.refusal("m")
        self.assert_overload(refusal, r"^queue full \(2 of 2\), retry after \d+ ms$")
        self.assertEqual(int(refusal.message.split()[-2]), refusal.pushback)

    def test_says_when_to_come_again_where_the_bytes_of_a_queue_are_full(self):
        self.serve_queue({"m": STUCK}, bytes_max="3KiB")
        self.occupy("m", queued=2, tensor=("UINT8", [1200], bytes(1200)))
        refusal = self.refusal("m", ("UINT8", [1200], bytes(1200)))
        self.assert_overload(refusal, r"^queue bytes full \(\d+ of 3072\), retry after \d+ ms$")

    def test_says_when_to_come_again_where_the_server_has_enough_requests(self):
        self.serve_queue({"m": STUCK, "other": {}}, requests_max=2, total_requests_max=2)
        self.occupy("m", queued=2)
        refusal = self.refusal("other")
        self.assert_overload(refusal, r"^server queue full \(2 of 2\), retry after \d+ ms$")

    def test_says_when_to_come_again_where_the_server_has_enough_bytes(self):
        self.serve_queue({"m": STUCK, "other": {}}, bytes_max="3KiB", total_bytes_max="4KiB")
        self.occupy("m", queued=2, tensor=("UINT8", [1200], bytes(1200)))
        refusal = self.refusal("other", ("UINT8", [1200], bytes(1200)))
        self.assert_overload(refusal, r"bytes of requests .*\(\d+ of 4096\)")

    def test_does_not_call_back_what_no_queue_can_hold(self):
        self.serve_queue({"m": {}}, bytes_max="1KiB")
        refusal = self.refusal("m", ("UINT8", [1200], bytes(1200)))
        self.assertEqual(refusal.code, "RESOURCE_EXHAUSTED")
        self.assertRegex(refusal.message, r"^request larger than its queue \(\d+ of 1024 bytes\)$")
        self.assertFalse(refusal.advises())

    def test_does_not_call_back_a_message_that_is_too_large(self):
        self.serve({"m": {}}, limits={"message_bytes_max": "4KiB"}, overload=self.status)
        refusal = self.refusal("m", ("UINT8", [5000], bytes(5000)))
        self.assertEqual(refusal.code, "RESOURCE_EXHAUSTED")
        self.assertFalse(refusal.advises())


class UnavailableOverloadTest(OverloadTest):
    """The same for clients that come again after nothing else."""

    status = {"status": "unavailable"}
    code = "UNAVAILABLE"


class DeadlineTest(ServedCase):
    def setUp(self):
        super().setUp()
        self.serve({"m": STUCK}, devices=ONE_SLOT)
        self.occupy("m", queued=0)

    def test_says_where_and_how_long_a_request_waited(self):
        refusal = self.expired("m")
        self.assertGreaterEqual(int(refusal.message.split()[-2]), 50)
        self.assertFalse(refusal.advises())

    def test_leaves_nothing_in_the_queue_of_a_client_whose_deadline_passed(self):
        self.assertEqual(self.refusal("m", timeout=0.05).code, "DEADLINE_EXCEEDED")
        self.await_queued("m", 0)

    def test_runs_nothing_for_a_client_that_went_away(self):
        waiting = self.ask("m")
        self.await_queued("m", 1)
        waiting.cancel()
        self.await_queued("m", 0)
        self.assertEqual(waiting.code(), grpc.StatusCode.CANCELLED)


class UnavailableTest(ServedCase):
    def assert_unavailable(self, refusal: Refusal, message: str):
        self.assertEqual((refusal.code, refusal.message), ("UNAVAILABLE", message))
        self.assertFalse(refusal.advises())

    def test_answers_for_a_model_that_is_loading(self):
        socket = "unix:" + self.enterContext(tempfile.TemporaryDirectory()) + "/socket"
        models = {"m": {"backend_options": {"load_gate": "never"}}}
        listen = {"grpc": [socket], "http": []}
        with Daemon(models=models, listen=listen).launched():
            self.connect(socket)
            refusal = Refusal.of(self.ask("m", wait_for_ready=True))
            self.assert_unavailable(refusal, 'model "m" is not ready')

    def test_answers_while_it_drains(self):
        self.serve({"m": STUCK}, devices=ONE_SLOT)
        self.occupy("m", queued=0)
        self.daemon.signal(signal.SIGTERM)
        until(lambda: self.daemon.series()["weir_draining"] == 1, "the drain")
        refusal = until(self.refused_at_the_door, "a refusal")
        self.assert_unavailable(refusal, "the server is shutting down")

    def refused_at_the_door(self):
        """None where the request was let in, just before."""
        refusal = self.refusal("m", timeout=0.5)
        return None if refusal.code == "DEADLINE_EXCEEDED" else refusal

    def test_gives_up_a_run_that_takes_too_long(self):
        self.serve({"m": STUCK}, limits={"run_time_max": "100ms"})
        self.assert_unavailable(self.refusal("m"), 'model "m": the run took too long')

    def test_answers_for_a_model_all_of_whose_runs_are_stuck(self):
        self.serve({"m": STUCK | {"runs_max": 1}}, limits={"run_time_max": "100ms"})
        self.refusal("m")
        why = 'model "m" is not ready: all its runs are stuck'
        self.assert_unavailable(self.refusal("m"), why)

    def test_answers_for_a_slot_that_fails_and_then_goes_on(self):
        self.serve({"m": {"backend_options": {"faults_at": "1", "fault": "slot"}}})
        self.assert_unavailable(self.refusal("m"), "the slot failed during the run")
        self.assertEqual(tensors.outputs_of(self.ask("m").result()), {"x": ONE})

    def test_answers_for_a_device_that_is_lost(self):
        lost = {"backend_options": {"faults_at": "1", "fault": "device"}}
        self.serve({"m": lost}, devices=[{"device": "fake:0", "on_lost": "stay"}])
        self.assert_unavailable(self.refusal("m"), "the device was lost during the run")


class WrongRequestTest(ServedCase):
    def setUp(self):
        super().setUp()
        self.serve({"strict": STRICT, "m": {}})

    def strict(self, x=("FP32", [1, 2], bytes(8)), ids=("INT64", [1], bytes(8)), **fields):
        inputs = {"x": x, "ids": ids} | fields.pop("more", {})
        return tensors.request_of("strict", inputs, **fields)

    def refusal_of(self, request) -> tuple[str, str]:
        refusal = Refusal.of(self.stub.ModelInfer.future(request))
        self.assertFalse(refusal.advises())
        return refusal.code, refusal.message

    def test_does_not_find_an_unknown_model_or_version(self):
        for name, version, message in (
            ("nobody", "", 'unknown model "nobody"'),
            ("", "", 'unknown model ""'),
            ("m", "2", 'unknown model "m", version 2'),
        ):
            request = tensors.request_of(name, {"x": ONE}, model_version=version)
            self.assertEqual(self.refusal_of(request), ("NOT_FOUND", message))

    def test_says_what_it_expected_and_what_it_got(self):
        twice = self.strict()
        twice.inputs[1].name = "x"
        both = self.strict()
        both.inputs[0].contents.fp32_contents.extend([1, 2])
        few = self.strict()
        del few.raw_input_contents[1:]
        wrong = ("INT64", [1], struct.pack("<q", 10))
        two, five = ("FP32", [2, 2], bytes(16)), ("FP32", [5, 2], bytes(40))
        x_is_not = 'input "x": expected FP32 [-1,2], got '
        not_the_batch = "dimension 0 is the batch and must be the same for all inputs"
        not_a_version = "a model's version is a decimal number, or empty for the newest"
        for request, message in (
            (self.strict(("FP64", [1, 2], bytes(16))), x_is_not + "FP64 [1,2]"),
            (self.strict(("FP32", [1, 3], bytes(12))), x_is_not + "FP32 [1,3]"),
            (self.strict(("FP32", [2], bytes(8))), x_is_not + "FP32 [2]"),
            (self.strict(two), 'input "ids": ' + not_the_batch),
            (self.strict(five, ("INT64", [5], bytes(40))), "5 rows, the model takes at most 4"),
            (self.strict(ids=wrong), 'input "ids": value 10 is not within [0,9]'),
            (self.strict(more={"z": ONE}), 'input "z" is not one of the 2 that the model takes'),
            (tensors.request_of("strict", {"x": ONE}), 'input "ids" is missing'),
            (twice, 'input "x" is given twice'),
            (both, 'input "x": expected no contents beside raw_input_contents'),
            (few, "expected one of raw_input_contents for each of 2 inputs, got 1"),
            (self.strict(outputs=["q"]), 'output "q" is not one of the 1 that the model gives'),
            (self.strict(outputs=["y", "y"]), 'output "y" is given twice'),
            (self.strict(model_version="01"), not_a_version),
        ):  # fmt: skip
            with self.subTest(message):
                self.assertEqual(self.refusal_of(request), ("INVALID_ARGUMENT", message))

    def test_refuses_a_parameter_that_it_does_not_serve_by_its_name(self):
        for name in ("sequence_id", "sequence_start", "nonsense"):
            request = self.strict()
            request.parameters[name].int64_param = 1
            code, message = self.refusal_of(request)
            self.assertEqual(code, "INVALID_ARGUMENT")
            self.assertIn(f'"{name}"', message)

    def test_takes_what_perf_analyzer_sends_always(self):
        request = self.strict()
        request.parameters["triton_enable_empty_final_response"].bool_param = True
        self.assertEqual(self.stub.ModelInfer(request).model_name, "strict")

    def test_says_what_it_does_not_serve(self):
        call = self.stub.CudaSharedMemoryStatus.future(service_pb2.CudaSharedMemoryStatusRequest())
        refusal = Refusal.of(call)
        self.assertEqual(refusal.code, "UNIMPLEMENTED")
        self.assertIn("CudaSharedMemoryStatus", refusal.message)


class FailedRunTest(ServedCase):
    def failure(self, **options) -> tuple[str, str]:
        if not hasattr(self, "daemon"):
            self.serve({"m": {"backend_options": options}})
        refusal = self.refusal("m")
        self.assertFalse(refusal.advises())
        return refusal.code, refusal.message

    def test_tells_the_models_fault_from_the_clients(self):
        code, message = self.failure(fails_every="1", fail_code="invalid_argument")
        self.assertEqual((code, message), ("INVALID_ARGUMENT", "scripted: this run fails"))

    def test_tells_a_failure_of_the_model(self):
        code, message = self.failure(fails_every="1")
        self.assertEqual((code, message), ("INTERNAL", "scripted: this run fails"))

    def test_survives_whatever_a_model_throws_and_shows_no_path(self):
        for kind in ("standard", "foreign", "integer"):
            with self.subTest(kind):
                self.serve({"m": {"backend_options": {"throws_at": "1", "throw_kind": kind}}})
                code, message = self.failure()
                self.assertEqual(code, "INTERNAL")
                self.assertNotIn("/", message)
                self.assertEqual(tensors.outputs_of(self.ask("m").result()), {"x": ONE})

    def test_does_not_answer_with_an_output_of_another_shape(self):
        io = [{"name": "x", "datatype": "FP32", "shape": [-1]}]
        options = {"misshapes_every": "1"}
        batched = {"inputs": io, "outputs": io, "batch": {"rows_max": 2}}
        self.serve({"m": batched | {"backend_options": options}})
        message = 'output "x": the model returned FP32 [0] for 1 rows'
        self.assertEqual(self.failure(), ("INTERNAL", message))
