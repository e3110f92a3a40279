"""Where a daemon listens: on this machine alone, unless it is told to."""

import pathlib
import re
import socket
import subprocess
import sys
import unittest

from daemon import DEMO_MODELS, PROGRAM, Daemon

REFUSED = 2
LOCAL = {"grpc": ["127.0.0.1:0"], "http": ["127.0.0.1:0"]}
LOOPBACK = {"127.0.0.1", "::1"}
# Every way to say an address that others reach.
REMOTE = ("0.0.0.0:0", "[::]:0", "*:0", "[::ffff:127.0.0.1]:0", "192.0.2.1:0")
WHY = r'{}: other machines reach this, .*set listen\.insecure_allow_remote: true; got "{}"'
WARNING = (
    "other machines reach an address of listen, and whoever gets there may use it: "
    "listen.insecure_allow_remote is true"
)


def text_of(host: bytes) -> str:
    """An address of /proc/net: words of 32 bits, each in the machine's order."""
    order = -1 if sys.byteorder == "little" else 1
    words = [host[i : i + 4][::order] for i in range(0, len(host), 4)]
    family = socket.AF_INET if len(host) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, b"".join(words))


def linux_sockets(pid: int) -> set[tuple[str, str, int]]:
    descriptors = pathlib.Path(f"/proc/{pid}/fd")
    links = [str(descriptor.readlink()) for descriptor in descriptors.iterdir()]
    mine = {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}
    found = set()
    for protocol in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for line in pathlib.Path(f"/proc/{pid}/net/{protocol}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in mine:
                host, _, port = fields[1].partition(":")
                found.add((protocol[:3], text_of(bytes.fromhex(host)), int(port, 16)))
                mine.discard(fields[9])
    # What is left has no address that another process could come to.
    for line in pathlib.Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[6] in mine and len(fields) == 7:
            mine.discard(fields[6])
    if mine:
        raise AssertionError(f"sockets of no known kind: {mine}")
    return found


def darwin_sockets(pid: int) -> set[tuple[str, str, int]]:
    command = ["lsof", "-nP", "-a", "-p", str(pid), "-i", "-FPn"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^P(\w+)\nn\[?([^\]\s]*)\]?:(\d+)", listed, re.M)
    return {(protocol.lower(), host, int(port)) for protocol, host, port in found}


def sockets_of(pid: int) -> set[tuple[str, str, int]]:
    """Protocol, address and port of each socket of the process that has one."""
    return linux_sockets(pid) if sys.platform == "linux" else darwin_sockets(pid)


def default_addresses() -> dict[str, list[str]]:
    """As the program has them, at ports that are free."""
    command = [PROGRAM, "config", "show"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env={}).stdout
    lines = re.findall(r"^  (grpc|http): \[(.*)\]$", shown, re.M)
    return {name: [re.sub(r":\d+$", ":0", text)] for name, text in lines}


class DefaultTest(unittest.TestCase):
    # SEC-01: every socket of the process, whoever in it opened it.
    def test_has_no_socket_that_another_machine_could_reach(self):
        listen = default_addresses()
        self.assertEqual(listen, {"grpc": ["localhost:0"], "http": ["localhost:0"]})
        with Daemon(DEMO_MODELS, listen=listen) as daemon:
            said = ",".join([daemon.ready["grpc"], daemon.ready["http"]])
            expected = {
                ("tcp", host.strip("[]"), int(port))
                for host, _, port in (text.rpartition(":") for text in said.split(","))
            }
            self.assertEqual(sockets_of(daemon.process.pid), expected)
            self.assertLessEqual({host for _, host, _ in expected}, LOOPBACK)

    # SEC-01: whichever of the two a client takes for localhost, it is ours.
    def test_has_each_family_of_this_machine_at_one_port(self):
        with Daemon({"m": {}}, listen=default_addresses()) as daemon:
            for where in (daemon.ready["grpc"], daemon.ready["http"]):
                hosts, ports = zip(*(text.rsplit(":", 1) for text in where.split(",")))
                self.assertEqual(list(hosts), loopback_hosts())
                self.assertEqual(len(set(ports)), 1)


def loopback_hosts() -> list[str]:
    """As far as this machine has them."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return ["127.0.0.1"]
    return ["127.0.0.1", "[::1]"]


class RemoteTest(unittest.TestCase):
    def assert_refused(self, where: str, address: str, **options):
        code, said = Daemon({"m": {}}, **options).run()
        self.assertEqual(code, REFUSED, said)
        self.assertRegex(said, WHY.format(where, re.escape(address)))

    # SEC-02: in the file, and for either of the two.
    def test_refuses_an_address_that_others_reach(self):
        for address in REMOTE:
            for where in ("grpc", "http"):
                with self.subTest(where=where, address=address):
                    # One that is good beside it does not make it so.
                    listen = LOCAL | {where: ["127.0.0.1:0", address]}
                    self.assert_refused(rf"listen\.{where}\[1\]", address, listen=listen)

    # SEC-02: neither a variable nor a flag is a way around it.
    def test_refuses_it_wherever_it_is_said(self):
        for where in ("grpc", "http"):
            variable = f"WEIR_LISTEN_{where.upper()}"
            environment = {variable: "[0.0.0.0:0]"}
            key = rf"listen\.{where}\[0\]"
            self.assert_refused(f"{variable}:1:2: {key}", "0.0.0.0:0", environment=environment)
            arguments = [f"--{where}", "0.0.0.0:0"]
            self.assert_refused(f"--{where}: {key}", "0.0.0.0:0", arguments=arguments)

    # SEC-02: spelled out, in the log of each start, and for who watches.
    def test_says_at_each_start_that_others_reach_it(self):
        for where in ("grpc", "http"):
            listen = LOCAL | {where: ["0.0.0.0:0"], "insecure_allow_remote": True}
            with self.subTest(where), Daemon({"m": {}}, listen=listen) as daemon:
                self.assertEqual(daemon.series()["weir_insecure_remote"], 1)
                self.assertEqual(daemon.stop(), 0)
                daemon.launch()
                daemon.await_ready()
                warned = [line["message"] for line in daemon.log() if line["level"] == "warning"]
                self.assertEqual(warned, [WARNING] * 2)

    # SEC-02: the metric tells where it is, not what it might do.
    def test_is_not_called_remote_where_nobody_else_reaches_it(self):
        listen = LOCAL | {"insecure_allow_remote": True}
        with Daemon({"m": {}}, listen=listen) as daemon:
            self.assertEqual(daemon.series()["weir_insecure_remote"], 0)
            self.assertNotIn("insecure_allow_remote", daemon.log_text())
