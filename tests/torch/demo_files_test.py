"""models/ holds what its script writes, and little enough of it for git."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
SCRIPT = MODELS / "make_demo_models.py"
BYTES_MAX = 1_000_000


def contents(folder: pathlib.Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != SCRIPT.name
    }


class DemoFilesTest(unittest.TestCase):
    # R49
    def test_are_what_the_script_writes(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-B", str(SCRIPT), folder], check=True)
            written = contents(pathlib.Path(folder))
        lying = contents(MODELS)
        self.assertEqual(sorted(lying), sorted(written))
        different = [name for name in lying if lying[name] != written[name]]
        self.assertEqual(different, [], f"run {SCRIPT.relative_to(ROOT)}")

    def test_are_small(self):
        size = sum(len(content) for content in contents(MODELS).values())
        self.assertLess(size, BYTES_MAX)

    def test_name_no_place_on_a_machine(self):
        for name, content in contents(MODELS).items():
            self.assertIsNone(re.search(rb"/(home|root|tmp|Users|lib)/", content), name)


if __name__ == "__main__":
    unittest.main()
