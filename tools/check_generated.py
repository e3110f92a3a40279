"""Compares a file in the tree with the output of the command that makes it.

    python3 tools/check_generated.py default.yaml -- build/dev/config/print_default
    python3 tools/check_generated.py --write default.yaml -- ...
"""

import argparse
import difflib
import pathlib
import subprocess
import sys

import results


def check(path: pathlib.Path, command: list[str], write: bool) -> list[str]:
    """The lines of difference; none when the file is what the command prints."""
    made = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    if write:
        path.write_bytes(made)
        return []
    kept = path.read_bytes() if path.exists() else b""
    if kept == made:
        return []
    texts = [data.decode(errors="backslashreplace").splitlines() for data in (kept, made)]
    return [
        f"{path}: {len(kept)} bytes, generated: {len(made)} bytes",
        *difflib.unified_diff(*texts, str(path), "generated", lineterm=""),
    ]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the file anew")
    parser.add_argument("--results", type=pathlib.Path, help="report the one case here")
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    difference = check(options.file, options.command, options.write)
    if options.results:
        outcome = "failed" if difference else "passed"
        case = results.Case("Generated", options.results.stem, outcome)
        results.write(options.results, [case])
    if difference:
        print("\n".join(difference))
        print(f"{options.file} is stale; build the target `regenerate` and commit")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
