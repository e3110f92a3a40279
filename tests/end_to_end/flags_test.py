"""Every flag of every verb, with values that it must not take."""

import functools
import re
import subprocess
import unittest

from daemon import PROGRAM

REFUSED = 2
OVERFLOW = "9" * 40
# What a flag takes, and texts that are none of it. A new flag must be put here.
FLAGS = {
    "number": "--concurrency --model-version --requests --rounds --slots",
    "duration": "--time --timeout --warm-up",
    "address": "--address --grpc --http --metrics",
    "tensor": "--input",
    "device": "--device",
    "path": "--config --model --models --module",
    "name": "--output",
}
WRONG = {
    "number": ("", "abc", "-1", "0", "1e9", "1.0", " 1", OVERFLOW, "-" + OVERFLOW),
    "duration": ("", "abc", "-1", "-1s", "1e9", "1e9s", "5", OVERFLOW, OVERFLOW + "s"),
    "address": ("", "abc", "-1", "1e9", OVERFLOW, "localhost", "localhost:-1", "localhost:65536"),
    "tensor": ("", "abc", "-1", "1e9", OVERFLOW, "=1", "x=", "x=random:-1", "x=random:1e9"),
    "device": ("", "-1", "1e9", OVERFLOW, "Mps!", "cuda:"),
    # Any other text is a path or a name of somebody's.
    "path": ("",),
    "name": ("",),
}
KIND = {flag: kind for kind, flags in FLAGS.items() for flag in flags.split()}


def run(*arguments: str) -> tuple[int, str]:
    """The exit code, and all that was said."""
    command = [PROGRAM, *arguments]
    # Nothing is served or asked for long, should a value be taken.
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env={}, cwd="/")
    return done.returncode, done.stdout + done.stderr


@functools.cache
def help_of(*verb: str) -> str:
    code, text = run(*verb, "--help")
    if code:
        raise AssertionError(text)
    return text


def verbs(*verb: str) -> list[tuple[str, ...]]:
    """Those that do something, such as ("config", "show")."""
    listed = re.search(r"^Subcommands:\n((?:  .*\n)+)", help_of(*verb), re.M)
    if not listed:
        return [verb]
    names = [line.split()[0] for line in listed[1].splitlines()]
    return [found for name in names for found in verbs(*verb, name)]


def flags_of(verb: tuple[str, ...]) -> list[str]:
    return re.findall(r"^  (--[\w-]+) [A-Z]", help_of(*verb), re.M)


def words_of(verb: tuple[str, ...]) -> list[str]:
    """What must stand beside a flag, so that it alone is wrong."""
    return ["m"] * len(re.findall(r"^  \w+ TEXT REQUIRED", help_of(*verb), re.M))


class FlagTest(unittest.TestCase):
    def test_knows_every_flag_that_takes_a_value(self):
        found = {flag for verb in verbs() for flag in flags_of(verb)}
        self.assertEqual(found, set(KIND))
        self.assertIn(("config", "show"), verbs())

    # R47: the sentence begins with the flag, and the program does nothing.
    def test_refuses_each_wrong_value_of_each_flag_by_its_name(self):
        for verb in verbs():
            for flag in flags_of(verb):
                for value in WRONG[KIND[flag]]:
                    with self.subTest(" ".join(verb), flag=flag, value=value):
                        code, said = run(*verb, *words_of(verb), flag, value)
                        self.assertEqual(code, REFUSED, said)
                        self.assertRegex(said, rf"^weir: {flag}: .+\n$")

    # R47: one that came without its value, and one that there is not.
    def test_refuses_a_flag_without_a_value_and_an_unknown_one(self):
        for verb in verbs():
            for flag in (*flags_of(verb), "--nonsense"):
                with self.subTest(" ".join(verb), flag=flag):
                    code, said = run(*verb, *words_of(verb), flag)
                    self.assertEqual(code, REFUSED, said)
                    told = rf"^weir: {flag}: .+; see weir {' '.join(verb)} --help\n$"
                    self.assertRegex(said, told)

    # R47: a path that leads nowhere is named, and is no default.
    def test_names_a_path_where_nothing_lies(self):
        for verb in verbs():
            for flag in flags_of(verb):
                if KIND[flag] != "path":
                    continue
                for path in ("/nowhere/1e9", "/" + "n" * 5000):
                    with self.subTest(" ".join(verb), flag=flag):
                        code, said = run(*verb, flag, path)
                        self.assertIn(code, (1, REFUSED), said)
                        self.assertIn(path[:200], said)


if __name__ == "__main__":
    unittest.main()
