"""Prometheus: a real one, which watches a daemon as deploy/prometheus says.

    with Prometheus(daemon.http) as prometheus:
        prometheus.query("weir_ready")            # [({"instance": ...}, 1.0)]
        prometheus.ask("rules")                   # what its HTTP API answers

It scrapes and judges more often than the file says, so that nobody waits for it.

Thread-safety: one thread's.
Ownership: the process and its folder end with the block.
Failure: AssertionError, with its log, where it does not come up or finds a fault.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from daemon import ROOT, WAIT_SECONDS_MAX, until

FOLDER = ROOT / "deploy" / "prometheus"
# Its port is free when it is looked for, and may be taken when it is bound.
TRIES_MAX = 5


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def replaced(text: str, old: str, new: str, count: int) -> str:
    if text.count(old) != count:
        raise AssertionError(f"{old!r} stands {text.count(old)} times in\n{text}")
    return text.replace(old, new)


class Prometheus:
    def __init__(self, target: str):
        self._folder = tempfile.TemporaryDirectory(prefix="weir-prometheus-")
        self.folder = pathlib.Path(self._folder.name)
        text = (FOLDER / "prometheus.yml").read_text(encoding="utf-8")
        text = replaced(text, "[localhost:8002]", f'["{target}"]', 1)
        text = replaced(text, "_interval: 15s", "_interval: 200ms", 2)
        (self.folder / "prometheus.yml").write_text(text, encoding="utf-8")
        shutil.copy(FOLDER / "weir.rules.yml", self.folder)
        self.process, self.address = None, ""

    def __enter__(self):
        try:
            for _ in range(TRIES_MAX):
                self._launch()
                if until(self._is_ready_or_gone, "a Prometheus") == "ready":
                    return self
            raise AssertionError(f"it does not come up\n{self.log()}")
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(WAIT_SECONDS_MAX)
        self._folder.cleanup()

    def _launch(self):
        """tools/setup puts it into .venv; a Mac has it on the PATH."""
        self.address = f"127.0.0.1:{free_port()}"
        path = f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"
        command = [
            shutil.which("prometheus", path=path) or "prometheus",
            f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address={self.address}",
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={"PATH": path}
            )

    def _is_ready_or_gone(self) -> str:
        if self.process.poll() is not None:
            return "gone"
        try:
            urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=5).close()
        except OSError:  # an answer that it is not ready, too
            return ""
        # Another one may have the port by now.
        file = self.ask("status/flags")["config.file"]
        return "ready" if file == str(self.folder / "prometheus.yml") else ""

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def ask(self, path: str, **arguments):
        """The `data` of an answer."""
        query = urllib.parse.urlencode(arguments)
        url = f"http://{self.address}/api/v1/{path}?{query}"
        try:
            with urllib.request.urlopen(url, timeout=WAIT_SECONDS_MAX) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{arguments}: {error.read().decode()}") from None
        if answer["status"] != "success" or answer.get("warnings"):
            raise AssertionError(f"{arguments}: {answer}")
        return answer["data"]

    def query(self, expression: str) -> list[tuple[dict, float]]:
        """The labels and the value of each series that the expression has now."""
        data = self.ask("query", query=expression)
        if data["resultType"] != "vector":
            raise AssertionError(f"{expression}: {data['resultType']}")
        return [(one["metric"], float(one["value"][1])) for one in data["result"]]
