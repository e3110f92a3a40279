"""Keeps what is needed of macOS wheels of torch: headers and three libraries."""

import pathlib
import shutil
import subprocess
import tempfile
import zipfile

PLATFORM = ["--platform", "macosx_14_0_arm64", "--python-version", "3.11"]
LIBRARIES = ("libtorch.dylib", "libtorch_cpu.dylib", "libc10.dylib")


def unpacked(version: str, cache: pathlib.Path, python: pathlib.Path) -> pathlib.Path:
    """The folder that holds include/ and lib/ of that version; fetched once."""
    folder = cache / f"torch-{version}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            wheel = download(version, pathlib.Path(scratch), python)
            unpack(wheel, pathlib.Path(scratch))
            # Whole or not at all, whenever this is interrupted.
            (pathlib.Path(scratch) / "torch").rename(folder)
    return folder


def download(version: str, folder: pathlib.Path, python: pathlib.Path) -> pathlib.Path:
    command = [python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", *PLATFORM, "--dest", folder]
    result = subprocess.run(
        [*command, f"torch=={version}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wheels = list(folder.glob("*.whl"))
    if result.returncode or len(wheels) != 1:
        raise OSError(f"cannot download torch {version} for macOS:\n{result.stdout}")
    return wheels[0]


def unpack(wheel: pathlib.Path, folder: pathlib.Path) -> None:
    libraries = {f"torch/lib/{name}" for name in LIBRARIES}
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        wanted = [n for n in names if n.startswith("torch/include/") or n in libraries]
        archive.extractall(folder, wanted)
    missing = libraries.difference(wanted)
    if missing:
        raise OSError(f"{wheel.name} has no {' '.join(sorted(missing))}")
    wheel.unlink()
