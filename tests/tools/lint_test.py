"""Shows each kind of finding once, on sources that deserve it."""

import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import lint  # noqa: E402

UNGUARDED = """#include "sync/mutex.h"
class Counter {
 public:
  int value() const { return value_; }

 private:
  weir::Mutex mutex_;
  int value_ ABSL_GUARDED_BY(mutex_) = 0;
};
int Read(const Counter& counter) { return counter.value(); }
"""


class LintTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        patch = mock.patch.object(lint, "ROOT", self.root)
        patch.start()
        self.addCleanup(patch.stop)
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        (self.root / ".clang-format").write_text((ROOT / ".clang-format").read_text())

    def write(self, path, text, mode=0o644):
        (self.root / path).parent.mkdir(exist_ok=True)
        (self.root / path).write_text(text)
        (self.root / path).chmod(mode)

    def test_finds_a_source_that_is_not_formatted(self):
        self.write("good.cc", "int main() {}\n")
        self.assertEqual(lint.check_format(), [])
        self.write("bad.cc", "int  main( ){}\n")
        self.assertIn("bad.cc:1", lint.check_format()[0])

    def test_finds_a_script_that_does_not_parse_or_run(self):
        self.write("tools/good", "#!/usr/bin/env bash\ntrue\n", mode=0o755)
        self.assertEqual(lint.check_scripts(), [])
        self.write("tools/bad", "#!/usr/bin/env bash\nif true; then\n")
        self.assertEqual(len(lint.check_scripts()), 2)
        self.write("tools/bad.py", "def f(:\n")
        self.assertEqual(len(lint.check_scripts()), 3)

    def test_finds_a_guarded_member_read_without_its_lock(self):
        self.write("counter.cc", UNGUARDED)
        flags = f"-p . --config-file={ROOT}/.clang-tidy counter.cc -- -std=c++20 -Wthread-safety"
        found = lint.run([lint.TIDY, *flags.split(), f"-I{ROOT}"])
        self.assertNotEqual(found.returncode, 0)
        self.assertIn("requires holding mutex 'mutex_'", found.stdout)

    def test_names_a_source_anew_when_a_header_or_a_flag_changes(self):
        self.write("clock.h", "int now();\n")
        listing = f"all: \\\n {self.root}/clock.h\n"
        before = lint.fingerprint(["-O1"], listing)
        lint.digest.cache_clear()
        self.assertEqual(lint.fingerprint(["-O1"], listing), before)
        self.assertNotEqual(lint.fingerprint(["-O2"], listing), before)
        self.write("clock.h", "long now();\n")
        lint.digest.cache_clear()
        self.assertNotEqual(lint.fingerprint(["-O1"], listing), before)

    def test_reports_a_finding_of_a_header_once(self):
        of_header = f"{self.root}/clock.h:1:2: error: slow [x]\n  int now();\n"
        of_source = f"{self.root}/clock.cc:3:4: error: wrong [y]\n"
        both = lint.findings(f"12 warnings generated.\n{of_header}{of_source}")
        self.assertEqual(len(both), 2)
        self.assertEqual(lint.findings(of_header.rstrip()), both[:1])
