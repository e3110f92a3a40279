"""Runs files of unittest cases and reports as a GoogleTest suite does.

    python3 tools/run_python_tests.py REPORT.xml tests/tools/suites_test.py ...
"""

import importlib.util
import pathlib
import sys
import unittest

import results


class Recorder(unittest.TextTestResult):
    """Notes every case's outcome; a skipped one is an outcome too."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.outcomes: dict[unittest.TestCase, str] = {}

    def startTest(self, test):
        super().startTest(test)
        self.outcomes[test] = "passed"

    def addError(self, test, err):
        super().addError(test, err)
        self.outcomes[test] = "failed"

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.outcomes[test] = "failed"

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.outcomes[test] = "failed"

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.outcomes[test] = "skipped"

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.outcomes[test] = "disabled"


def load(source: pathlib.Path) -> unittest.TestSuite:
    spec = importlib.util.spec_from_file_location(source.stem, source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return unittest.defaultTestLoader.loadTestsFromModule(module)


def run(report: pathlib.Path, sources: list[pathlib.Path]) -> bool:
    suite = unittest.TestSuite(load(source) for source in sources)
    recorder = unittest.TextTestRunner(resultclass=Recorder, verbosity=2).run(suite)
    results.write(
        report,
        [
            results.Case(type(test).__name__, test.id().rsplit(".", 1)[-1], outcome)
            for test, outcome in recorder.outcomes.items()
        ],
    )
    return recorder.wasSuccessful() and recorder.testsRun > 0


if __name__ == "__main__":
    report_path, *source_paths = map(pathlib.Path, sys.argv[1:])
    sys.exit(0 if run(report_path, source_paths) else 1)
