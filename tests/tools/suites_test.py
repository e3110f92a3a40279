"""Shows the checker of suites failing, once for each way to lose a suite."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import results  # noqa: E402
import suites  # noqa: E402

SYNC = suites.Listed("sync_test", "unit", ("dev", "asan", "tsan"))
REGISTERED = suites.Registered("sync_test", ("unit",), False, num_cases=1)


class ListTest(unittest.TestCase):
    def test_reads_a_line(self):
        listed, problems = suites.parse_list("# title\n\nsync_test unit dev asan tsan\n")
        self.assertEqual((listed, problems), ([SYNC], []))

    def test_wants_a_reason_for_a_preset_left_out(self):
        self.assertIn("say after # why", suites.parse_list("a unit dev\n")[1][0])
        self.assertEqual(suites.parse_list("a unit dev # Python\n")[1], [])

    def test_refuses_unknown_presets_and_repeated_lines(self):
        self.assertIn("presets must be", suites.parse_list("a unit\n")[1][0])
        self.assertIn("presets must be", suites.parse_list("a unit dve # x\n")[1][0])
        twice = "a unit dev asan tsan\n" * 2
        self.assertIn("listed twice", suites.parse_list(twice)[1][0])


class RegisteredTest(unittest.TestCase):
    def problems(self, *registered, listed=(SYNC,)):
        return suites.compare_registered("dev", list(listed), list(registered))

    def test_accepts_what_agrees(self):
        self.assertEqual(self.problems(REGISTERED), [])

    # R51
    def test_finds_a_listed_suite_that_is_not_registered(self):
        self.assertIn("not registered", self.problems()[0])

    def test_finds_a_suite_that_is_not_listed(self):
        self.assertIn("not in tests/suites.txt", self.problems(REGISTERED, listed=())[0])

    def test_finds_a_disabled_suite_and_a_wrong_label(self):
        disabled = suites.Registered("sync_test", ("unit",), True)
        self.assertIn("disabled", self.problems(disabled)[0])
        relabelled = suites.Registered("sync_test", ("stress",), False)
        self.assertIn("label is stress", self.problems(relabelled)[0])

    def test_finds_a_suite_under_a_preset_it_is_not_listed_for(self):
        only_asan = suites.Listed("sync_test", "unit", ("asan",))
        self.assertIn("not listed for it", self.problems(REGISTERED, listed=[only_asan])[0])


class RunTest(unittest.TestCase):
    def run_problems(self, status="run", cases=("passed",)):
        """What is found where sync_test has one case and reported `cases`."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            if status is not None:
                (folder / "ctest.xml").write_text(
                    f'<testsuite><testcase name="sync_test" status="{status}"/></testsuite>'
                )
            if cases is not None:
                reported = [results.Case("ClockTest", "Ticks", outcome) for outcome in cases]
                results.write(folder / "sync_test.xml", reported)
            return suites.compare_run([SYNC], [REGISTERED], folder)[0]

    def test_accepts_a_run_of_every_case(self):
        self.assertEqual(self.run_problems(), [])

    # R51
    def test_finds_a_suite_that_did_not_run(self):
        self.assertIn("nothing has run", self.run_problems(status=None)[0])
        self.assertIn("disabled", self.run_problems(status="disabled")[0])
        self.assertIn("fail", self.run_problems(status="fail")[0])

    # R51
    def test_finds_a_suite_that_ran_no_case_or_too_few(self):
        self.assertIn("no test case", self.run_problems(cases=None)[0])
        self.assertIn("no test case", self.run_problems(cases=())[0])
        self.assertIn("ran 2 of 1", self.run_problems(cases=("passed", "passed"))[0])

    # R51
    def test_finds_a_skipped_and_a_disabled_case(self):
        for outcome in ("skipped", "disabled", "failed"):
            self.assertIn(f"ClockTest.Ticks: {outcome}", self.run_problems(cases=(outcome,))[0])


class SourceTest(unittest.TestCase):
    def test_finds_a_test_source_that_no_suite_holds(self):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            (root / "tests").mkdir()
            (root / "tests" / "lost_test.cc").touch()
            (root / "tests" / "kept_test.cc").touch()
            found = suites.unbuilt_sources(root, (".cc",), f"{root}/tests/kept_test.cc")
        self.assertEqual(found, ["tests/lost_test.cc: belongs to no suite"])
