"""SIGTERM while it opens its module, starts, loads, serves nobody, and serves.

Two hundred times, with a model that is scripted and with libtorch, whose globals live
longer than ours. In the asan preset the daemon is the instrumented one: whatever its
end touches too late, or leaves behind, is another exit code.
"""

import contextlib
import random
import signal
import threading
import unittest

from crowd import Crowd
from daemon import DEMO_MODELS, Daemon, until
from served_case import ONE

TURNS, LIBTORCH_TURNS = 180, 20
SCRIPTED = {
    "quick": {"backend_options": {"delay": "1ms"}},
    "slow": {"backend_options": {"load_delay": "20ms"}},
}
ROW = ("FP32", [1, 256], bytes(1024))


@contextlib.contextmanager
def held_back():
    """What is launched here hears of SIGTERM when it waits for it, and not before: the
    mask is inherited, so that a signal that comes too early does not get lost or kill."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


class AnyMomentTest(unittest.TestCase):
    crowd = None

    def opening(self, daemon: Daemon):
        """Whatever it does first; libtorch takes half a second to be opened."""
        threading.Event().wait(self.chance.uniform(0, self.seconds_to_open))

    def starting(self, daemon: Daemon):
        until(daemon.log, "the first line")

    def loading(self, daemon: Daemon):
        until(lambda: "model is ready" in daemon.messages(), "the first model")

    def idle(self, daemon: Daemon):
        daemon.await_ready()

    def serving(self, daemon: Daemon):
        daemon.await_ready()
        self.crowd = Crowd(daemon.grpc, self.tensor)
        self.crowd.send(self.model, 20)

    def end_often(self, turns: int, models):
        self.chance = random.Random(38)
        reaches = (self.opening, self.starting, self.loading, self.idle, self.serving)
        for turn in range(turns):
            with self.subTest(turn), contextlib.ExitStack() as stack:
                with held_back():
                    daemon = stack.enter_context(Daemon(models).launched())
                reaches[turn % len(reaches)](daemon)
                threading.Event().wait(self.chance.uniform(0, 0.03))
                self.assert_ends_well(daemon)

    def assert_ends_well(self, daemon: Daemon):
        crowd, self.crowd = self.crowd, None
        daemon.signal()
        answered = crowd.ends()["answered"] if crowd else 0
        self.assertEqual(daemon.wait(), 0, daemon.log_text())
        # It may have ended before there was a server.
        if daemon.log():
            self.assertEqual(daemon.messages()[-1], "gone")
            counts = (daemon.count("accepted"), daemon.count("answered"))
            self.assertEqual(counts, (answered, answered))
        if crowd:
            crowd.channel.close()

    # R38: main owns the slots, and ends them before it ends itself.
    def test_ends_well_whenever_it_is_asked_to(self):
        self.model, self.tensor, self.seconds_to_open = "quick", ONE, 0.05
        self.end_often(TURNS, SCRIPTED)

    # R38: nothing of ours is left for the destructors of globals, after libtorch's.
    def test_ends_well_with_libtorch_whenever_it_is_asked_to(self):
        self.model, self.tensor, self.seconds_to_open = "identity", ROW, 0.8
        self.end_often(LIBTORCH_TURNS, DEMO_MODELS)


if __name__ == "__main__":
    unittest.main()
