"""Shows the table of requirements being read, and failing where it must."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import requirements  # noqa: E402
import results  # noqa: E402

KEPT = requirements.Claim("R05", "PoolTest.Wakes", is_absence=False)


class ClaimTest(unittest.TestCase):
    def claims(self, text, path="tests/backend/pool_test.cc"):
        return requirements.claims_in(path, text)

    def test_reads_the_comment_right_above_a_test(self):
        text = "// R05: each release\n// wakes a waiter.\nTEST(PoolTest, Wakes) {\n"
        self.assertEqual(self.claims(text), ([KEPT], []))

    def test_reads_several_rows_absence_and_a_broken_line(self):
        text = "// R10, SEC-08 and R14 absent: no way.\nTEST_P(LeaseTest,\n       IsMoveOnly) {\n"
        found = self.claims(text)[0]
        self.assertEqual([claim.row for claim in found], ["R10", "SEC-08", "R14"])
        self.assertEqual({claim.test for claim in found}, {"LeaseTest.IsMoveOnly"})
        self.assertTrue(all(claim.is_absence for claim in found))

    def test_reads_a_unittest(self):
        text = "class RunTest(TestCase):\n    # R51\n    def test_it(self):\n"
        found = self.claims(text, "tests/tools/suites_test.py")[0]
        self.assertEqual(found, [requirements.Claim("R51", "RunTest.test_it", False)])

    def test_leaves_a_row_inside_a_sentence_alone(self):
        self.assertEqual(self.claims("// as in R05.\nTEST(PoolTest, Wakes) {\n"), ([], []))

    def test_refuses_a_mark_above_no_test_and_an_unknown_row(self):
        self.assertIn("above no test", self.claims("// R05\n\nTEST(PoolTest, Wakes) {\n")[1][0])
        self.assertIn("above no test", self.claims("// R05\n")[1][0])
        self.assertIn("no requirement R60", self.claims("// R60\nTEST(A, B) {\n")[1][0])


class StateTest(unittest.TestCase):
    def test_says_kept_absent_or_not_yet(self):
        absent = requirements.Claim("R14", "LeaseTest.IsMoveOnly", is_absence=True)
        state = lambda row: requirements.state_of(row, [KEPT, absent])  # noqa: E731
        self.assertEqual(state("R05"), "kept by test: PoolTest.Wakes")
        self.assertEqual(state("R14"), "absent by construction: LeaseTest.IsMoveOnly")
        self.assertEqual(state("R15"), "not yet")


class CheckTest(unittest.TestCase):
    def shortcomings(self, *cases, required=("R05",), claims=(KEPT,)):
        with tempfile.TemporaryDirectory() as name:
            results.write(pathlib.Path(name) / "pool_test.xml", list(cases))
            outcomes = requirements.outcomes_in(pathlib.Path(name))
        return requirements.shortcomings(list(claims), outcomes, list(required))

    def test_accepts_a_test_that_passed(self):
        self.assertEqual(self.shortcomings(results.Case("PoolTest", "Wakes", "passed")), [])

    def test_knows_the_instances_of_a_parameterised_test(self):
        for suite, name in (("All/PoolTest", "Wakes/3"), ("PoolTest/0", "Wakes")):
            self.assertEqual(self.shortcomings(results.Case(suite, name, "passed")), [])

    def test_finds_a_required_row_that_nothing_keeps(self):
        self.assertIn("R05: must be kept", self.shortcomings(claims=())[0])

    def test_finds_a_test_that_did_not_run_or_pass(self):
        self.assertIn("PoolTest.Wakes: not run", self.shortcomings()[0])
        for outcome in ("failed", "skipped", "disabled"):
            found = self.shortcomings(results.Case("PoolTest", "Wakes", outcome))
            self.assertIn(f"PoolTest.Wakes: {outcome}", found[0])


class TableTest(unittest.TestCase):
    def test_holds_every_row_once_and_requires_known_ones(self):
        rows = [f"R{i:02}" for i in range(1, 60)] + [f"SEC-{i:02}" for i in range(1, 21)]
        self.assertEqual(list(requirements.ROWS), rows)
        self.assertLessEqual(set(requirements.REQUIRED), set(rows))
