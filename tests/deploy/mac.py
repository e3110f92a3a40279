"""A Mac to install weir on: a folder as its root, and fakes for what it would ask.

    mac = Mac(folder)
    mac.install("--config", str(mac.config))
    mac.calls("launchctl")     what launchd was told, a line each

The fakes keep their state in files. A service is loaded from bootstrap to bootout,
and ready while the program that was swapped in says `ready` and is loaded.
"""

import os
import pathlib
import plistlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAUNCHD = ROOT / "deploy" / "launchd"
LABEL = "dev.weir.server"

# $FAKE is the folder of the fakes' state; every call is noted in $FAKE/calls.
FAKES = {
    "launchctl": """
case $1 in
  print) [ -e "$FAKE/loaded" ] ;;
  bootstrap)
    [ ! -e "$FAKE/loaded" ] || exit 5
    cp "$3" "$FAKE/loaded" ;;
  bootout)
    if [ -e "$FAKE/slow_bootout" ]; then mv "$FAKE/slow_bootout" "$FAKE/ending"; exit 36; fi
    [ -e "$FAKE/never_ends" ] || rm -f "$FAKE/loaded" ;;
esac
""",
    "curl": """
[ ! -e "$FAKE/stranger" ] || exit 0
[ -e "$FAKE/loaded" ] && grep -q ready "$(cat "$FAKE/program_path")"
""",
    "sleep": """
[ ! -e "$FAKE/ending" ] || rm -f "$FAKE/ending" "$FAKE/loaded"
""",
    "dscl": """
case "$2" in
  -read) grep -qx "$3 $4" "$FAKE/users" ;;
  -list) echo "_other 300"; echo "_another 301" ;;
  -create) echo "$3 $4" >>"$FAKE/users" ;;
esac
""",
    "chown": "",
    "mv": """
case "$FAKE/$2" in
  *weir.before) [ ! -e "$FAKE/broken_mv" ] || exit 1 ;;
esac
exec /bin/mv "$@"
""",
    "id": 'cat "$FAKE/id"',
}


class Mac:
    def __init__(self, folder: pathlib.Path, user_id: int = 0, home: str = "home"):
        self.folder = folder
        self.root = folder / "root"
        self.state = folder / "state"
        self.home = folder / home
        self.tools = folder / "tools"
        self.release = folder / "release"
        self.config = folder / "weir.yaml"
        for path in (self.root, self.state, self.home, self.tools):
            path.mkdir()
        for name, body in FAKES.items():
            self._write_program(
                self.tools / name, f'echo "{name} $*" >>"$FAKE/calls"\n{body.strip()}\n'
            )
        (self.state / "users").touch()
        (self.state / "id").write_text(f"{user_id}\n")
        self.config.write_text("drain: {deadline: 30s}\n")
        daemon = user_id == 0
        prefix = self.root / ("usr/local" if daemon else str(self.home / ".weir")[1:])
        plists = self.root / ("Library" if daemon else str(self.home / "Library")[1:])
        self.program = prefix / "bin" / "weir"
        self.module = prefix / "lib" / "weir" / "libweir_torch.so"
        self.installed_config = prefix / "etc" / "weir" / "weir.yaml"
        self.models = prefix / "var" / "weir" / "models"
        self.plist = plists / ("LaunchDaemons" if daemon else "LaunchAgents") / f"{LABEL}.plist"
        (self.state / "program_path").write_text(f"{self.program}\n")
        self.make_release("1")

    def make_release(self, version: str, becomes: str = "ready", check: int = 0) -> None:
        """A release whose program is `ready` or not, and whose check ends so."""
        program = self.release / "bin" / "weir"
        module = self.release / "lib" / "weir" / "libweir_torch.so"
        for path in (program, module):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._write_program(
            program, f'# {version} {becomes}\necho "weir $*" >>"$FAKE/calls"\nexit {check}\n'
        )
        module.write_text(version)

    def install(self, *arguments: str) -> subprocess.CompletedProcess:
        return self._run("install.sh", "--from", str(self.release), *arguments)

    def uninstall(self, *arguments: str) -> subprocess.CompletedProcess:
        return self._run("uninstall.sh", *arguments)

    def calls(self, name: str) -> list[str]:
        path = self.state / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if line.split()[0] == name]

    def changes(self) -> list[str]:
        """What launchd was told to do, less what it was asked."""
        return [line.split()[1] for line in self.calls("launchctl") if " print " not in line]

    def forget_calls(self) -> None:
        (self.state / "calls").unlink(missing_ok=True)

    def mark(self, name: str) -> None:
        (self.state / name).touch()

    def loaded(self) -> dict | None:
        path = self.state / "loaded"
        return plistlib.loads(path.read_bytes()) if path.exists() else None

    def files(self) -> dict[str, str]:
        """All that is installed, by its path under the root."""
        return {
            str(path.relative_to(self.root)): path.read_text()
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }

    def _run(self, script: str, *arguments: str) -> subprocess.CompletedProcess:
        environment = {
            "FAKE": str(self.state),
            "HOME": str(self.home),
            "PATH": f"{self.tools}:{os.environ['PATH']}",
        }
        return subprocess.run(
            [str(LAUNCHD / script), "--root", str(self.root), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )

    @staticmethod
    def _write_program(path: pathlib.Path, body: str) -> None:
        path.write_text(f"#!/bin/sh\n{body}")
        path.chmod(0o755)
