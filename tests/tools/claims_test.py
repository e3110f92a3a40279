"""Holds README.md to docs/claims.md: what it says, and what shows it."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import requirements  # noqa: E402
import suites  # noqa: E402

# A figure, with what it belongs to: 512, 64MiB, C++20, 2.9.1, localhost:8002.
FIGURE = re.compile(r"(?<![\w.])[\w+:]*\d[\w.:]*\w|(?<![\w.])\d(?!\w)")


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """Without blocks of code, where links lead, and emphasis; on one line."""
    text = re.sub(r"^(?:    .*\n|\n(?=    ))+", "\n", text, flags=re.M)
    text = re.sub(r"\]\([^)]*\)|[*!\[\]]", "", text)
    return " ".join(text.split())


def rows(text: str) -> list[tuple[str, str]]:
    """Each claim, and what shows it."""
    found = re.findall(r"^\| (.*) \| (.*) \|$", text, re.M)
    return [row for row in found if row[0] != "the README says"]


def points(text: str) -> list[str]:
    """Those of "What it does", each on one line."""
    part = text.split("\n## What it does\n")[1].split("\n## ")[0]
    return [prose(point) for point in re.split(r"^- ", part, flags=re.M)[1:]]


def unclaimed_figures(text: str, claims: list[str]) -> list[str]:
    """A figure is claimed where the words around it are."""
    text = prose(text)
    claimed = [match.span() for claim in claims for match in re.finditer(re.escape(claim), text)]
    return [
        match.group()
        for match in FIGURE.finditer(text)
        if not any(begin <= match.start() and match.end() <= end for begin, end in claimed)
    ]


def known_tests() -> set[str]:
    """Suites and, as Suite.Name, the tests in them."""
    listed, _ = suites.parse_list(read("tests/suites.txt"))
    known = {suite.name for suite in listed}
    for path in (ROOT / "tests").rglob("*_test.*"):
        # Any line may be a test's first; a row above each makes it a claim.
        text = path.read_text(encoding="utf-8")
        marked = re.sub(r"^(?=TYPED_TEST|TEST)", "// R01\n", text, flags=re.M)
        marked = re.sub(r"^(?=    def test_)", "    # R01\n", marked, flags=re.M)
        known |= {claim.test for claim in requirements.claims_in(path.name, marked)[0]}
    return known


def exists(evidence: str, tests: set[str]) -> bool:
    if evidence.startswith("make "):
        return bool(re.search(rf"^{evidence[5:]}:", read("Makefile"), re.M))
    return evidence in tests or ("/" in evidence and (ROOT / evidence).is_file())


class RuleTest(unittest.TestCase):
    """That the rules below find what they look for."""

    def test_finds_a_figure_that_nothing_shows(self):
        text = "It takes 64MiB.\n\n    code has 17\n\nOf C++20, [12](docs/34.md) at localhost:80."
        self.assertEqual(
            unclaimed_figures(text, ["takes 64MiB"]), ["C++20", "12", "localhost:80"]
        )  # fmt: skip

    def test_knows_what_exists(self):
        tests = known_tests()
        self.assertTrue(exists("RuleTest.test_knows_what_exists", tests))
        self.assertTrue(exists("RoundTripTest.DescribesEveryKeyInDefaultYaml", tests))
        for known in ("tools_test", "make test", "tests/suites.txt"):
            self.assertTrue(exists(known, tests), known)
        for unknown in ("RuleTest.test_nothing", "make nothing", "tests/none.py", "none_test"):
            self.assertFalse(exists(unknown, tests), unknown)


class ReadmeTest(unittest.TestCase):
    def setUp(self):
        self.readme = read("README.md")
        self.rows = rows(read("docs/claims.md"))
        self.claims = [prose(claim) for claim, _ in self.rows]

    # R56
    def test_says_each_claim_in_these_words(self):
        # Comments of a block are words too.
        text = prose(self.readme) + " ".join(self.readme.split())
        for claim in self.claims:
            self.assertIn(claim, text)

    # R56: what nobody has tried has the date of the day on which that was so.
    def test_has_a_test_or_a_command_for_each_claim(self):
        tests = known_tests()
        for claim, shown_by in self.rows:
            evidence = re.findall(r"`([^`]+)`", shown_by)
            self.assertTrue(evidence or re.search(r"as of \d{4}-\d\d-\d\d$", shown_by), claim)
            for named in evidence:
                self.assertTrue(exists(named, tests), f"{claim}: {named}")

    # R56
    def test_claims_no_figure_that_nothing_shows(self):
        self.assertEqual(unclaimed_figures(self.readme, self.claims), [])

    # R56
    def test_claims_no_point_that_nothing_shows(self):
        found = points(self.readme)
        self.assertGreater(len(found), 3)
        for point in found:
            self.assertTrue(any(claim in point for claim in self.claims), point)

    def test_leads_to_what_shows_it(self):
        self.assertIn("](docs/claims.md)", self.readme)


if __name__ == "__main__":
    unittest.main()
