"""Compiles every source for macOS and links the backend modules, without a Mac.

    python3 tools/macos_check.py --jobs 2
    python3 tools/macos_check.py --torch 2.15.0 2.9.1     against both of them
    python3 tools/macos_check.py sync/thread.cc           all that clang says of it

`zig c++` brings clang, libc++ and Darwin's headers and linker. A source found
good is compiled again only when it, a header it saw or its flags change. What
this can and cannot tell: docs/decisions/0006-macos-without-a-mac.md.
"""

import argparse
import concurrent.futures
import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import mach_o
import torch_wheel

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = "aarch64-macos.14.0"
TORCH = "2.15.0"
ALL_TORCH = ("2.15.0", "2.13.0", "2.9.1")

VENV = ROOT / ".venv"
CACHE = ROOT / ".cache" / "macos"
USER_CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
MADE_CONTRACT = CACHE / "contract"
MEMORY = USER_CACHE / "weir-macos"
KEEP_MEMORY_DAYS = 30

# Each folder here is a backend module: libweir_NAME.
MODULES = "backend/*/"
# Sources that cannot be meant for macOS, each with the reason.
NOT_FOR_MACOS: dict[str, str] = {}
# The sources that see libtorch: those whose nearest CMakeLists.txt links it.
LINKS_TORCH = re.compile(r"target_link_libraries\([^)]*\bweir_libtorch\b")

# The libraries' headers that do not depend on the system, by their folder there.
# All else there is of Linux. libtorch carries a protobuf and a fmt of its own.
SYSTEM = pathlib.Path("/usr/include")
BESIDE_TORCH = ("absl", "benchmark", "gmock", "gtest")
THIRD_PARTY = (
    *BESIDE_TORCH,
    *("CLI", "fmt", "google", "grpc", "grpc++", "grpcpp", "prometheus", "spdlog", "yaml-cpp"),
    *("zconf.h", "zlib.h"),
)


@dataclasses.dataclass(frozen=True)
class Unit:
    """A source, and the release of torch that it is compiled against, if any."""

    source: str
    torch: str = ""


def run(command: list, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )


def files(*patterns: str) -> list[str]:
    """Files of the tree, also those that git does not know yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = run(command, check=True).stdout.splitlines()
    return sorted({path for path in listed if (ROOT / path).exists()})


@functools.cache
def sees_torch(folder: pathlib.Path) -> bool:
    listing = ROOT / folder / "CMakeLists.txt"
    if not listing.exists():
        return folder != folder.parent and sees_torch(folder.parent)
    return LINKS_TORCH.search(listing.read_text(encoding="utf-8")) is not None


def units(sources: list[str], torch_versions: list[str]) -> list[Unit]:
    made = []
    for source in sources:
        if source not in NOT_FOR_MACOS:
            versions = torch_versions if sees_torch(pathlib.Path(source).parent) else [""]
            made += [Unit(source, version) for version in versions]
    return made


# -- what the compiler is told


@functools.cache
def zig() -> pathlib.Path:
    found = list(VENV.glob("lib/python3*/site-packages/ziglang/zig"))
    if not found:
        raise OSError(".venv has no ziglang; run tools/setup")
    return found[0]


@functools.cache
def zig_version() -> str:
    return run([zig(), "version"], check=True).stdout.strip()


@functools.cache
def torch(version: str) -> pathlib.Path:
    return torch_wheel.unpacked(version, CACHE, VENV / "bin" / "python")


@functools.cache
def warnings() -> tuple[str, ...]:
    """What weir_options in cmake/weir.cmake asks of clang."""
    text = (ROOT / "cmake" / "weir.cmake").read_text(encoding="utf-8")
    return tuple(dict.fromkeys(re.findall(r"(?<=\s)-W[a-z-]+", text)))


@functools.cache
def headers_of(name: str, libraries: tuple[str, ...]) -> pathlib.Path:
    """A folder with the headers of these libraries and no others."""
    folder = CACHE / "include" / name
    folder.mkdir(parents=True, exist_ok=True)
    for library in libraries:
        if (SYSTEM / library).exists() and not (folder / library).exists():
            (folder / library).symlink_to(SYSTEM / library)
    return folder


def generate_hash() -> None:
    """The header that backend/ makes; its value does not matter here."""
    script = ROOT / "cmake" / "backend_hash.cmake"
    settings = {
        "ROOT": ROOT,
        "OUTPUT": CACHE / "generated" / "backend" / "module_hash.h",
        "HEADERS": "backend/module_abi.h",
    }
    run(["cmake", *(f"-D{k}={v}" for k, v in settings.items()), "-P", script], check=True)


def generate_contract() -> None:
    """The headers of proto/, by the system's protoc: they go with its protobuf's."""
    protos = files("proto/*.proto")
    if not protos:
        return
    MADE_CONTRACT.mkdir(parents=True, exist_ok=True)
    plugin = f"--plugin=protoc-gen-grpc={shutil.which('grpc_cpp_plugin')}"
    made = [f"--cpp_out={MADE_CONTRACT}", f"--grpc_out={MADE_CONTRACT}"]
    run(["protoc", "-Iproto", plugin, *made, *protos], check=True)


@functools.cache
def defined_macros() -> frozenset[str]:
    text = "".join((ROOT / path).read_text(encoding="utf-8") for path in files("*.h", "*.cc"))
    return frozenset(re.findall(r"^\s*#\s*define (WEIR_\w+)", text, re.MULTILINE))


def given_macros(source: str) -> list[str]:
    """A CMakeLists.txt gives paths to what lies beside it: our macros that no file defines."""
    beside = [source, *(str(path.relative_to(ROOT)) for path in (ROOT / source).parent.glob("*.h"))]
    text = "".join((ROOT / path).read_text(encoding="utf-8") for path in beside)
    used = set(re.findall(r"\bWEIR_\w+", text))
    return [f'-D{name}=""' for name in sorted(used - defined_macros())]


def flags(unit: Unit) -> list[str]:
    # zig would compile for its debug mode: with checks of its own in every object.
    told = ["-target", TARGET, "-std=c++20", "-O0", "-g0", "-fno-sanitize=undefined"]
    told += ["-fvisibility=hidden", "-fvisibility-inlines-hidden", *warnings()]
    told += [f"-I{ROOT}", f"-I{CACHE}/generated", *given_macros(unit.source)]
    if not unit.torch:
        theirs = [MADE_CONTRACT, headers_of("all", THIRD_PARTY)]
        return told + [word for folder in theirs for word in ("-isystem", str(folder))]
    include = torch(unit.torch) / "include"
    told += ["-isystem", str(include), "-isystem", f"{include}/torch/csrc/api/include"]
    return [*told, "-isystem", str(headers_of("beside_torch", BESIDE_TORCH))]


def call_zig(arguments: list) -> subprocess.CompletedProcess:
    # zig keeps libc++ there, which it compiles when it links first.
    caches = {f"ZIG_{scope}_CACHE_DIR": str(MEMORY / "zig") for scope in ("GLOBAL", "LOCAL")}
    return run([zig(), "c++", *arguments], env={**os.environ, **caches})


# -- what is known of a source from an earlier run


@functools.cache
def digest(path: str) -> str:
    try:
        return hashlib.sha256((ROOT / path).read_bytes()).hexdigest()
    except OSError:
        return "gone"


def memory_of(unit: Unit) -> pathlib.Path:
    """Where its object lies and, beside it, the headers seen; for any clone."""
    facts = [zig_version(), *flags(unit), unit.source, digest(unit.source)]
    text = "\n".join(facts).replace(str(ROOT), "")
    return MEMORY / "sources" / (hashlib.sha256(text.encode()).hexdigest() + ".o")


def is_known(memory: pathlib.Path) -> bool:
    seen = memory.with_suffix(".json")
    if not memory.exists() or not seen.exists():
        return False
    known = json.loads(seen.read_text(encoding="utf-8"))
    if any(digest(path) != then for path, then in known.items()):
        return False
    memory.touch()
    return True


def remember(memory: pathlib.Path, listing: str, compiled: pathlib.Path) -> None:
    """Of the compiler's list of files (-MD), first the list, then the object."""
    paths = sorted(set(listing.replace("\\\n", " ").split()[1:]))
    seen = {path.removeprefix(f"{ROOT}/"): digest(path) for path in paths}
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.unlink(missing_ok=True)
    memory.with_suffix(".json").write_text(json.dumps(seen), encoding="utf-8")
    compiled.replace(memory)


def forget_old() -> None:
    for memory in (MEMORY / "sources").glob("*.o"):
        if time.time() - memory.stat().st_mtime > KEEP_MEMORY_DAYS * 86400:
            memory.unlink(missing_ok=True)
            memory.with_suffix(".json").unlink(missing_ok=True)


# -- the checks


def prepare(wanted: list[Unit]) -> None:
    """Makes, before there are threads, what they share."""
    MEMORY.mkdir(parents=True, exist_ok=True)
    forget_old()
    generate_hash()
    generate_contract()
    for unit in {unit.torch: unit for unit in wanted}.values():
        flags(unit)


def compile_unit(unit: Unit) -> str:
    """What the compiler says against it; nothing for a good one."""
    memory = memory_of(unit)
    if is_known(memory):
        return ""
    with tempfile.TemporaryDirectory(dir=MEMORY) as scratch:
        compiled, listing = pathlib.Path(scratch, "a.o"), pathlib.Path(scratch, "a.d")
        arguments = ["-c", unit.source, "-o", compiled, "-MD", "-MF", listing]
        result = call_zig([*flags(unit), *arguments])
        if result.returncode == 0:
            remember(memory, listing.read_text(encoding="utf-8"), compiled)
    return result.stdout.replace(f"{ROOT}/", "") if result.returncode else ""


def first_error(source: str, output: str) -> str:
    """A line, for the rest mostly follows from it."""
    found = re.search(r"^.*\berror: .*$", output, re.MULTILINE)
    error = found[0] if found else output.strip()
    return error if error.startswith(f"{source}:") else f"{source}: {error}"


@functools.cache
def of_abseil() -> re.Pattern:
    """A symbol of abseil's, which nobody carries for macOS here."""
    options = (SYSTEM / "absl" / "base" / "options.h").read_text(encoding="utf-8")
    space = re.search(r"define ABSL_OPTION_INLINE_NAMESPACE_NAME (\w+)", options)[1]
    return re.compile(rf"__Z[A-Z]*4absl{len(space)}{space}|_AbslInternal\w+_{space}$")


def link(name: str, module: list[Unit]) -> list[str]:
    """What keeps the module's objects from being one that the daemon can open."""
    objects = {memory_of(unit): unit.source for unit in module}
    version = next((unit.torch for unit in module if unit.torch), "")
    libraries = [torch(version) / "lib" / lib for lib in torch_wheel.LIBRARIES if version]
    with tempfile.TemporaryDirectory(dir=MEMORY) as scratch:
        module_file = pathlib.Path(scratch) / f"libweir_{name}.so"
        # Told to go on, the linker writes down which library has what.
        how = ["-target", TARGET, "-dynamiclib", "-Wl,-undefined,dynamic_lookup"]
        result = call_zig([*how, *objects, *libraries, "-o", module_file])
        if result.returncode:
            return [result.stdout]
        lacking = mach_o.unresolved(module_file.read_bytes())
    lacking = [symbol for symbol in lacking if not of_abseil().match(symbol)]
    askers = {source: mach_o.unresolved(path.read_bytes()) for path, source in objects.items()}
    return [
        f"{', '.join(s for s, asked in askers.items() if symbol in asked)}: nothing has {symbol}"
        for symbol in lacking
    ]


def check_proc() -> list[str]:
    """A path that only Linux has compiles everywhere."""
    problems = []
    for path in files("*.h", "*.cc"):
        text = (ROOT / path).read_text(encoding="utf-8")
        if '"/proc/' in text and "__APPLE__" not in text:
            problems.append(f"{path}: opens /proc, and says not what macOS has instead")
    return problems


def check_sources(wanted: list[Unit], jobs: int) -> list[str]:
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        outputs = list(pool.map(compile_unit, wanted))
    problems = [
        first_error(unit.source, output) for unit, output in zip(wanted, outputs) if output
    ]
    return list(dict.fromkeys(problems))


def check_module(name: str, members: list[Unit]) -> tuple[list[str], str]:
    """What is wrong with the module, and what to say of a good one."""
    problems, verdict = [], f"libweir_{name} links"
    versions = list(dict.fromkeys(unit.torch for unit in members))
    for version in versions:
        against = f" against torch {version}" if version else ""
        found = link(name, [unit for unit in members if unit.torch == version])
        problems += [f"libweir_{name}{against}: {problem}" for problem in found]
    return problems, verdict + (f" against torch {', '.join(versions)}" if any(versions) else "")


def check_modules(known: list[Unit]) -> tuple[list[str], list[str]]:
    problems, verdicts = [], []
    for folder in sorted(path for path in ROOT.glob(MODULES) if path.is_dir()):
        prefix = f"{folder.relative_to(ROOT)}/"
        members = [unit for unit in known if unit.source.startswith(prefix)]
        if members:
            found, verdict = check_module(folder.name, members)
            problems += found
            verdicts.append(verdict)
    return problems, verdicts


def check(wanted: list[Unit], jobs: int) -> int:
    start = time.monotonic()
    prepare(wanted)
    num_known = sum(is_known(memory_of(unit)) for unit in wanted)
    problems, verdicts = check_proc() + check_sources(wanted, jobs), []
    if not problems:
        problems, verdicts = check_modules(wanted)
    for problem in problems:
        print(f"macos-check: {problem.rstrip()}", file=sys.stderr)
    num_files = len({unit.source for unit in wanted})
    verdict = "; ".join([f"{num_files} files compile for {TARGET}", *verdicts])
    verdict = f"{len(problems)} to mend" if problems else verdict
    took = f"{len(wanted) - num_known} anew, {time.monotonic() - start:.1f} s"
    print(f"macos-check: {verdict} ({took})")
    return 1 if problems else 0


def explain(wanted: list[Unit]) -> int:
    prepare(wanted)
    outputs = [compile_unit(unit) for unit in wanted]
    print("".join(outputs), end="")
    return 1 if any(outputs) else 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--torch", nargs="+", default=[TORCH], help="releases, or `all`")
    parser.add_argument("sources", nargs="*", help="these alone, with all that clang says")
    options = parser.parse_args(arguments)
    versions = ALL_TORCH if options.torch == ["all"] else options.torch
    wanted = units(options.sources or files("*.cc"), versions)
    try:
        return explain(wanted) if options.sources else check(wanted, options.jobs)
    except OSError as error:
        print(f"macos-check: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
