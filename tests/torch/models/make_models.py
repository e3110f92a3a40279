"""Writes the TorchScript models that the tests of backend/torch run.

    python3 tests/torch/models/make_models.py DIR            the fixtures
    python3 tests/torch/models/make_models.py DIR --bench    and the benchmarks'
    python3 tests/torch/models/make_models.py DIR --list     and say what each is

DIR/NAME.pt is a model, DIR/NAME.yaml its model.yaml; one without a yaml takes
any input. Each model is seeded by its own name, so that a new one changes no
other. Runs with any torch from 2.9 on and needs nothing else.
"""

import argparse
import dataclasses
import pathlib
import sys
import warnings
import zlib
from typing import Callable, Dict, List, Optional, Tuple

import torch
from torch import Tensor, nn
from torch.nn import functional

ROWS_MAX = 32


@dataclasses.dataclass(frozen=True)
class Spec:
    """One tensor of a model.yaml."""

    name: str
    shape: Tuple[int, ...]
    datatype: str = "FP32"

    def line(self) -> str:
        return f"  - {{name: {self.name}, datatype: {self.datatype}, shape: {list(self.shape)}}}"


@dataclasses.dataclass(frozen=True)
class Fixture:
    make: Callable[[], nn.Module]
    inputs: Tuple[Spec, ...] = ()
    outputs: Tuple[Spec, ...] = ()
    rows_max: Optional[int] = ROWS_MAX
    # Traced with these; scripted where there are none.
    trace: Optional[Callable[[], Tuple[Tensor, ...]]] = None
    # Saved as it is while it is trained.
    trains: bool = False

    def yaml(self) -> str:
        lines = ["inputs:", *(spec.line() for spec in self.inputs)]
        if self.outputs:
            lines += ["outputs:", *(spec.line() for spec in self.outputs)]
        if self.rows_max is not None:
            lines.append(f"batch: {{rows_max: {self.rows_max}}}")
        return "\n".join(lines) + "\n"


FIXTURES: Dict[str, Fixture] = {}
BENCHMARKS: Dict[str, Fixture] = {}

ROW = (-1, 4)
X = (Spec("x", ROW),)
Y = (Spec("y", ROW),)


def fixture(
    name: str,
    inputs=X,
    outputs=Y,
    rows_max=ROWS_MAX,
    trace=None,
    trains=False,
    among=FIXTURES,
):
    """Enters the class or function below under that name."""

    def enter(make):
        among[name] = Fixture(make, tuple(inputs), tuple(outputs), rows_max, trace, trains)
        return make

    return enter


# The contract of every backend: y = 2 * x + 1, and ways not to answer it.


@fixture("affine", rows_max=64)
class Affine(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return 2 * x + 1


@fixture("picky", rows_max=64)
class Picky(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if bool((x == 666).any()):
            raise ValueError("666 is among the values")
        return 2 * x + 1


class Flaky(nn.Module):
    """Counts its runs in a buffer, so it writes to itself."""

    def __init__(self):
        super().__init__()
        self.register_buffer("runs", torch.zeros((), dtype=torch.int64))


@fixture("flaky_internal", rows_max=64)
class FlakyInternal(Flaky):
    def forward(self, x: Tensor) -> Tensor:
        self.runs.add_(1)
        if int(self.runs) % 2 == 0:
            raise RuntimeError("each second run fails")
        return 2 * x + 1


@fixture("flaky_value", rows_max=64)
class FlakyValue(Flaky):
    def forward(self, x: Tensor) -> Tensor:
        self.runs.add_(1)
        if int(self.runs) % 2 == 0:
            raise ValueError("each second run has a bad value")
        return 2 * x + 1


@fixture("flaky_shape", rows_max=64)
class FlakyShape(Flaky):
    def forward(self, x: Tensor) -> Tensor:
        self.runs.add_(1)
        if int(self.runs) % 2 == 0:
            x = torch.mm(x, torch.zeros(5, 5, device=x.device))
        return 2 * x + 1


@fixture("flaky_index", rows_max=64)
class FlakyIndex(Flaky):
    def forward(self, x: Tensor) -> Tensor:
        self.runs.add_(1)
        if int(self.runs) % 2 == 0:
            x = x.select(1, 1000)
        return 2 * x + 1


@fixture("flaky_list", rows_max=64)
class FlakyList(Flaky):
    def forward(self, x: Tensor) -> Tensor:
        self.runs.add_(1)
        rows = [x]
        return 2 * rows[(int(self.runs) + 1) % 2 * 7] + 1


@fixture("flaky_linear_algebra", rows_max=64)
class FlakyLinearAlgebra(Flaky):
    def forward(self, x: Tensor) -> Tensor:
        self.runs.add_(1)
        if int(self.runs) % 2 == 0:
            x = x + torch.linalg.cholesky(-torch.eye(4, device=x.device))[0]
        return 2 * x + 1


# Shapes of real models.


@fixture("mlp", [Spec("x", (-1, 16))], [Spec("y", (-1, 8))])
def make_mlp() -> nn.Module:
    return nn.Sequential(
        nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 8)
    )


class Block(nn.Module):
    """A transformer's block: attention and an MLP, each behind a LayerNorm."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.norm_mlp = nn.LayerNorm(width)
        self.project_in = nn.Linear(width, 3 * width)
        self.project_out = nn.Linear(width, width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.size(0), x.size(1), x.size(2)
        parts = self.project_in(self.norm_attention(x))
        parts = parts.view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        x = x + self.project_out(mixed.transpose(1, 2).reshape(batch, length, width))
        return x + self.down(functional.gelu(self.up(self.norm_mlp(x))))


@fixture("transformer", [Spec("x", (-1, 16, 32))], [Spec("y", (-1, 16, 32))])
def make_transformer() -> nn.Module:
    return Block(32, 4)


@fixture("convolution", [Spec("x", (-1, 3, 16, 16))], [Spec("y", (-1, 10))])
def make_convolution() -> nn.Module:
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
    )
    with torch.no_grad():
        model[1].running_mean.uniform_(-1, 1)
        model[1].running_var.uniform_(0.5, 2)
    return model


@fixture(
    "lstm",
    [Spec("x", (-1, 10, 8))],
    [Spec("out", (-1, 10, 12)), Spec("h", (-1, 2, 12)), Spec("c", (-1, 2, 12))],
)
class Lstm(nn.Module):
    """Answers (out, (h, c)), all with the batch in dimension 0."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 12, num_layers=2, batch_first=True)

    def forward(self, x: Tensor) -> Tuple[Tensor, Tuple[Tensor, Tensor]]:
        out, (h, c) = self.lstm(x)
        return out, (h.transpose(0, 1), c.transpose(0, 1))


@fixture("embedding", [Spec("ids", (-1, 12), "INT64")], [Spec("y", (-1, 8))])
class MeanOfEmbedding(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(100, 16)
        self.linear = nn.Linear(16, 8)

    def forward(self, ids: Tensor) -> Tensor:
        return self.linear(self.table(ids).mean(1))


# Forms of arguments and results.


@fixture("two_inputs", [Spec("x", ROW), Spec("y", ROW)], [Spec("z", ROW)])
class TwoInputs(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x - 2 * y


@fixture("list_input", [Spec("xs__0", ROW), Spec("xs__1", ROW)])
class ListInput(nn.Module):
    def forward(self, xs: List[Tensor]) -> Tensor:
        return xs[0] - 2 * xs[1]


@fixture("dict_input", [Spec("a", ROW), Spec("b", ROW)])
class DictInput(nn.Module):
    def forward(self, inputs: Dict[str, Tensor]) -> Tensor:
        return inputs["a"] - 2 * inputs["b"]


@fixture("optional_input")
class OptionalInput(nn.Module):
    """Its yaml leaves the optional argument out."""

    def forward(self, x: Tensor, bias: Optional[Tensor] = None) -> Tensor:
        if bias is not None:
            return x + bias
        return x + 1000


@fixture(
    "mixed_input", [Spec("x", ROW), Spec("more__xs__0", ROW), Spec("more__xs__1", ROW)]
)
class MixedInput(nn.Module):
    """y = scale * (x - 2 * more__xs[0] + more__xs[1]); its yaml leaves the rest out."""

    def forward(
        self, x: Tensor, bias: Optional[Tensor], more__xs: List[Tensor], scale: float = 3.0
    ) -> Tensor:
        y = scale * (x - 2 * more__xs[0] + more__xs[1])
        if bias is not None:
            y = y + bias
        return y


@fixture("two_dicts", [Spec("left__v", ROW), Spec("right__v", ROW)])
class TwoDicts(nn.Module):
    def forward(self, left: Dict[str, Tensor], right: Dict[str, Tensor]) -> Tensor:
        return left["v"] - 2 * right["v"]


# Arguments that no request can fill.


@fixture("needs_number")
class NeedsNumber(nn.Module):
    def forward(self, x: Tensor, extra: int) -> Tensor:
        return x + extra


@fixture("needs_numbers")
class NeedsNumbers(nn.Module):
    def forward(self, x: Tensor, extra: List[int]) -> Tensor:
        return x + extra[0]


@fixture("needs_numbered")
class NeedsNumbered(nn.Module):
    def forward(self, x: Tensor, extra: Dict[int, Tensor]) -> Tensor:
        return x + extra[0]


@fixture("needs_counts")
class NeedsCounts(nn.Module):
    def forward(self, x: Tensor, extra: Dict[str, int]) -> Tensor:
        return x + extra["a"]


@fixture("tuple_output", outputs=[Spec("plus", ROW), Spec("double", ROW)])
class TupleOutput(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        return x + 1, 2 * x


@fixture("list_output", outputs=[Spec("plus", ROW), Spec("double", ROW)])
class ListOutput(nn.Module):
    def forward(self, x: Tensor) -> List[Tensor]:
        return [x + 1, 2 * x]


@fixture("dict_output", outputs=[Spec("plus", ROW), Spec("double", ROW)])
class DictOutput(nn.Module):
    """Its keys come in another order than the yaml's names."""

    def forward(self, x: Tensor) -> Dict[str, Tensor]:
        return {"double": 2 * x, "plus": x + 1}


@fixture(
    "nested_output",
    outputs=[Spec("plus", ROW), Spec("double", ROW), Spec("triple", ROW), Spec("four", ROW)],
)
class NestedOutput(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Tuple[Tensor, List[Tensor]]]:
        return x + 1, (2 * x, [3 * x, 4 * x])


@fixture("number_output", outputs=())
class NumberOutput(nn.Module):
    """No tensor: no backend can answer with it."""

    def forward(self, x: Tensor) -> int:
        return x.size(0)


@fixture("numbered_output", outputs=[Spec("plus", ROW), Spec("double", ROW)])
class NumberedOutput(nn.Module):
    """A dictionary whose keys are no names."""

    def forward(self, x: Tensor) -> Dict[int, Tensor]:
        return {7: x + 1, 3: 2 * x}


@fixture("many_outputs", outputs=())
class ManyOutputs(nn.Module):
    """As many tensors as x has rows."""

    def forward(self, x: Tensor) -> List[Tensor]:
        return [x[row] for row in range(x.size(0))]


@fixture("deep_output", outputs=())
class DeepOutput(nn.Module):
    """A tensor in 17 tuples."""

    def forward(self, x: Tensor):
        return (((((((((((((((((x,),),),),),),),),),),),),),),),),)


@fixture("complex_output", outputs=())
class ComplexOutput(nn.Module):
    """Of a type that the protocol does not have."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.complex(x, x)


@fixture("sparse_output", outputs=())
class SparseOutput(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.to_sparse()


@fixture("negative_output")
class NegativeOutput(nn.Module):
    """y = -x, as a view that leaves the minus to whoever reads it."""

    def forward(self, x: Tensor) -> Tensor:
        return torch._neg_view(x)


@fixture("as_double", inputs=(), outputs=())
class AsDouble(nn.Module):
    """Tells what the bytes of any datatype mean."""

    def forward(self, x: Tensor) -> Tensor:
        return x.to(torch.float64)


@fixture("identity", inputs=(), outputs=())
class Identity(nn.Module):
    """Of any datatype and shape; the output is the input."""

    def forward(self, x: Tensor) -> Tensor:
        return x


@fixture("slice_input", rows_max=None)
class SliceInput(nn.Module):
    """All rows but the first, in the input's memory."""

    def forward(self, x: Tensor) -> Tensor:
        return x[1:]


@fixture("parameter_output", outputs=[Spec("y", (4,))], rows_max=None)
class ParameterOutput(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.arange(4, dtype=torch.float32))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight


@fixture("buffer_output", outputs=[Spec("y", (2,))], rows_max=None)
class BufferOutput(nn.Module):
    """Part of a buffer, that the next run writes to."""

    def __init__(self):
        super().__init__()
        self.register_buffer("state", torch.zeros(4))

    def forward(self, x: Tensor) -> Tensor:
        self.state.add_(1)
        return self.state[1:3]


@fixture("rebound_output", outputs=[Spec("y", (2,))], rows_max=None)
class ReboundOutput(nn.Module):
    """A tensor that the first run makes part of the module, and each later one writes to."""

    def __init__(self):
        super().__init__()
        self.register_buffer("state", torch.zeros(2))
        self.ran = False

    def forward(self, x: Tensor) -> Tensor:
        if self.ran:
            self.state.add_(1)
        else:
            self.state = torch.ones(2, device=x.device)
        self.ran = True
        return self.state


@fixture("transposed", [Spec("x", (-1, 3, 5))], [Spec("y", (-1, 5, 3))])
class Transposed(nn.Module):
    """Not contiguous."""

    def forward(self, x: Tensor) -> Tensor:
        return (x + 1).transpose(1, 2)


@fixture("no_rows", rows_max=None)
class NoRows(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x[:0] + 1


# What a backend has to see at load, or to survive.


@fixture("double_weights", [Spec("x", ROW, "FP64")], [Spec("y", (-1, 2), "FP64")])
def make_double_weights() -> nn.Module:
    return nn.Linear(4, 2).double()


@fixture("double_held")
class DoubleHeld(nn.Module):
    """Its one FP64 tensor lies in a list in a dictionary in a tuple."""

    def __init__(self):
        super().__init__()
        self.held: Tuple[int, Dict[str, List[Tensor]]] = (
            1,
            {"a": [torch.ones(1, dtype=torch.float64)]},
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.held[0]


@fixture("makes_doubles")
class MakesDoubles(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return (2 * x.to(torch.float64)).to(torch.float32)


@fixture("warns")
class Warns(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        warnings.warn("each run says so")
        return x + 1


@fixture("saved_in_training", trains=True)
class SavedInTraining(nn.Module):
    """y = x, once it is no longer trained."""

    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(x)


@fixture("no_forward")
class NoForward(nn.Module):
    @torch.jit.export
    def answer(self, x: Tensor) -> Tensor:
        return x + 1


@fixture("erfinv")
class Erfinv(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.erfinv(x)


@fixture("copies_to_host")
class CopiesToHost(nn.Module):
    """Tells its device to copy to the host, and does not wait."""

    def forward(self, x: Tensor) -> Tensor:
        return (x * 2).to(torch.device("cpu"), non_blocking=True)


@fixture("fixed_device", trace=lambda: (torch.ones(2, 4),))
class FixedDevice(nn.Module):
    """Tracing bakes the device in."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.zeros(4, device="cpu")


@fixture("fixed_device_of_rows", trace=lambda: (torch.ones(2, 4),))
class FixedDeviceOfRows(nn.Module):
    """Tracing bakes the device in, of a tensor that each run makes anew."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.zeros(x.shape[0], 4, device="cpu")


@fixture("fixed_tensor", trace=lambda: (torch.ones(2, 4),))
class FixedTensor(nn.Module):
    """Tracing bakes the tensor in, as a constant of the graph."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.tensor([1.0, 2.0, 3.0, 4.0])


def double(x: Tensor) -> Tensor:
    return 2 * x


@fixture("forks")
class Forks(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        other = torch.jit.fork(double, x)
        return x + 1 + torch.jit.wait(other)


@fixture("forks_within")
class ForksWithin(nn.Module):
    """Forks in a branch."""

    def forward(self, x: Tensor) -> Tensor:
        if x.size(0) > 1:
            x = torch.jit.wait(torch.jit.fork(double, x))
        return x + 1


@fixture("counter", outputs=[Spec("count", (-1,), "INT64")])
class Counter(nn.Module):
    """Answers the number of this run, from 1, once for each row."""

    def __init__(self):
        super().__init__()
        self.register_buffer("count", torch.zeros(1, dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        self.count.add_(1)
        return self.count.expand(x.size(0)).clone()


@fixture("rebinds")
class Rebinds(nn.Module):
    """y = x + the number of this run, from 1."""

    def __init__(self):
        super().__init__()
        self.register_buffer("h", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        self.h = self.h + 1
        return x + self.h


@fixture("pure_with_inplace")
class PureWithInplace(nn.Module):
    """y = 2 * relu(x * weight), written in place into its own temporaries."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weight", torch.ones(4))

    def forward(self, x: Tensor) -> Tensor:
        y = torch.zeros_like(x)
        y.add_(x * self.weight)
        y[:, 1:].relu_()
        y[:, :1].relu_()
        scaled = self.weight.clone()
        scaled.mul_(2)
        return y.mul_(scaled)


@fixture("writes_input")
class WritesInput(nn.Module):
    """y = x + 1, written into x."""

    def forward(self, x: Tensor) -> Tensor:
        return x.add_(1)


@fixture("writes_list", [Spec("xs__0", ROW), Spec("xs__1", ROW)])
class WritesList(nn.Module):
    """y = xs[0] + xs[1], written into xs[0]."""

    def forward(self, xs: List[Tensor]) -> Tensor:
        return xs[0].add_(xs[1])


@fixture("writes_later")
class WritesLater(nn.Module):
    """y = x + 1, written into x from the second run on."""

    def __init__(self):
        super().__init__()
        self.ran = False

    def forward(self, x: Tensor) -> Tensor:
        if self.ran:
            x.add_(1)
        else:
            x = x + 1
        self.ran = True
        return x


@fixture("list_state")
class ListState(nn.Module):
    """y = x + the number of this run, from 1, which a tensor in a list counts."""

    def __init__(self):
        super().__init__()
        self.counts: List[Tensor] = [torch.zeros(1)]

    def forward(self, x: Tensor) -> Tensor:
        return x + self.counts[0].add_(1)


@torch.jit.interface
class Step(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        pass


class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("count", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.count.add_(1)


@fixture("interface_state")
class InterfaceState(nn.Module):
    """y = x + the number of this run, counted behind a call that cannot be followed."""

    step: Step

    def __init__(self):
        super().__init__()
        self.step = Counting()

    def forward(self, x: Tensor) -> Tensor:
        return self.step.forward(x)


@fixture("pure_with_list")
class PureWithList(nn.Module):
    """y = 2 * x * weight, written in place into tensors of a list of its own."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weight", torch.ones(4))

    def forward(self, x: Tensor) -> Tensor:
        rows = [x[row] * self.weight for row in range(x.size(0))]
        for row in rows:
            row.mul_(2)
        return torch.stack(rows)


# Tables: an id past the end is a fault of a whole GPU.

IDS = (Spec("ids", (-1, 8), "INT64"),)
VECTOR = (Spec("y", (-1, 16)),)


class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(1000, 16)


@fixture("sticky", IDS, VECTOR)
class Sticky(Table):
    """Takes 0 to 999."""

    def forward(self, ids: Tensor) -> Tensor:
        return self.table(ids).mean(1)


@fixture("embedding_reshaped", [Spec("ids", (-1, 8), "INT32")], VECTOR)
class EmbeddingReshaped(Table):
    """Takes 0 to 999, seen only through the graph."""

    def forward(self, ids: Tensor) -> Tensor:
        flat = ids.view(-1).to(torch.long)
        return self.table(flat).view(ids.size(0), 8, 16).mean(1)


@fixture("embedding_clamped", IDS, VECTOR)
class EmbeddingClamped(Table):
    """Takes any id: there is no bound to derive."""

    def forward(self, ids: Tensor) -> Tensor:
        return self.table(ids.clamp(0, 999)).mean(1)


@fixture("embedding_hidden", IDS, VECTOR)
class EmbeddingHidden(Table):
    """Takes 0 to 999, which no graph tells: what lies in the buffer might change."""

    def __init__(self):
        super().__init__()
        self.register_buffer("offset", torch.zeros(1, dtype=torch.int64))

    def forward(self, ids: Tensor) -> Tensor:
        return self.table(ids + self.offset).mean(1)


@fixture("two_tables", IDS, VECTOR)
class TwoTables(Table):
    """Takes 0 to 299: the smaller table counts."""

    def __init__(self):
        super().__init__()
        self.small = nn.Embedding(300, 16)

    def forward(self, ids: Tensor) -> Tensor:
        return (self.table(ids) + self.small(ids)).mean(1)


@fixture("embedding_bag", IDS, VECTOR)
class EmbeddingBag(nn.Module):
    """Takes 0 to 999."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(1000, 16))

    def forward(self, ids: Tensor) -> Tensor:
        bags = 8 * torch.arange(ids.size(0), device=ids.device)
        return torch.embedding_bag(self.table, ids.view(-1), bags)[0]


@fixture("embedding_chain", IDS, VECTOR)
class EmbeddingChain(Table):
    """Takes 0 to 999, seen only through all that hands an id on."""

    def forward(self, ids: Tensor) -> Tensor:
        rows = ids.size(0)
        all_ids = torch.arange(8, device=ids.device)
        wide = ids.to(torch.int64).type_as(all_ids).long()
        flat = wide.view(rows, 2, 4).reshape(rows, 4, 2).flatten(1)
        same = flat.expand(rows, 8).contiguous().unsqueeze(0).squeeze(0)
        turned = same.permute(1, 0).transpose(0, 1).t()
        kept = turned.t()[:, 0:8].unsqueeze(0).select(0, 0)
        picked = kept.detach().clone().index_select(1, all_ids)
        return self.table(picked).mean(1)


@fixture("embedding_either", IDS, VECTOR)
class EmbeddingEither(Table):
    """Takes 0 to 999, whichever way it goes."""

    def forward(self, ids: Tensor) -> Tensor:
        if ids.size(0) > 1:
            ids = ids.view(-1, 8)
        return self.table(ids).mean(1)


@fixture("embedding_branches", IDS, VECTOR)
class EmbeddingBranches(Table):
    """Takes any id in a batch of one row: there is no bound to derive."""

    def forward(self, ids: Tensor) -> Tensor:
        if ids.size(0) > 1:
            ids = ids.view(-1, 8)
        else:
            ids = ids.clamp(0, 999)
        return self.table(ids).mean(1)


@fixture("embedding_chosen", [*IDS, Spec("others", (-1, 8), "INT64")], VECTOR)
class EmbeddingChosen(Table):
    """Takes 0 to 999 in one of its inputs, and which one is not known before."""

    def forward(self, ids: Tensor, others: Tensor) -> Tensor:
        if ids.size(0) > 1:
            chosen = ids
        else:
            chosen = others
        return self.table(chosen).mean(1)


@fixture("embedding_second", [*IDS, Spec("offset", (-1, 1), "INT64")], VECTOR)
class EmbeddingSecond(Table):
    """Takes 0 to 999 in its second argument, which its yaml names first."""

    def forward(self, offset: Tensor, ids: Tensor) -> Tensor:
        return self.table(ids).mean(1) + offset


# One thread of a GPU for each column, one row after the other: long, and it
# leaves nearly all of the GPU to others.


@fixture("narrow", rows_max=None)
class Narrow(nn.Module):
    """y = x + 200000."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.ones(200000, 4, device=x.device).cumsum(0)[-1] + x


# The benchmarks' models; too large to make at every build.


def make_wide(width: int, layers: int) -> nn.Module:
    parts: List[nn.Module] = []
    for _ in range(layers):
        parts += [nn.Linear(width, width), nn.ReLU()]
    return nn.Sequential(*parts)


def wide(name: str, width: int, layers: int, rows: int):
    spec = (-1, width)
    fixture(name, [Spec("x", spec)], [Spec("y", spec)], rows, among=BENCHMARKS)(
        lambda: make_wide(width, layers)
    )


wide("mlp256", 256, 4, rows=1)
wide("mlp2048", 2048, 4, rows=64)

SEQUENCE = (-1, 128, 512)
IMAGE = (-1, 64, 56, 56)


@fixture(
    "bench_transformer", [Spec("x", SEQUENCE)], [Spec("y", SEQUENCE)], 4, among=BENCHMARKS
)
def make_bench_transformer() -> nn.Module:
    return Block(512, 8)


class Residual(nn.Module):
    """A block of a ResNet: twice convolution and norm, and the way around."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm_first = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm_second = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.norm_first(self.first(x)))
        return functional.relu(x + self.norm_second(self.second(y)))


@fixture("bench_convolution", [Spec("x", IMAGE)], [Spec("y", IMAGE)], 8, among=BENCHMARKS)
def make_bench_convolution() -> nn.Module:
    return nn.Sequential(Residual(64), Residual(64))


def build(name: str, what: Fixture) -> torch.jit.ScriptModule:
    torch.manual_seed(zlib.crc32(name.encode()))
    module = what.make().train(what.trains)
    if what.trace is not None:
        return torch.jit.trace(module, what.trace())
    return torch.jit.script(module)


def write_unreadable(folder: pathlib.Path) -> None:
    whole = (folder / "affine.pt").read_bytes()
    (folder / "truncated.pt").write_bytes(whole[: len(whole) // 2])
    (folder / "broken.pt").write_bytes(bytes(range(256)) * 16)


def main(arguments: List[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--bench", action="store_true", help="the benchmarks' models too")
    parser.add_argument("--list", action="store_true", help="print each model's schema")
    options = parser.parse_args(arguments)
    # That torch.jit will go some day is known.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", FutureWarning)
    # That a constant is baked in is what fixed_tensor is for.
    warnings.simplefilter("ignore", torch.jit.TracerWarning)
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, what in {**FIXTURES, **(BENCHMARKS if options.bench else {})}.items():
        module = build(name, what)
        module.save(str(options.folder / f"{name}.pt"))
        if what.inputs:
            (options.folder / f"{name}.yaml").write_text(what.yaml(), encoding="utf-8")
        if options.list:
            schema = module.forward.schema if hasattr(module, "forward") else "none"
            print(f"{name:22} {schema}")
    write_unreadable(options.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
