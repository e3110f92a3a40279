"""Prints which requirement is kept by which test.

    python3 tools/requirements.py            every row and its state
    python3 tools/requirements.py --check    fails, too, when a row that must be
                                             kept is not, or its test did not pass

A test says itself what it keeps, in the comment right above it:

    // R05: every release wakes a waiter.
    TEST(SlotPoolTest, WakesEachWaiterOnce) {

    // R10, R14 absent: no slot can be had but by a lease.
    TEST(SlotLeaseTest, CannotBeCopiedNorMadeFromAnIndex) {

and `# R51` above a unittest method. 'absent' means that the test proves, mostly
at compile time, that what the row is about does not exist here. A row that no
test names is 'not yet'.
"""

import argparse
import dataclasses
import pathlib
import re
import sys

import results

ROOT = pathlib.Path(__file__).resolve().parent.parent

ROWS = {
    "R01": "no slot is ever held by two leases",
    "R02": "a full pool waits to the deadline, then refuses with a typed error",
    "R03": "the number of slots: configured, clamped to what was probed",
    "R04": "limits and policy stand in README, --help, metadata and the refusal",
    "R05": "every release wakes a waiter; no wake-up is lost",
    "R06": "one wake-up per released slot, in order of arrival, no polling",
    "R07": "a wait ends at its deadline, to 5 ms",
    "R08": "the count of leased slots is 0 again when idle",
    "R09": "a switch of mode follows the live leases, never a stale counter",
    "R10": "a slot is reached by a move-only lease alone",
    "R11": "a thread works on a slot only through the lease that owns it",
    "R12": "a lease inside a lease restores what was there before",
    "R13": "an index out of range is an error, never the default",
    "R14": "no backend call works without a lease",
    "R15": "draining a device waits for all its slots",
    "R16": "every backend can wait for one slot",
    "R17": "completion is recorded on the lease's stream",
    "R18": "all work of a request happens on its slot",
    "R19": "what cannot end is refused before anybody waits for it",
    "R20": "what completes a run lives until its last reader is done",
    "R21": "no accessor hands out a raw pointer from under a lock",
    "R22": "tickets are 64 bit, only rise, and are never used twice",
    "R23": "a look-up that misses inserts nothing",
    "R24": "one lock per container",
    "R25": "loading one model twice at once is one load",
    "R26": "the losing result of a race is destroyed",
    "R27": "a pool is whole before anybody sees it",
    "R28": "no lock is held while calling another component",
    "R29": "a slot's state is reached through its lease alone",
    "R30": "nothing waits for a device under a lock of the registry",
    "R31": "health and metrics answer while every slot is stuck",
    "R32": "a slot is empty of work before it is leased again",
    "R33": "a dropped lease frees what it used; memory stays flat",
    "R34": "a run that throws leaves its slot usable",
    "R35": "errors cross threads as values; no worker dies of an exception",
    "R36": "thread-local state is set on the thread that runs",
    "R37": "a request's tensors stay on its slot",
    "R38": "no destructor of a global touches a device",
    "R39": "shutdown has an order, and answers everything accepted",
    "R40": "no thread is special after start-up",
    "R41": "a serial model is declared so, and slows no other",
    "R42": "an execution lock is per device and optional",
    "R43": "acquire and release cost little and allocate nothing",
    "R44": "a benchmark states workload, model, batch and device",
    "R45": "worker processes behind the same interface",
    "R46": "tracing is per request and thread-safe, or refused",
    "R47": "every setting is checked for range and name",
    "R48": "built and loaded libtorch are compared at start",
    "R49": "a generated file matches its source",
    "R50": "real models at full concurrency equal one thread's output",
    "R51": "every suite that must run did run",
    "R52": "counts N-1, N, N+1 and 2N for every backend",
    "R53": "sanitizers find nothing, with no suppression",
    "R54": "liveness is measured, not remembered",
    "R55": "the daemon needs no terminal",
    "R56": "a claim in the README names its test",
    "R57": "every public header states its thread contract",
    "R58": "compiled models: a runner per slot, and a watchdog",
    "R59": "inputs are checked before the lease",
    "SEC-01": "listens on loopback alone by default",
    "SEC-02": "off loopback only with TLS or tokens",
    "SEC-03": "one place decides who may call; nobody by default",
    "SEC-04": "tokens come from files and are never logged",
    "SEC-05": "loading and unloading by clients is off by default",
    "SEC-06": "the daemon fetches nothing from a network",
    "SEC-07": "a model's name never leads out of its directory",
    "SEC-08": "shapes are checked for overflow before memory is taken",
    "SEC-09": "messages, inputs and parameters are bounded",
    "SEC-10": "bytes in flight are bounded in total",
    "SEC-11": "streams, headers and connections are bounded",
    "SEC-12": "no internal name in an answer",
    "SEC-13": "client text is escaped in logs and is no metric label",
    "SEC-14": "the HTTP endpoint answers exact paths alone",
    "SEC-15": "frames between processes are checked on both sides",
    "SEC-16": "a model file is examined before libtorch sees it",
    "SEC-17": "engines run in a sandbox",
    "SEC-18": "files that others may write are refused",
    "SEC-19": "strict YAML: an error with its line",
    "SEC-20": "dependencies are pinned and watched",
}

# What is kept already; losing one of these fails `make requirements`.
REQUIRED = (
    "R01 R02 R03 R04 R05 R06 R07 R08 R09 R10 R11 R12 R13 R14 R15 R16 R17 R18 R19 R20 R21 R22 R23"
    " R24 R25 R26 R27 R28 R29 R30 R31 R32 R33 R34 R35 R36 R37 R38 R39 R40 R41 R42 R43 R44 R46 R47"
    " R48 R49 R50 R51 R52 R53 R54 R55 R56 R57 R59 SEC-01 SEC-02 SEC-07 SEC-08 SEC-09 SEC-12 SEC-13"
    " SEC-14 SEC-19"
).split()

_ID = r"(?:R\d\d|SEC-\d\d)"
MARK = re.compile(rf"^\s*(?://|#) ({_ID}(?:(?:, | and |, and ){_ID})*)( absent)?\b")
COMMENT = re.compile(r"^\s*(//|#(?!\w))")
CC_TEST = re.compile(r"^(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)")
PY_TEST = re.compile(r"^\s*def (test_\w+)\(")


@dataclasses.dataclass(frozen=True)
class Claim:
    """One test that says it keeps a row."""

    row: str
    test: str  # Suite.Name
    is_absence: bool


def claims_in(path: str, text: str) -> tuple[list[Claim], list[str]]:
    """The claims of one test source, and the marks that stand above no test."""
    claims, problems, pending, python_class = [], [], [], ""
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if mark := MARK.match(line):
            for row in re.findall(_ID, mark.group(1)):
                pending.append((row, bool(mark.group(2)), number))
            continue
        if COMMENT.match(line):
            continue
        # clang-format may break a long TEST line after its comma.
        whole = line + "".join(lines[number : number + 1]) if "TEST" in line else line
        test = CC_TEST.match(whole)
        name = f"{test.group(1)}.{test.group(2)}" if test else None
        if path.endswith(".py"):
            python_class = (re.findall(r"^class (\w+)", line) or [python_class])[0]
            test = PY_TEST.match(line)
            name = f"{python_class}.{test.group(1)}" if test else None
        for row, is_absence, at in pending:
            if row not in ROWS:
                problems.append(f"{path}:{at}: there is no requirement {row}")
            elif name is None:
                problems.append(f"{path}:{at}: {row} stands right above no test")
            else:
                claims.append(Claim(row, name, is_absence))
        pending = []
    problems += [f"{path}:{at}: {row} stands right above no test" for row, _, at in pending]
    return claims, problems


def outcomes_in(folder: pathlib.Path) -> dict[str, set[str]]:
    """What each test came to; instances of one parameterised test are one test."""
    outcomes: dict[str, set[str]] = {}
    for report in folder.glob("*.xml"):
        for case in results.read(report) if report.name != "ctest.xml" else []:
            # Instance/Suite.Name/3 for TEST_P, Suite/3.Name for TYPED_TEST.
            for suite in case.suite.split("/"):
                test = f"{suite}.{case.name.split('/')[0]}"
                outcomes.setdefault(test, set()).add(case.outcome)
    return outcomes


def state_of(row: str, claims: list[Claim]) -> str:
    mine = [claim for claim in claims if claim.row == row]
    if not mine:
        return "not yet"
    is_absent = all(claim.is_absence for claim in mine)
    names = ", ".join(claim.test for claim in mine)
    return ("absent by construction: " if is_absent else "kept by test: ") + names


def shortcomings(
    claims: list[Claim], outcomes: dict[str, set[str]], required: list[str]
) -> list[str]:
    """Required rows that nothing keeps, and tests that did not run and pass."""
    kept = {claim.row for claim in claims}
    found = [f"{row}: must be kept by now and is not yet" for row in required if row not in kept]
    for claim in claims:
        came_to = outcomes.get(claim.test, {"not run"})
        if came_to != {"passed"}:
            wrong = ", ".join(sorted(came_to - {"passed"}))
            found.append(f"{claim.row}: {claim.test}: {wrong} in the last `make test`")
    return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail on a shortcoming")
    parser.add_argument("--preset", default="dev", help="whose results count")
    options = parser.parse_args(arguments)

    claims, problems = [], []
    for path in sorted((ROOT / "tests").rglob("*")):
        if path.suffix in (".cc", ".h", ".py"):
            name = str(path.relative_to(ROOT))
            found, wrong = claims_in(name, path.read_text(encoding="utf-8"))
            claims += found
            problems += wrong
    for row, title in ROWS.items():
        print(f"{row:7}{title}\n       {state_of(row, claims)}")
    kept = {claim.row for claim in claims}
    print(f"\n{len(kept)} of {len(ROWS)} kept or absent, {len(ROWS) - len(kept)} not yet")
    if not options.check:
        return 0
    folder = ROOT / "build" / options.preset / "results"
    problems += shortcomings(claims, outcomes_in(folder), REQUIRED)
    for problem in problems:
        print(f"requirements: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
