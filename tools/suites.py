"""Fails unless every suite that tests/suites.txt lists was built and ran.

    python3 tools/suites.py dev          after ctest --preset dev
    python3 tools/suites.py dev unit     after a run of that label alone

Three records must agree: the list in the tree, what ctest has registered, and
what the run reported (ctest's JUnit file and each suite's own XML).
"""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import results

ROOT = pathlib.Path(__file__).resolve().parent.parent
PRESETS = ("dev", "asan", "tsan")


@dataclasses.dataclass(frozen=True)
class Listed:
    """A line of tests/suites.txt."""

    name: str
    label: str
    presets: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Registered:
    """A test that ctest knows."""

    name: str
    labels: tuple[str, ...]
    is_disabled: bool
    num_cases: int | None = None  # as the binary lists them; None: not GoogleTest


def parse_list(text: str) -> tuple[list[Listed], list[str]]:
    """The lines `NAME LABEL PRESET...  # reason`, and what is wrong in them."""
    listed, problems = [], []
    for number, line in enumerate(text.splitlines(), 1):
        fields, _, reason = line.partition("#")
        name, label, *presets = fields.split() + [""] * (2 - len(fields.split()))
        if not fields.strip():
            continue
        place = f"tests/suites.txt:{number}"
        if not presets or any(preset not in PRESETS for preset in presets):
            problems.append(f"{place}: {name}: presets must be some of {' '.join(PRESETS)}")
        elif set(presets) != set(PRESETS) and not reason.strip():
            problems.append(f"{place}: {name}: say after # why a preset is left out")
        if any(name == earlier.name for earlier in listed):
            problems.append(f"{place}: {name}: listed twice")
        listed.append(Listed(name, label, tuple(presets)))
    return listed, problems


def compare_registered(
    preset: str, listed: list[Listed], registered: list[Registered]
) -> list[str]:
    problems = []
    known = {suite.name: suite for suite in registered}
    for suite in listed:
        if preset not in suite.presets:
            if suite.name in known:
                problems.append(f"{suite.name}: runs under {preset}, is not listed for it")
        elif suite.name not in known:
            problems.append(f"{suite.name}: listed for {preset}, not registered with ctest")
        elif known[suite.name].is_disabled:
            problems.append(f"{suite.name}: disabled in ctest")
        elif known[suite.name].labels != (suite.label,):
            problems.append(
                f"{suite.name}: label is {' '.join(known[suite.name].labels)} in ctest,"
                f" {suite.label} in the list"
            )
    names = {suite.name for suite in listed}
    for suite in registered:
        if suite.name not in names:
            problems.append(f"{suite.name}: not in tests/suites.txt")
    return problems


def compare_run(
    suites: list[Listed], registered: list[Registered], folder: pathlib.Path
) -> tuple[list[str], int]:
    """What is wrong in the results in `folder`, and how many cases passed."""
    junit = folder / "ctest.xml"
    if not junit.exists():
        return [f"{junit}: missing; nothing has run"], 0
    ran = {
        case.get("name"): case.get("status")
        for case in ElementTree.parse(junit).getroot().iter("testcase")
    }
    num_cases = {suite.name: suite.num_cases for suite in registered}
    problems, passed = [], 0
    for suite in suites:
        if ran.get(suite.name) != "run":
            problems.append(f"{suite.name}: {ran.get(suite.name, 'did not run')}")
            continue
        report = folder / f"{suite.name}.xml"
        cases = results.read(report) if report.exists() else []
        for case in cases:
            if case.outcome != "passed":
                problems.append(f"{suite.name}: {case.suite}.{case.name}: {case.outcome}")
        passed += sum(case.outcome == "passed" for case in cases)
        expected = num_cases.get(suite.name)
        if not cases:
            problems.append(f"{suite.name}: ran no test case")
        elif expected is not None and expected != len(cases):
            problems.append(f"{suite.name}: ran {len(cases)} of {expected} test cases")
    return problems, passed


def unbuilt_sources(root: pathlib.Path, suffixes: tuple[str, ...], known: str) -> list[str]:
    """Test sources that lie in tests/ and belong to no suite; `known` names all that do."""
    return [
        f"{source.relative_to(root)}: belongs to no suite"
        for source in sorted((root / "tests").rglob("*_test.*"))
        if source.suffix in suffixes and str(source) not in known
    ]


def count_cases(command: list[str]) -> int | None:
    """How many cases a GoogleTest binary holds, whatever filter is set."""
    if not any(argument.startswith("--gtest_output") for argument in command):
        return None
    unfiltered = {k: v for k, v in os.environ.items() if not k.startswith("GTEST_")}
    listing = subprocess.run(
        command[:-1] + ["--gtest_list_tests"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=unfiltered,
    ).stdout
    return sum(line.startswith("  ") for line in listing.splitlines())


def read_registered(preset: str) -> tuple[list[Registered], str]:
    listing = subprocess.run(
        ["ctest", "--preset", preset, "--show-only=json-v1"],
        check=True,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    registered = []
    for test in json.loads(listing)["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        registered.append(
            Registered(
                test["name"],
                tuple(properties.get("LABELS", [])),
                bool(properties.get("DISABLED", False)),
                count_cases(test["command"]) if test.get("command") else None,
            )
        )
    return registered, listing


def main(preset: str, label: str | None) -> int:
    build = ROOT / "build" / preset
    listed, problems = parse_list((ROOT / "tests" / "suites.txt").read_text())
    registered, commands = read_registered(preset)
    problems += compare_registered(preset, listed, registered)
    expected = [
        suite
        for suite in listed
        if preset in suite.presets and label in (None, suite.label)
    ]
    run_problems, passed = compare_run(expected, registered, build / "results")
    problems += run_problems
    # dev alone has every suite: each of the others leaves some out.
    if preset == "dev":
        known = commands + (build / "compile_commands.json").read_text()
        problems += unbuilt_sources(ROOT, (".cc", ".py"), known)
    for problem in problems:
        print(f"suites: {problem}", file=sys.stderr)
    if not problems:
        print(f"suites: all {len(expected)} of {preset} ran, {passed} test cases")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
