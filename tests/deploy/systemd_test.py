"""Checks the unit with systemd's own analyzer, which needs no running systemd."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import launchd_test  # noqa: E402

UNIT = launchd_test.ROOT / "deploy" / "systemd" / "weir.service"
PROGRAM = "/usr/local/bin/weir"


def setting(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), re.M)


class UnitTest(unittest.TestCase):
    def analyze(self, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess:
        """Of the unit with a program in it that every machine has."""
        text = UNIT.read_text(encoding="utf-8") if text is None else text
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / UNIT.name
            unit.write_text(text.replace(PROGRAM, "/bin/true"), encoding="utf-8")
            return subprocess.run(
                ["systemd-analyze", "--no-pager", *arguments, unit],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=60,
            )

    def test_is_what_systemd_understands_without_a_word(self):
        result = self.analyze("--man=no", "verify")
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_is_looked_at_by_an_analyzer_that_finds_misspelt_keys(self):
        text = UNIT.read_text(encoding="utf-8").replace("KillMode=", "KilMode=")
        self.assertIn("KilMode", self.analyze("--man=no", "verify", text=text).stdout)

    def test_is_shut_in_well(self):
        # systemd's own figure, times ten: 0 is shut in, 100 is open.
        result = self.analyze("security", "--offline=true", "--threshold=22")
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_leaves_the_devices_open(self):
        for key in ("PrivateDevices", "ProtectClock", "DevicePolicy", "MemoryDenyWriteExecute"):
            self.assertEqual(setting(key), [])

    def test_gives_a_drain_the_time_that_it_may_take(self):
        self.assertEqual(len(setting("TimeoutStopSec")), 1)
        self.assertGreater(int(setting("TimeoutStopSec")[0]), launchd_test.drain_seconds())

    def test_starts_again_but_for_a_drain_and_a_wrong_configuration(self):
        self.assertEqual(setting("Type"), ["exec"])
        self.assertEqual(setting("Restart"), ["on-failure"])
        self.assertEqual(setting("RestartPreventExitStatus"), ["2"])

    def test_runs_what_launchd_runs(self):
        daemon = launchd_test.places("", "")["ProgramArguments"]
        words = setting("ExecStart")[0].split()
        self.assertEqual(words[1:3], daemon[1:3])
        self.assertEqual(words[4], daemon[4])


if __name__ == "__main__":
    unittest.main()
