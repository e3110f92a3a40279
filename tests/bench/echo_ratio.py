"""What a request costs weir's server, as a multiple of a bare gRPC echo.

    python3 tests/bench/echo_ratio.py build/release [--rounds 7]

Both servers get the same bytes from the same load generator (h2load, from the
package nghttp2-client), in turn and in one run, so that a machine that drifts
drifts for both. What counts is the CPU time of the server's process for each
request, as the scheduler tells it; the ratio is the median of those of the
rounds.
"""

import argparse
import pathlib
import re
import statistics
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "clients/python"))
from weir_client import contract  # pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parents[2]
RATIO_MAX = 1.6
METHOD = "/inference.GRPCInferenceService/ModelInfer"


def payload(shape):
    """One ModelInfer of FP32, as gRPC frames it."""
    count = 1
    for dimension in shape:
        count *= dimension
    request = contract.message("ModelInferRequest")(model_name="identity")
    request.inputs.add(name="x", datatype="FP32", shape=shape)
    request.raw_input_contents.append(struct.pack(f"<{count}f", *range(count)))
    message = request.SerializeToString()
    return struct.pack(">BI", 0, len(message)) + message


def cpu_seconds(pid):
    """CPU time of all threads of the process."""
    nanoseconds = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def load(port, body, requests, outstanding):
    """Sends the requests; all must be answered with success."""
    command = [
        "h2load", "-n", str(requests), "-c", "4", "-m", str(outstanding // 4), "-d", body,
        "-H", "content-type: application/grpc", "-H", "te: trailers",
        f"http://127.0.0.1:{port}{METHOD}",
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    counts = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored", done.stdout)
    assert counts and counts.groups() == (str(requests), "0", "0"), done.stdout
    # A status other than 0 comes as headers alone, without a message.
    received = int(re.search(r"\((\d+)\) data", done.stdout).group(1))
    assert received > requests * len(pathlib.Path(body).read_bytes()) * 0.9, done.stdout


def cost(pid, port, body, requests, outstanding):
    """Microseconds of CPU that the server takes for one request."""
    before = cpu_seconds(pid)
    load(port, body, requests, outstanding)
    return (cpu_seconds(pid) - before) / requests * 1e6


def measure(build, shape, outstanding, requests, rounds):
    """Costs of the echo and of weir, round by round."""
    with tempfile.TemporaryDirectory() as folder:
        body = f"{folder}/request"
        pathlib.Path(body).write_bytes(payload(shape))
        echo = subprocess.Popen(
            [f"{build}/tests/bench/echo_server"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        weir = subprocess.Popen(
            [f"{build}/cli/weir", "serve", "--models", str(ROOT / "models"),
             "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        try:
            echo_port = int(echo.stdout.readline())
            weir_port = int(re.search(r"grpc=127.0.0.1:(\d+)", weir.stdout.readline()).group(1))
            servers = [(echo.pid, echo_port), (weir.pid, weir_port)]
            for pid, port in servers:
                cost(pid, port, body, requests // 4, outstanding)
            return [
                [cost(pid, port, body, requests, outstanding) for pid, port in servers]
                for _ in range(rounds)
            ]
        finally:
            echo.stdin.close()
            weir.terminate()
            echo.wait()
            weir.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", help="such as build/release")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    print(f"{'':24} {'echo us':>8} {'weir us':>8} {'ratio':>6} {'bound':>6}")
    costs = measure(arguments.build, [1, 256], 64, 40_000, arguments.rounds)
    ratio = statistics.median(weir / echo for echo, weir in costs)
    echo, weir = (statistics.median(column) for column in zip(*costs))
    print(f"{'[1,256], 64 at once':24} {echo:8.1f} {weir:8.1f} {ratio:6.2f} {RATIO_MAX:6.2f}")
    sys.exit(1 if ratio > RATIO_MAX else 0)


if __name__ == "__main__":
    main()
