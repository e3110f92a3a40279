"""Shows macos-check failing, on small trees of its own and with the real zig."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import macos_check  # noqa: E402
import torch_wheel  # noqa: E402

GOOD_MODULE = """#include <string>

#include "absl/strings/str_cat.h"
#include "backend/answer.h"
extern "C" __attribute__((visibility("default"))) size_t entry() {
  return absl::StrCat("the answer is ", Answer()).size();
}
"""


class MacosCheckTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve() / "tree"
        self.root.mkdir()
        subprocess.run(["git", "init", "-q", self.root], check=True)
        for copied in ("cmake", "tools"):
            shutil.copytree(ROOT / copied, self.root / copied)
        (self.root / ".venv").symlink_to(macos_check.VENV)
        self.write(".gitignore", ".cache/\n")
        self.write("backend/module_abi.h", "")
        # A memory of its own, but the libc++ that is made already.
        memory = self.root.parent / "weir-macos"
        memory.mkdir()
        (macos_check.MEMORY / "zig").mkdir(parents=True, exist_ok=True)
        (memory / "zig").symlink_to(macos_check.MEMORY / "zig")

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def check(self, *arguments):
        result = subprocess.run(
            [sys.executable, "-B", self.root / "tools" / "macos_check.py", *arguments],
            env={**os.environ, "XDG_CACHE_HOME": str(self.root.parent)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return result.returncode, result.stdout

    def test_finds_a_header_that_is_of_linux_alone(self):
        self.write("good.cc", "#include <sys/event.h>\nint main() { return kqueue(); }\n")
        status, output = self.check()
        self.assertEqual(status, 0, output)
        self.assertIn("1 files compile for aarch64-macos.14.0 (1 anew", output)
        self.write("bad.cc", "#include <sys/epoll.h>\nint main() { return 0; }\n")
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("macos-check: bad.cc:1:10: fatal error: 'sys/epoll.h'", output)
        self.assertNotIn("good.cc", output)

    def test_finds_a_path_that_is_of_linux_alone(self):
        self.write("memory.cc", 'const char* Memory() { return "/proc/self/statm"; }\n')
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("macos-check: memory.cc: opens /proc", output)

    def test_keeps_to_the_warnings_of_the_build(self):
        self.write("cast.cc", "int Half(double x) { return (int)(x / 2); }\n")
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("-Wold-style-cast", output)
        status, output = self.check("cast.cc")
        self.assertEqual(status, 1)
        self.assertIn("return (int)(x / 2);", output)

    def test_looks_again_when_a_header_changes(self):
        self.write("clock.h", "int now();\n")
        self.write("clock.cc", '#include "clock.h"\nint Now() { return now(); }\n')
        self.assertIn("(1 anew", self.check()[1])
        self.assertIn("(0 anew", self.check()[1])
        self.write("clock.h", "int today();\n")
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("clock.cc:2:20: error: use of undeclared identifier 'now'", output)

    def test_finds_a_symbol_that_nothing_has(self):
        self.write("backend/answer.h", "inline int Answer() { return 42; }\n")
        self.write("backend/deep/deep_module.cc", GOOD_MODULE)
        status, output = self.check()
        self.assertEqual(status, 0, output)
        self.assertIn("libweir_deep links", output)
        self.write("backend/answer.h", "int Answer();\n")
        status, output = self.check()
        self.assertEqual(status, 1)
        # abseil's symbols, which Homebrew has, are not among them.
        self.assertIn("backend/deep/deep_module.cc: nothing has __Z6Answerv\n", output)
        self.assertIn("macos-check: 1 to mend", output)


class TorchWheelTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def wheel(self, names):
        path = self.folder / "torch.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, "")
        return path

    def test_keeps_headers_and_three_libraries(self):
        needed = [f"torch/lib/{name}" for name in torch_wheel.LIBRARIES]
        needed.append("torch/include/ATen/ATen.h")
        wheel = self.wheel([*needed, "torch/lib/libshm.dylib", "torch/nn/init.py"])
        torch_wheel.unpack(wheel, self.folder)
        left = [str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file()]
        self.assertEqual(sorted(left), sorted(needed))

    def test_refuses_a_wheel_that_lacks_a_library(self):
        wheel = self.wheel(["torch/lib/libc10.dylib"])
        with self.assertRaisesRegex(OSError, "has no torch.lib.libtorch.dylib torch"):
            torch_wheel.unpack(wheel, self.folder)
