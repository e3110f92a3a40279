"""Checks the plists: what launchd knows, what weir needs, and word for word."""

import pathlib
import plistlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAUNCHD = ROOT / "deploy" / "launchd"
PLISTS = {
    "daemon": LAUNCHD / "dev.weir.server.plist",
    "agent": LAUNCHD / "dev.weir.server.agent.plist",
}

# Every key of launchd.plist(5). launchd says nothing about one that it does not
# know, so a misspelt key would be a setting that is quietly not there.
KNOWN_KEYS = set(
    """
    AbandonProcessGroup AssociatedBundleIdentifiers BundleProgram Debug Disabled
    EnableGlobbing EnablePressuredExit EnableTransactions EnvironmentVariables
    ExitTimeOut GroupName HardResourceLimits HopefullyExitsFirst HopefullyExitsLast
    InitGroups KeepAlive Label LaunchEvents LaunchOnlyOnce LegacyTimers
    LimitLoadFromHardware LimitLoadFromHosts LimitLoadToHardware LimitLoadToHosts
    LimitLoadToSessionType LowPriorityBackgroundIO LowPriorityIO MachServices
    MaterializeDatalessFiles Nice OnDemand ProcessType Program ProgramArguments
    QueueDirectories RootDirectory RunAtLoad ServiceIPC SessionCreate Sockets
    SoftResourceLimits StandardErrorPath StandardInPath StandardOutPath
    StartCalendarInterval StartInterval StartOnMount ThrottleInterval TimeOut Umask
    UserName WaitForDebugger WatchPaths WorkingDirectory inetdCompatibility
    """.split()
)
KNOWN_IN = {
    "KeepAlive": {
        "AfterInitialDemand", "Crashed", "NetworkState", "OtherJobEnabled", "PathState",
        "SuccessfulExit",
    },
    "SoftResourceLimits": {
        "CPU", "Core", "Data", "FileSize", "MemoryLock", "NumberOfFiles",
        "NumberOfProcesses", "ResidentSetSize", "Stack",
    },
}
KNOWN_IN["HardResourceLimits"] = KNOWN_IN["SoftResourceLimits"]

# What both say alike.
ALIKE = {
    "Label": "dev.weir.server",
    "Umask": 0o027,
    "ProcessType": "Interactive",
    "RunAtLoad": True,
    "KeepAlive": {"SuccessfulExit": False},
    "ThrottleInterval": 10,
    "ExitTimeOut": 45,
    "SoftResourceLimits": {"NumberOfFiles": 8192},
}


def places(home: str, prefix: str) -> dict:
    log = f"{prefix}/var/log/weir/weir.log"
    return {
        "ProgramArguments": [
            f"{prefix}/bin/weir", "serve", "--config", f"{prefix}/etc/weir/weir.yaml",
            "--models", f"{prefix}/var/weir/models",
        ],
        "WorkingDirectory": f"{prefix}/var/weir",
        "EnvironmentVariables": {"HOME": home},
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }


def drain_seconds() -> int:
    """How long a drain takes at most, by the defaults."""
    text = (ROOT / "config" / "default.yaml").read_text(encoding="utf-8")
    found = re.search(r"^drain:\n.*?^  grace: (\d+)s\n.*?^  deadline: (\d+)s\n", text, re.M | re.S)
    return int(found[1]) + int(found[2])


class PlistTest(unittest.TestCase):
    def test_uses_only_keys_that_launchd_knows(self):
        for name, path in PLISTS.items():
            plist = plistlib.loads(path.read_bytes())
            self.assertLessEqual(set(plist), KNOWN_KEYS, name)
            for key, known in KNOWN_IN.items():
                self.assertLessEqual(set(plist.get(key, {})), known, name)

    def test_gives_a_drain_the_time_that_it_may_take(self):
        for name, path in PLISTS.items():
            plist = plistlib.loads(path.read_bytes())
            self.assertGreater(plist["ExitTimeOut"], drain_seconds(), name)

    def test_is_what_plistutil_reads_too(self):
        for path in PLISTS.values():
            with self.subTest(path.name), tempfile.TemporaryDirectory() as folder:
                binary = pathlib.Path(folder) / "service.plist"
                command = ["plistutil", "-i", path, "-f", "bin", "-o", binary]
                subprocess.run(command, check=True, timeout=60)
                self.assertEqual(
                    plistlib.loads(binary.read_bytes()), plistlib.loads(path.read_bytes())
                )

    def test_says_of_the_daemon_all_that_it_says(self):
        self.assertEqual(
            plistlib.loads(PLISTS["daemon"].read_bytes()),
            {
                **ALIKE,
                **places("/usr/local/var/weir", "/usr/local"),
                "UserName": "_weir",
                "GroupName": "_weir",
                "HardResourceLimits": {"NumberOfFiles": 8192},
            },
        )

    def test_says_of_the_agent_all_that_it_says(self):
        self.assertEqual(
            plistlib.loads(PLISTS["agent"].read_bytes()),
            {**ALIKE, **places("@HOME@", "@HOME@/.weir")},
        )


if __name__ == "__main__":
    unittest.main()
