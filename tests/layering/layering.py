"""Checks every source file against the fences between the folders.

    python3 tests/layering/layering.py        prints each breach, exits 1 on any

A link that is missing is the fence; this finds the include that the link would
have refused, the third-party header that leaks through one of ours, and the
few words that are not used here at all.
"""

import dataclasses
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

TORCH = ("torch/", "ATen/", "c10/", "caffe2/")
PROTOBUF = ("google/protobuf/", "inference/")
GRPC = ("grpc/", "grpcpp/") + PROTOBUF
GTEST = ("gtest/", "gmock/")


@dataclasses.dataclass(frozen=True)
class Fence:
    """What files of a folder may include.

    ours: prefixes of our own headers; the folder's own are always allowed.
    others: third-party prefixes, in headers too.
    private: third-party prefixes that no other folder may see, even through
    a header of this one.
    """

    ours: tuple[str, ...] = ()
    others: tuple[str, ...] = ("absl/",)
    private: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


PIPELINE = ("backend/*", "sync/*", "config/*", "server/telemetry/metrics.h")
RPC = ("server/pipeline/*", "server/telemetry/metrics.h", "backend/tensor.h", "sync/*", "config/*")

# What `weir selftest` opens and runs, and what `weir version` tells of modules.
SELF_TEST = tuple(
    f"backend/{name}.h"
    for name in (
        "backend", "child_process", "module", "module_abi", "module_environment", "module_path",
        "self_test", "self_test_child", "self_test_fact", "self_test_verdict",
    )
)

# proto/ holds no header of its own: what protoc makes of it is "inference/".
# `x/*` means the headers that lie in x itself, not in its folders.
FENCES = {
    "sync": Fence(others=("absl/base/",)),
    "config": Fence(ours=("sync/*",), private=("yaml-cpp/",)),
    "backend": Fence(ours=("sync/*", "config/*")),
    "backend/fake": Fence(ours=("backend/*", "sync/*", "config/*")),
    "backend/torch": Fence(
        ours=("backend/*", "sync/*", "config/*"), private=TORCH, never=("absl/log/",)
    ),
    "server/listen": Fence(ours=("sync/*", "config/*", "backend/descriptor.h")),
    "server/telemetry": Fence(
        ours=("sync/*", "config/*", "server/listen/*", "backend/descriptor.h"),
        private=("prometheus/", "spdlog/"),
    ),
    "server/pipeline": Fence(ours=PIPELINE),
    "server/rpc": Fence(
        ours=RPC + ("server/rpc/wire/*", "server/listen/*", "backend/descriptor.h"), private=GRPC
    ),
    # Bytes and values: messages of protobuf, nothing of a call.
    "server/rpc/wire": Fence(
        ours=RPC, private=PROTOBUF + ("zlib.h",), never=("inference/grpc_service.grpc.pb.h",)
    ),
    "server": Fence(
        ours=PIPELINE + ("server/pipeline/*", "server/rpc/*", "server/listen/*", "server/telemetry/*",
                        "backend/fake/*")
    ),
    "clients/cpp": Fence(others=("absl/",) + GRPC),
    "cli": Fence(
        ours=("clients/cpp/*", "config/*", "sync/*", "server/server.h", "server/model_directory.h",
              "server/listen/*")
        + SELF_TEST,
        private=("CLI/",),
    ),
}

# A test of folder x may include what x may, x itself and tests/support; one that
# may see a backend may drive the fake.
TESTED = {
    "tests/sync": "sync",
    "tests/config": "config",
    "tests/backend": "backend",
    "tests/telemetry": "server/telemetry",
    "tests/listen": "server/listen",
    "tests/pipeline": "server/pipeline",
    "tests/rpc": "server/rpc",
    "tests/rpc/wire": "server/rpc/wire",
    "tests/server": "server",
    "tests/cli": "cli",
}
WHOLE = tuple(f"{folder}/*" for folder in FENCES if folder != "backend/torch")
for tests, tested in TESTED.items():
    fence = FENCES[tested]
    drives = "backend/*" in fence.ours or tested in ("backend", "server/rpc")
    fake = ("backend/fake/*",) if drives else ()
    FENCES[tests] = Fence(
        ours=fence.ours + (f"{tested}/*", "tests/support/*") + fake,
        others=fence.others + GTEST + fence.private + ("absl/",),
        never=fence.never,
    )
FENCES["tests/support"] = Fence(
    ours=PIPELINE + ("backend/fake/*", "server/listen/*", "server/pipeline/*"),
    others=("absl/",) + GTEST,
)
# Suites over a backend's interface alone, whatever backend is behind it.
FENCES["tests/torch"] = Fence(
    ours=PIPELINE + ("server/pipeline/*", "backend/fake/*", "tests/backend/*", "tests/support/*",
          "tests/support/twin/twin_control.h", "backend/torch/wait_pace.h", "tests/gpu/bare/*",
          "server/model_directory.h"),
    others=("absl/",) + GTEST,
)
# Parts of backend/torch without the module around them.
FENCES["tests/torch/parts"] = Fence(
    ours=FENCES["tests/torch"].ours + ("backend/torch/*", "tests/torch/*"),
    others=("absl/",) + GTEST,
    private=TORCH,
    never=("absl/log/",),
)
# The device that libtorch takes for an accelerator, and its own suite.
FENCES["tests/support/twin"] = Fence(
    ours=("backend/*", "sync/*", "config/*", "tests/support/*"),
    others=("absl/",) + GTEST,
    private=TORCH,
    never=("absl/log/",),
)
# A client of C++, against our own server and one that says what a test wants.
FENCES["tests/clients/cpp"] = Fence(
    ours=("clients/cpp/*", "sync/*", "tests/support/*", "tests/rpc/rpc_rig.h"),
    others=("absl/",) + GTEST + GRPC,
)
# The verbs that ask a server, and a server to ask.
FENCES["tests/cli/client"] = Fence(
    ours=FENCES["tests/cli"].ours + ("tests/rpc/rpc_rig.h",),
    others=("absl/",) + GTEST + GRPC + ("CLI/",),
)
# The contract as C++; it and gRPC are all there is to see.
FENCES["tests/proto"] = Fence(others=GTEST + GRPC)
FENCES["tests/gpu"] = Fence(
    ours=FENCES["tests/torch"].ours + ("tests/torch/*",), others=("absl/",) + GTEST
)
# libtorch with nothing of ours around it, to be measured against.
FENCES["tests/gpu/bare"] = Fence(others=(), private=TORCH, never=("absl/",))
for whole in ("bench", "end_to_end", "fault", "fuzz", "install"):
    FENCES[f"tests/{whole}"] = Fence(
        ours=WHOLE + ("tests/support/*",), others=("absl/", "benchmark/") + GTEST + GRPC
    )

OURS = ("sync/", "config/", "backend/", "server/", "clients/", "cli/", "tests/")
STATES_THREAD_SAFETY = ("sync/", "config/", "backend/", "server/")
POSIX = re.compile(
    r"(sys|netinet|arpa|net|linux|mach|mach-o|malloc|bits)/.*|"
    r"(cxxabi|dirent|dlfcn|errno|fcntl|getopt|grp|libproc|limits|link|locale|malloc|math|netdb|poll|"
    r"pthread|pwd|sched|semaphore|signal|spawn|stdarg|stddef|stdint|stdio|stdlib|string|strings|"
    r"syslog|time|unistd)\.h"
)

# A word that is not used here, where it may be used all the same, and why not.
BANNED = (
    (r"absl::(Mutex|CondVar|Notification|BlockingCounter)|absl/synchronization/", (),
     "a distribution's abseil is invisible to TSan; use sync/mutex.h"),
    (r"\bstd::(recursive_|shared_|timed_)*mutex\b|\bstd::condition_variable", ("sync/", "tests/bench/"),
     "locks are sync/mutex.h's, which clang checks"),
    (r"\bstd::j?thread\b(?!::)|\.detach\(\)", ("sync/",),
     "threads are sync/thread.h's: named and joined"),
    (r"\bsleep_(for|until)\b|\bu?sleep\s*\(|\bnanosleep\b", (),
     "nothing sleeps; wait on a clock"),
    (r"no_sanitize", (), "the sanitizers run without suppressions"),
)


def without_comments(text: str) -> str:
    """The same text with comments and string contents blanked, lines kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def folder_of(path: str) -> str | None:
    """The nearest folder above `path` that has a fence."""
    for parent in pathlib.PurePosixPath(path).parents:
        if str(parent) in FENCES:
            return str(parent)
    return None


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(
        str(pathlib.PurePosixPath(path).parent) == pattern[:-2]
        if pattern.endswith("/*")
        else path == pattern
        for pattern in patterns
    )


class Tree:
    """The sources under check: their paths from the root, and what they say."""

    def __init__(self, files: dict[str, str]):
        self.files = files
        self.includes = {
            path: re.findall(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', text, re.MULTILINE)
            for path, text in files.items()
        }

    def breaches(self) -> list[str]:
        found = []
        for path in sorted(self.files):
            found += [f"{path}: {breach}" for breach in self._breaches_of(path)]
        return found

    def _breaches_of(self, path: str):
        yield from self._words(path)
        if path.endswith(".h"):
            yield from self._header(path)
        folder = folder_of(path)
        if folder is None:
            yield "its folder has no fence in tests/layering/layering.py"
            return
        fence = FENCES[folder]
        for include in self.includes[path]:
            if include.startswith(OURS):
                allowed = folder_of(include) == folder or matches(include, fence.ours)
            elif "." not in include and "/" not in include or POSIX.fullmatch(include):
                allowed = True
            else:
                allowed = include.startswith(fence.others + fence.private)
            if not allowed or include.startswith(fence.never):
                yield f'{folder}/ may not include "{include}"'
        yield from self._leaks(path, folder, fence)

    def _leaks(self, path: str, folder: str, fence: Fence):
        """Third-party headers of another folder that arrive through its header."""
        seen, ahead = {path}, [i for i in self.includes[path] if i in self.files]
        while ahead:
            header = ahead.pop()
            if header in seen:
                continue
            seen.add(header)
            owner = folder_of(header)
            private = FENCES[owner].private if owner and owner != folder else ()
            for include in self.includes[header]:
                if private and include.startswith(private) and not include.startswith(
                    fence.others + fence.private
                ):
                    yield f'"{include}" of {owner}/ leaks in through "{header}"'
                if include in self.files:
                    ahead.append(include)

    def _words(self, path: str):
        code = without_comments(self.files[path])
        for line, text in enumerate(code.splitlines(), 1):
            for pattern, but_in, why in BANNED:
                if re.search(pattern, text) and not path.startswith(but_in or ("\0",)):
                    yield f"line {line}: {why}"
        for include in self.includes[path]:
            if include.startswith("absl/synchronization/"):
                yield f'"{include}": {BANNED[0][2]}'

    def _header(self, path: str):
        text = self.files[path]
        guard = "WEIR_" + re.sub(r"[^A-Z0-9]", "_", path.upper()) + "_"
        if not re.search(rf"^#ifndef {guard}\n#define {guard}\n", text, re.MULTILINE):
            yield f"its include guard is not {guard}"
        top = re.match(r"(?:[ \t]*//[^\n]*\n)*", text).group()
        if path.startswith(STATES_THREAD_SAFETY) and "Thread-safety:" not in top:
            yield "its top comment does not state its Thread-safety:"


def read_tree(root: pathlib.Path) -> Tree:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.h", "*.cc"],
        check=True,
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    paths = [path for path in listing.splitlines() if (root / path).exists()]
    return Tree({path: (root / path).read_text(encoding="utf-8") for path in paths})


def main() -> int:
    tree = read_tree(ROOT)
    breaches = tree.breaches()
    print("\n".join(breaches) or f"layering: {len(tree.files)} files keep their fences")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
