"""Checks what needs no run: formatting, clang's findings, scripts, fences.

    python3 tools/lint.py --jobs 2
    python3 tools/lint.py --format      formats every source in place

clang-tidy compiles each source with clang, -Wthread-safety and our warnings,
so this is the clang build as well. A source found clean is not looked at again
until it, a header it sees, its flags or the checks change.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "lint"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
CLEAN = CACHE / "weir-lint"
KEEP_CLEAN_DAYS = 30
CHECKS = ROOT / ".clang-tidy"
FORMAT = "clang-format-14"
TIDY = "clang-tidy-14"
MADE_HEADERS = ("weir_module_hash", "weir_proto_sources")


def run(command: list[str], **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )


def files(*patterns: str) -> list[str]:
    """Files of the tree, also those that git does not know yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = run(command, check=True).stdout.splitlines()
    return sorted({path for path in listed if (ROOT / path).exists()})


def check_format() -> list[str]:
    result = run([FORMAT, "--dry-run", "--Werror", *files("*.h", "*.cc")])
    return [result.stdout + "run `make format`"] if result.returncode else []


def check_scripts() -> list[str]:
    problems = []
    for path in files("*.sh", ".ci/*", "tools/*", "tests/*.py", "clients/*.py", "deploy/*.py"):
        text = (ROOT / path).read_text(encoding="utf-8")
        if path.endswith(".py"):
            try:
                compile(text, path, "exec")
            except SyntaxError as error:
                problems.append(f"{path}:{error.lineno}: {error.msg}")
        elif text.startswith("#!") and "bash" in text.splitlines()[0]:
            result = run(["bash", "-n", path])
            problems += [result.stdout] if result.returncode else []
            if not os.access(ROOT / path, os.X_OK):
                problems.append(f"{path}: is not executable")
    return problems


def check_layering() -> list[str]:
    result = run([sys.executable, "-B", "tests/layering/layering.py"])
    return [result.stdout] if result.returncode else []


def check_tidy(jobs: int) -> list[str]:
    configured = run(["cmake", "--preset", "lint", "--log-level=WARNING"])
    if configured.returncode:
        return [configured.stdout]
    # The headers that are made by the build and not in the tree.
    made = run(["cmake", "--build", "build/lint", "--target", *MADE_HEADERS])
    if made.returncode:
        return [made.stdout]
    database = json.loads((BUILD / "compile_commands.json").read_text())
    commands = {
        entry["file"]: shlex.split(entry["command"])
        for entry in database
        if not entry["file"].startswith(str(BUILD))
    }
    problems = [
        f"{path}: belongs to no target" for path in files("*.cc") if str(ROOT / path) not in commands
    ]
    forget_old()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for output in pool.map(lambda item: tidy(*item), commands.items()):
            problems += findings(output)
    return list(dict.fromkeys(problems))


def findings(output: str) -> list[str]:
    """clang-tidy's findings one by one: a header's come once per source."""
    counts = re.compile(r"^(\d+ warnings?.* generated\.|Error while processing .*)\n", re.MULTILINE)
    output = counts.sub("", output).replace(f"{ROOT}/", "")
    parts = re.split(r"\n(?=[^\s:]+:\d+:\d+: (?:error|warning): )", output)
    return [part.rstrip() for part in parts if part.strip()]


def tidy(source: str, command: list[str]) -> str:
    flags = command[command.index(next(c for c in command if "clang++" in c)) :]
    flags = flags[: flags.index("-o")]
    listing = run([*flags, "-M", "-MT", "all", source])
    if listing.returncode:
        return listing.stdout
    stamp = CLEAN / fingerprint(flags, listing.stdout)
    if stamp.exists():
        stamp.touch()
        return ""
    result = run([TIDY, "-p", str(BUILD), "--quiet", source])
    if result.returncode == 0:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
        return ""
    return result.stdout


def fingerprint(flags: list[str], listing: str) -> str:
    """A name for all that clang-tidy sees of one source, wherever the tree lies."""
    seen = sorted(set(listing.replace("\\\n", " ").split()[1:]))
    facts = [checks(), " ".join(flags).replace(str(ROOT), "")]
    facts += [f"{path.replace(str(ROOT), '')} {digest(path)}" for path in seen]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


@functools.cache
def checks() -> str:
    return CHECKS.read_text() + run([TIDY, "--version"]).stdout


@functools.cache
def digest(path: str) -> str:
    return hashlib.sha256((BUILD / path).read_bytes()).hexdigest()


def forget_old() -> None:
    for stamp in CLEAN.glob("*"):
        if time.time() - stamp.stat().st_mtime > KEEP_CLEAN_DAYS * 86400:
            stamp.unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--format", action="store_true", help="format, check nothing")
    options = parser.parse_args(arguments)
    if options.format:
        return run([FORMAT, "-i", *files("*.h", "*.cc")]).returncode
    failed = False
    for name, check in (
        ("format", check_format),
        ("scripts", check_scripts),
        ("layering", check_layering),
        ("clang", functools.partial(check_tidy, options.jobs)),
    ):
        start = time.monotonic()
        problems = check()
        failed |= bool(problems)
        for problem in problems:
            print(problem.rstrip(), file=sys.stderr)
        verdict = f"{len(problems)} to mend" if problems else "clean"
        print(f"lint: {name}: {verdict} ({time.monotonic() - start:.1f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
