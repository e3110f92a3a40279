"""Shows that a generated file may not drift from its source."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import check_generated  # noqa: E402


class GeneratedTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.source = pathlib.Path(folder.name) / "source"
        self.made = pathlib.Path(folder.name) / "made"
        self.source.write_text("queue: 512\n")

    def check(self, *flags):
        with contextlib.redirect_stdout(io.StringIO()):
            return check_generated.main([*flags, str(self.made), "--", "cat", str(self.source)])

    def test_accepts_a_file_that_was_just_written(self):
        self.assertEqual(self.check("--write"), 0)
        self.assertEqual(self.check(), 0)

    # R49
    def test_fails_when_the_source_alone_is_edited(self):
        self.check("--write")
        self.source.write_text("queue: 1024\n")
        self.assertEqual(self.check(), 1)

    def test_compares_files_that_are_no_text(self):
        self.source.write_bytes(b"\xff\x00\n")
        self.check("--write")
        self.assertEqual(self.made.read_bytes(), b"\xff\x00\n")
        self.assertEqual(self.check(), 0)
        self.source.write_bytes(b"\xfe\x00\n")
        self.assertEqual(self.check(), 1)

    def test_fails_when_the_file_is_missing(self):
        self.assertEqual(self.check(), 1)
