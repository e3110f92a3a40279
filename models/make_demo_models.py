"""Writes the demo repository: the small models that lie beside this script.

    .venv/bin/python -B models/make_demo_models.py          writes them anew
    .venv/bin/python -B models/make_demo_models.py DIR      writes them into DIR

DIR/NAME/1/model.pt is a model, DIR/NAME/model.yaml says what it takes. The same
torch writes the same bytes anywhere: weights are drawn as whole numbers, sets
are sorted, and where a source line lay on this machine is left out.
"""

import argparse
import dataclasses
import io
import itertools
import pathlib
import sys
import warnings
import zipfile
import zlib
from typing import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

IDS = 1000


@dataclasses.dataclass(frozen=True)
class Demo:
    make: Callable[[], nn.Module]
    about: str
    inputs: str
    outputs: str
    rows_max: int

    def yaml(self) -> str:
        return (
            f"# {self.about}\n"
            f"inputs:\n  - {{{self.inputs}}}\n"
            f"outputs:\n  - {{{self.outputs}}}\n"
            f"batch: {{rows_max: {self.rows_max}}}\n"
            f"warm_up: [1, {self.rows_max}]\n"
        )


class Identity(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 128)
        self.second = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(functional.relu(self.first(x)))


class Convolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.second = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.head = nn.Linear(16, 10)

    def forward(self, image: Tensor) -> Tensor:
        x = functional.relu(self.first(image))
        x = functional.relu(self.second(x))
        return self.head(x.mean(dim=[2, 3]))


class Transformer(nn.Module):
    """One block: attention with four heads, and two layers after it."""

    def __init__(self, width: int = 64):
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.merge = nn.Linear(width, width)
        self.norm_layers = nn.LayerNorm(width)
        self.first = nn.Linear(width, 2 * width)
        self.second = nn.Linear(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        rows, length, width = x.shape
        parts = self.query_key_value(self.norm_attention(x)).view(rows, length, 12, 16)
        query, key, value = parts.transpose(1, 2).chunk(3, dim=1)
        weights = torch.softmax(query @ key.transpose(2, 3) * 0.25, dim=-1)
        merged = (weights @ value).transpose(1, 2).reshape(rows, length, width)
        x = x + self.merge(merged)
        return x + self.second(functional.gelu(self.first(self.norm_layers(x))))


class Classifier(nn.Module):
    """The mean of the words' vectors, in two classes; id 0 fills up."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(IDS, 32)
        self.head = nn.Linear(32, 2)

    def forward(self, input_ids: Tensor) -> Tensor:
        counts = (input_ids != 0).to(torch.float32).unsqueeze(2)
        total = (self.words(input_ids) * counts).sum(dim=1)
        return self.head(total / counts.sum(dim=1).clamp(min=1.0))


DEMOS = {
    "identity": Demo(
        Identity,
        "Gives back what it is given: what a request costs without a model.",
        "name: x, datatype: FP32, shape: [-1, 256]",
        "name: y, datatype: FP32, shape: [-1, 256]",
        64,
    ),
    "mlp": Demo(
        Mlp,
        "Two layers.",
        "name: x, datatype: FP32, shape: [-1, 64]",
        "name: scores, datatype: FP32, shape: [-1, 10]",
        64,
    ),
    "convolution": Demo(
        Convolution,
        "Two convolutions over a grey image, and ten classes.",
        "name: image, datatype: FP32, shape: [-1, 1, 28, 28]",
        "name: scores, datatype: FP32, shape: [-1, 10]",
        32,
    ),
    "transformer": Demo(
        Transformer,
        "One block of a transformer, for sequences of any length.",
        "name: x, datatype: FP32, shape: [-1, -1, 64]",
        "name: y, datatype: FP32, shape: [-1, -1, 64]",
        16,
    ),
    "classifier": Demo(
        Classifier,
        "Two classes of a text of 32 words; a word outside the table is refused.",
        f"name: input_ids, datatype: INT64, shape: [-1, 32], values: [0, {IDS - 1}]",
        "name: logits, datatype: FP32, shape: [-1, 2]",
        32,
    ),
}


def draw_weights(module: nn.Module, seed: int) -> None:
    """Whole numbers over a power of two: no rounding, whatever the processor."""
    generator = torch.Generator().manual_seed(seed)
    for weight in module.parameters():
        drawn = torch.randint(-64, 65, weight.shape, generator=generator)
        weight.data = drawn.to(torch.float32) / 512


def in_order(code: bytes) -> bytes:
    """The same code with each run of constants sorted: they come as a set does."""
    lines: list[bytes] = []
    for is_constant, run in itertools.groupby(
        code.splitlines(keepends=True), lambda line: b" : Final[" in line
    ):
        lines += sorted(run) if is_constant else run
    return b"".join(lines)


def saved(module: torch.jit.ScriptModule) -> bytes:
    """The archive without what differs from run to run, or between machines."""
    whole, kept = io.BytesIO(), io.BytesIO()
    torch.jit.save(module, whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(kept, "w") as target:
        for name in source.namelist():
            if not name.endswith((".debug_pkl", "/serialization_id")):
                content = source.read(name)
                content = in_order(content) if name.endswith(".py") else content
                target.writestr(zipfile.ZipInfo(name), content)
    return kept.getvalue()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = pathlib.Path(__file__).resolve().parent
    parser.add_argument("folder", type=pathlib.Path, nargs="?", default=here)
    options = parser.parse_args(arguments)
    # That torch.jit will go some day is known.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", FutureWarning)
    for name, demo in DEMOS.items():
        module = demo.make().eval()
        draw_weights(module, zlib.crc32(name.encode()))
        folder = options.folder / name
        (folder / "1").mkdir(parents=True, exist_ok=True)
        (folder / "1" / "model.pt").write_bytes(saved(torch.jit.script(module)))
        (folder / "model.yaml").write_text(demo.yaml(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
