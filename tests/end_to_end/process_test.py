"""How the daemon begins, is asked to end, ends, and comes back."""

import os
import pathlib
import shutil
import signal
import statistics
import tempfile
import time
import unittest

import tensors
from daemon import BUILD, DEMO_MODELS, Daemon, until
from grpc_health.v1 import health_pb2, health_pb2_grpc
from refusal import Refusal
from served_case import ONE, ONE_SLOT, STUCK, ServedCase
from tritonclient.grpc import service_pb2

SERVING = health_pb2.HealthCheckResponse.SERVING
ENDED, REFUSED, CUT_SHORT, DEVICE_LOST = 0, 2, 3, 4


class BeginTest(ServedCase):
    def test_says_in_one_line_where_it_is_and_what_it_has(self):
        self.serve({"a": {}, "b": {}}, listen={"grpc": ["localhost:0"], "http": ["127.0.0.1:0"]})
        ready = self.daemon.ready
        self.assertEqual(list(ready), ["grpc", "http", "models", "slots", "start"])
        self.assertRegex(ready["grpc"], r"^127\.0\.0\.1:\d+(,\[::1\]:\d+)?$")
        self.assertEqual((ready["models"], ready["slots"].split(":")[:2]), ("2", ["fake", "0"]))
        self.assertRegex(ready["start"], r"^\d+\.\ds$")
        self.daemon.stop()
        self.assertEqual(self.daemon.process.stdout.read(), b"")

    # R55: the harness gives it a session of its own, no terminal and no input.
    def test_serves_without_a_terminal_and_logs_each_line_at_once(self):
        self.serve({"m": {}})
        self.assertEqual(os.getsid(self.daemon.process.pid), self.daemon.process.pid)
        self.assertEqual(tensors.outputs_of(self.ask("m").result()), {"x": ONE})
        self.assertEqual(self.daemon.messages()[-2:], ["device is up", "model is ready"])

    # R48: the first line of all.
    def test_logs_which_libtorch_it_met(self):
        with Daemon() as daemon:
            met = r"^libtorch ([\d.]+) from /.*libtorch_cpu\.[a-z.]+, built for \1$"
            self.assertRegex(daemon.messages()[0], met)

    def test_serves_without_any_standard_input(self):
        closed = ("sh", "-c", 'exec "$0" "$@" <&-')
        self.serve({"m": {}}, prefix=closed)
        self.assertEqual(tensors.outputs_of(self.ask("m").result()), {"x": ONE})
        self.assertEqual(self.daemon.stop(), ENDED)

    def test_serves_on_a_socket_for_its_own_user_alone(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        listen = {"grpc": [f"unix:{folder}/socket"], "http": ["127.0.0.1:0"]}
        self.serve({"m": {}}, listen=listen)
        self.assertEqual(tensors.outputs_of(self.ask("m").result()), {"x": ONE})
        self.assertEqual((folder / "socket").stat().st_mode & 0o777, 0o600)


class RefuseTest(unittest.TestCase):
    """Each sentence names what is wrong, and what to do is in it."""

    def assert_refused(self, daemon: Daemon, *patterns: str):
        code, said = daemon.run()
        self.assertEqual(code, REFUSED, said)
        for pattern in patterns:
            self.assertRegex(said, pattern)

    def test_refuses_a_configuration_that_is_wrong(self):
        self.assert_refused(
            Daemon({"m": {}}, queue={"requests_max": 0}),
            r"weir\.yaml:1:\d+: queue\.requests_max: .*got .0.; allowed: 1 to 1048576",
        )
        self.assert_refused(Daemon({"m": {}}, quue={}), r"weir\.yaml:1:\d+: .*quue")

    def test_refuses_where_there_are_no_models(self):
        self.assert_refused(Daemon({}), "/models: ")

    def test_refuses_a_model_that_is_none_and_names_it(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        shutil.copytree(DEMO_MODELS / "identity", folder / "good")
        (folder / "bad.pt").write_bytes(b"this is no model" * 100)
        self.assert_refused(Daemon(folder), r"bad\.pt: ")

    def test_refuses_a_model_whose_load_fails_and_names_it(self):
        broken = {"backend_options": {"load_fails_every": "1"}}
        self.assert_refused(Daemon({"good": {}, "bad": broken}), "bad.*scripted")

    def test_does_not_wait_for_a_load_that_takes_too_long(self):
        hangs = {"backend_options": {"load_gate": "never"}}
        daemon = Daemon({"bad": hangs}, limits={"load_time_max": "200ms"})
        self.assert_refused(daemon, "bad: .*longer than limits.load_time_max")

    def test_refuses_a_module_that_is_not_there(self):
        backend = {"module": "/nowhere/libweir_none.so"}
        self.assert_refused(Daemon({"m": {}}, backend=backend), "libweir_none.so")

    # R48: a daemon with the wrong one does not begin.
    def test_refuses_a_libtorch_that_its_module_was_not_built_for(self):
        backend = {"module": str(BUILD / "lib" / "libtorch_of_another_version.so")}
        met = r"built for libtorch 2\.9\.7, but 2\.\d+\.\d+.* from /.*libtorch_cpu"
        self.assert_refused(Daemon(backend=backend), met)

    def test_refuses_an_address_that_another_one_has(self):
        with Daemon({"m": {}}) as first:
            taken = {"grpc": [first.grpc], "http": ["127.0.0.1:0"]}
            self.assert_refused(Daemon({"m": {}}, listen=taken), first.grpc.rpartition(":")[2])
            self.assertEqual(first.get("/readyz")[0], 200)

    def test_refuses_a_socket_that_another_one_has(self):
        socket = self.enterContext(tempfile.TemporaryDirectory()) + "/socket"
        listen = {"grpc": [f"unix:{socket}"], "http": []}
        with Daemon({"m": {}}, listen=listen):
            self.assert_refused(Daemon({"m": {}}, listen=listen), socket)
            self.assertTrue(os.path.exists(socket))


class EndTest(ServedCase):
    def test_ends_when_it_is_asked(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number), Daemon({"m": {}}) as daemon:
                daemon.signal(number)
                self.assertEqual(daemon.wait(), ENDED)
                self.assertEqual(daemon.messages()[-1], "gone")
                self.assertEqual((daemon.count("accepted"), daemon.count("answered")), (0, 0))

    def test_ends_at_once_when_it_is_asked_again(self):
        self.serve({"m": STUCK}, devices=ONE_SLOT)
        self.occupy("m", queued=1)
        self.daemon.signal()
        going = "going away: answering what was accepted"
        until(lambda: going in self.daemon.messages(), "the drain")
        began = time.monotonic()

        def has_ended() -> bool:
            self.daemon.signal()
            return self.daemon.process.poll() is not None

        # The first of these may come too soon after the drain's to be a second.
        until(has_ended, "the end")
        self.assertEqual(self.daemon.wait(), CUT_SHORT)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual((self.daemon.count("accepted"), self.daemon.count("answered")), (2, 0))

    def test_takes_two_signals_of_one_cause_for_one(self):
        # As `timeout` ends the program and then its process group.
        self.serve({"m": {}}, drain={"grace": "500ms"})
        self.daemon.signal(signal.SIGTERM)
        self.daemon.signal(signal.SIGHUP)
        self.assertEqual(self.daemon.wait(), ENDED)

    def test_answers_what_is_left_at_the_deadline_of_the_drain(self):
        self.serve({"m": STUCK}, devices=ONE_SLOT, drain={"deadline": "200ms"})
        self.occupy("m", queued=3)
        self.assertEqual(self.daemon.stop(), CUT_SHORT)
        for call in self.calls:
            refusal = Refusal.of(call)
            why = "the server is shutting down"
            self.assertEqual((refusal.code, refusal.message), ("UNAVAILABLE", why))
        self.assertEqual((self.daemon.count("accepted"), self.daemon.count("answered")), (4, 4))

    def test_accepts_in_its_grace_and_says_that_it_goes(self):
        self.serve({"m": {}}, drain={"grace": "500ms"})
        self.daemon.signal()
        until(lambda: self.daemon.get("/readyz")[0] == 503, "not ready")
        self.assertEqual(tensors.outputs_of(self.ask("m").result()), {"x": ONE})
        self.assertEqual(self.daemon.get("/healthz")[0], 200)
        self.assertEqual(self.daemon.wait(), ENDED)


class ComeBackTest(ServedCase):
    def assert_serves(self, address: str):
        # Not by a connection that another channel still has.
        self.connect(address, ("grpc.use_local_subchannel_pool", 1))
        self.assertEqual(tensors.outputs_of(self.ask("m").result()), {"x": ONE})

    def start_again(self):
        self.daemon.launch()
        self.daemon.await_ready()

    # R54: there is no file that remembers it; a socket that nobody has is taken over.
    def test_serves_again_where_it_was_killed(self):
        with Daemon({"m": {}}) as first:
            ports = {"grpc": [first.grpc], "http": [first.http]}
        socket = self.enterContext(tempfile.TemporaryDirectory()) + "/socket"
        ports["grpc"].append(f"unix:{socket}")
        self.serve({"m": {}}, listen=ports)
        for address in (self.daemon.grpc, f"unix:{socket}"):
            self.assert_serves(address)
            self.daemon.kill()
            self.start_again()
            self.assert_serves(address)

    def test_ends_with_a_device_and_serves_when_it_is_started_again(self):
        lost = {"backend_options": {"faults_at": "3", "fault": "device"}}
        self.serve({"m": lost})
        for _ in range(3):
            for _ in range(2):
                self.assert_serves(self.daemon.grpc)
            self.assertEqual(self.refusal("m").code, "UNAVAILABLE")
            self.assertEqual(self.daemon.wait(), DEVICE_LOST)
            self.assertIn("device is lost", self.daemon.messages())
            self.assertEqual((self.daemon.count("accepted"), self.daemon.count("answered")), (3, 3))
            self.start_again()


class HealthTest(ServedCase):
    # R54: a run that never returns is noticed, and told.
    def test_is_not_ready_with_a_wedged_run_and_serves_the_rest(self):
        wedged = {"backend_options": {"gate": "never"}, "runs_max": 1}
        two = [{"device": "fake:0", "slots": 2}]
        self.serve({"m": wedged, "other": {}}, devices=two, limits={"run_time_max": "100ms"})
        self.assertEqual(self.daemon.get("/readyz"), (200, "ok\n"))
        self.assertEqual(self.refusal("m").code, "UNAVAILABLE")
        why = 'model "m" is not ready: all its runs are stuck\n'
        self.assertEqual(self.daemon.get("/readyz"), (503, why))
        self.assertFalse(self.stub.ServerReady(service_pb2.ServerReadyRequest()).ready)
        self.assertEqual(self.daemon.get("/healthz")[0], 200)
        self.assertEqual(tensors.outputs_of(self.ask("other").result()), {"x": ONE})
        self.assertEqual(self.daemon.stop(), ENDED)
        self.assertEqual((self.daemon.count("accepted"), self.daemon.count("answered")), (2, 2))

    def milliseconds(self, ask) -> float:
        """The median of some, for the machine does other things too."""
        times = []
        for _ in range(15):
            began = time.monotonic()
            ask()
            times.append(1000 * (time.monotonic() - began))
        return statistics.median(times)

    # R31: who only wants to know how it is does not wait for a device.
    def test_tells_how_it_is_at_once_while_all_slots_are_taken(self):
        self.serve({"m": STUCK}, devices=ONE_SLOT)
        self.occupy("m", queued=50)
        live, healthy = service_pb2.ServerLiveRequest(), health_pb2.HealthCheckRequest()
        health = health_pb2_grpc.HealthStub(self.channel)
        for ask in (
            lambda: self.assertEqual(health.Check(healthy).status, SERVING),
            lambda: self.assertEqual(self.daemon.get("/healthz")[0], 200),
            lambda: self.assertEqual(self.daemon.get("/metrics")[0], 200),
            lambda: self.assertTrue(self.stub.ServerLive(live).live),
        ):
            self.assertLess(self.milliseconds(ask), 50)
