"""Daemon: the built `weir serve` as a process of its own, on ports that the system picks.

    models = {"id": {}, "slow": {"backend_options": {"delay": "50ms"}}}
    with Daemon(models=models, limits={"run_time_max": "1s"}) as daemon:
        daemon.grpc, daemon.get("/readyz")
        daemon.signal(signal.SIGTERM)
        daemon.wait()                          # the exit code
        daemon.messages(), daemon.count("answered")

`models` is a folder, or what the model.yaml of each scripted model of libweir_fake.so
says; all further names are sections of the configuration. The process has an
environment of its own, no terminal and no standard input; one that was built with a
sanitizer is told what the suite was told.

Thread-safety: one thread's, but for `get`.
Ownership: the process and its folder end with the block, however it is left.
Failure: AssertionError, with the log, where the daemon does not do as it must.
"""

import collections
import contextlib
import http.client
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("END_TO_END_BUILD", ROOT / "build" / "dev"))
PROGRAM = BUILD / "cli" / "weir"
FAKE = str(BUILD / "lib" / "libweir_fake.so")
DEMO_MODELS = ROOT / "models"

# What the process has of our own environment.
KEPT = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")

# How long anything may take that must happen at all.
WAIT_SECONDS_MAX = 30


def until(condition, what: str):
    """What the condition gives once it is true of another process."""
    end = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.005)
    raise AssertionError(f"never: {what}")


def yaml_of(value) -> str:
    """JSON is YAML, but that a size or a time must not stand in quotes."""
    return re.sub(r'"(\d+(?:ns|us|ms|s|KiB|MiB))"', r"\1", json.dumps(value))


def write_models(folder: pathlib.Path, models: dict) -> pathlib.Path:
    """A repository of scripted models."""
    for name, text in models.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "model.yaml").write_text(yaml_of(text))
    return folder


class Daemon:
    def __init__(self, models=DEMO_MODELS, arguments=(), environment=None, prefix=(), **config):
        self._folder = tempfile.TemporaryDirectory(prefix="weir-e2e-")
        self.folder = pathlib.Path(self._folder.name)
        if isinstance(models, dict):
            config = {"backend": {"module": FAKE}, "devices": [{"device": "fake:0"}]} | config
            models = write_models(self.folder / "models", models)
        if "listen" not in config:
            config["listen"] = {"grpc": ["127.0.0.1:0"], "http": ["127.0.0.1:0"]}
        file = self.folder / "weir.yaml"
        file.write_text(yaml_of(config))
        command = [PROGRAM, "serve", "--models", models, "--config", file, *arguments]
        self.command = [*map(str, prefix), *map(str, command)]
        # A variable that begins with WEIR_ is the configuration's.
        self.environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.environment |= environment or {}
        self.ready, self.process = {}, None
        self._log_path = self.folder / "log"

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.push(self.__exit__)
            if self.process is None:
                self.launch()
                self.await_ready()
            stack.pop_all()
        return self

    def launched(self) -> "Daemon":
        """For a block that begins before it is ready."""
        self.launch()
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.kill()
            self.process.stdout.close()
        self._folder.cleanup()

    def launch(self):
        """Starts the process, anew where there was one, and waits for nothing."""
        if self.process is not None:
            self.kill()  # where a test failed before its end
            self.process.stdout.close()
        with self._log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def await_ready(self) -> str:
        """Takes the line that it prints once it serves, which is all that it prints."""
        line = self._read_line()
        if not line.startswith("weir ready "):
            raise AssertionError(f"{line!r} is no ready line\n{self.log_text()}")
        self.ready = dict(word.split("=", 1) for word in line.split()[2:])
        return line

    def _read_line(self) -> str:
        stdout, line = self.process.stdout.fileno(), b""
        end = time.monotonic() + WAIT_SECONDS_MAX
        while not line.endswith(b"\n"):
            if not select.select([stdout], [], [], max(0, end - time.monotonic()))[0]:
                break
            byte = os.read(stdout, 1)
            if not byte:
                break
            line += byte
        return line.decode()

    @property
    def grpc(self) -> str:
        return self.ready["grpc"].split(",")[0]

    @property
    def http(self) -> str:
        return self.ready["http"].split(",")[0]

    def get(self, path: str) -> tuple[int, str]:
        """The code and the body."""
        connection = http.client.HTTPConnection(self.http, timeout=WAIT_SECONDS_MAX)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def signal(self, number: int = signal.SIGTERM):
        self.process.send_signal(number)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def wait(self) -> int:
        """The exit code; below zero for the signal that it died of."""
        try:
            return self.process.wait(WAIT_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it does not end\n{self.log_text()}") from None

    def stop(self) -> int:
        self.signal()
        return self.wait()

    def run(self) -> tuple[int, str]:
        """Of one that must refuse to serve: the exit code, and what it said."""
        try:
            self.launch()
            code = self.wait()
            said = self.process.stdout.read().decode()
            if said:
                raise AssertionError(f"it refused and printed {said!r}")
            return code, self.log_text()
        finally:
            self.__exit__()

    def log_text(self) -> str:
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def log(self) -> list[dict]:
        """Each line of the log is one JSON object."""
        return [json.loads(line) for line in self.log_text().splitlines()]

    def messages(self) -> list[str]:
        return [line["message"] for line in self.log()]

    def count(self, name: str) -> int:
        """Of the last line of one that has ended: accepted, answered."""
        return int(self.log()[-1][name])

    def series(self) -> dict[str, float]:
        """What /metrics says, by the name and labels as they stand there."""
        code, text = self.get("/metrics")
        if code != 200:
            raise AssertionError(f"/metrics: {code}")
        lines = [line for line in text.splitlines() if line and line[0] != "#"]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    def leased(self) -> list[float]:
        """Of each slot, whether it is."""
        series = self.series()
        return [value for name, value in series.items() if name.startswith("weir_slot_leased{")]

    def queued(self, model: str) -> float:
        return self.series()[f'weir_queue_requests{{model="{model}"}}']

    def ends(self) -> collections.Counter:
        """How many requests have ended how: by their model and code, as /metrics counts
        them; what is no model's has none."""
        ends = collections.Counter()
        for name, value in self.series().items():
            if name.startswith("weir_requests_total{") and value:
                labels = dict(re.findall(r'(\w+)="([^"]*)"', name))
                ends[labels["model"], labels["code"]] += int(value)
        return ends
