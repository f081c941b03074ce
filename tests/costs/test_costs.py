"""What ops cost: against independent oracles, and by laws that hold for all of them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path
from typing import Any, Final

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F  # noqa: N812  (PyTorch's own name for it)
from torch.utils.flop_counter import FlopCounterMode
from torchvision.ops import DeformConv2d

from shufflenet_audit import CostGraph, Kind, Op, trace
from shufflenet_audit.costs.aten import HANDLERS, cost
from shufflenet_audit.network.call import Call, Spec

META: Final = torch.device("meta")
CONVOLUTIONS: Final[tuple[Any, ...]] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED: Final[tuple[Any, ...]] = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")

few: Final = st.integers(1, 3)
sizes: Final = st.integers(1, 6)


class Function(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: torch.Tensor) -> Any:
        return self.function(*inputs)


def traced(function: Callable[..., Any], *shapes: tuple[int, ...]) -> CostGraph:
    """The graph of a function of tensors of these shapes."""
    return trace(Function(function), *(torch.zeros(shape) for shape in shapes))


def launched(function: Callable[..., Any], *shapes: tuple[int, ...]) -> Op:
    """The one op of a function that is no view."""
    (op,) = (op for op in traced(function, *shapes) if op.launched)
    return op


def flops(run: Callable[[], Any]) -> int:
    """Twice the multiply–adds by PyTorch's own counter."""
    with FlopCounterMode(display=False) as counter:
        run()
    counted: int = counter.get_total_flops()
    return counted


# oracles


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[nn.Module, torch.Tensor]:
    """A convolution of any rank, stride, dilation, padding and number of groups, and an input."""
    rank = draw(few)
    groups = draw(few)
    padding = draw(st.sampled_from(["same", "valid", 0, 1, 2]))
    layer = CONVOLUTIONS[rank - 1](
        groups * draw(few),
        groups * draw(few),
        kernel_size=tuple(draw(few) for _ in range(rank)),
        stride=1 if padding == "same" else draw(few),
        dilation=draw(st.integers(1, 2)),
        padding=padding,
        groups=groups,
        bias=draw(st.booleans()),
        device=META,
    )
    shape = (draw(few), layer.in_channels, *(draw(st.integers(5, 8)) for _ in range(rank)))
    return layer, torch.zeros(shape, device=META)


@given(convolutions())
def test_convolutions_agree_with_pytorch(case: tuple[nn.Module, torch.Tensor]) -> None:
    layer, x = case
    assert 2 * trace(layer, x).total.macs == flops(lambda: layer(x))


@st.composite
def transposed_convolutions(draw: st.DrawFn) -> tuple[Any, torch.Tensor]:
    """A transposed convolution and an input; PyTorch's counter is wrong about its stride."""
    rank = draw(few)
    groups = draw(few)
    stride = draw(few)
    layer = TRANSPOSED[rank - 1](
        groups * draw(few),
        groups * draw(few),
        kernel_size=draw(few),
        stride=stride,
        output_padding=draw(st.integers(0, stride - 1)),
        groups=groups,
        bias=draw(st.booleans()),
        device=META,
    )
    shape = (draw(few), layer.in_channels, *(draw(st.integers(3, 6)) for _ in range(rank)))
    return layer, torch.zeros(shape, device=META)


@given(transposed_convolutions())
def test_a_transposed_convolution_brings_each_input_element_to_each_filter(
    case: tuple[Any, torch.Tensor],
) -> None:
    layer, x = case
    assert trace(layer, x).total.macs == x.numel() * prod(layer.weight.shape[1:])


@given(st.lists(sizes, max_size=4), sizes, sizes, st.booleans())
def test_a_linear_layer_costs_the_same_for_each_row(
    rows: list[int], c_in: int, c_out: int, bias: bool
) -> None:
    layer = nn.Linear(c_in, c_out, bias=bias, device=META)
    graph = trace(layer, torch.zeros(*rows, c_in, device=META))
    assert graph.total.macs == prod(rows) * c_in * c_out
    assert [op.kind for op in graph if op.macs] == [Kind.LINEAR]


PRODUCTS: Final[dict[str, Callable[..., torch.Tensor]]] = {
    "matmul": torch.matmul,
    "@": lambda a, b: a @ b,
    "einsum": lambda a, b: torch.einsum("...ik,...kj->...ij", a, b),
}


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=PRODUCTS)
@given(batch=st.lists(sizes, max_size=3), left=sizes, inner=st.integers(2, 6), right=sizes)
def test_matrix_products_cost_the_same_however_they_are_written(
    *, product: Callable[..., torch.Tensor], batch: list[int], left: int, inner: int, right: int
) -> None:
    graph = traced(product, (*batch, left, inner), (*batch, inner, right))
    assert graph.total.macs == prod(batch) * left * inner * right


@given(st.tuples(few, few, sizes, sizes, sizes), st.sampled_from(["", "mask", "causal"]))
def test_attention_counts_scores_and_weighted_sums(
    shape: tuple[int, int, int, int, int], how: str
) -> None:
    batch, heads, queries, keys, width = shape
    options: dict[str, Any] = {"is_causal": True} if how == "causal" else {}
    if how == "mask":
        options["attn_mask"] = torch.zeros(queries, keys)
    graph = traced(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, **options),
        (batch, heads, queries, width),
        (batch, heads, keys, width),
        (batch, heads, keys, width),
    )
    assert graph.total.macs == 2 * batch * heads * queries * keys * width
    assert graph.total.unknown == 0


@given(
    batch=few,
    length=sizes,
    heads=few,
    width=few,
    batch_first=st.booleans(),
    need_weights=st.booleans(),
)
def test_multi_head_attention_costs_the_same_with_and_without_weights(
    *, batch: int, length: int, heads: int, width: int, batch_first: bool, need_weights: bool
) -> None:
    channels = heads * width
    layer = nn.MultiheadAttention(channels, heads, batch_first=batch_first, device=META)
    shape = (batch, length) if batch_first else (length, batch)
    x = torch.zeros(*shape, channels, device=META)
    rows = batch * length
    macs = trace(layer, x, x, x, need_weights=need_weights).total.macs
    assert macs == 4 * rows * channels * channels + 2 * rows * length * channels


@given(batch=few, length=sizes, heads=few, width=few, hidden=sizes)
def test_an_encoder_layer_is_attention_and_two_linear_layers(
    *, batch: int, length: int, heads: int, width: int, hidden: int
) -> None:
    channels = heads * 2 * width
    layer = nn.TransformerEncoderLayer(channels, heads, hidden, batch_first=True, device=META)
    rows = batch * length
    attention = 4 * rows * channels * channels + 2 * rows * length * channels
    graph = trace(layer.eval(), torch.zeros(batch, length, channels, device=META))
    assert graph.total.macs == attention + 2 * rows * channels * hidden


@pytest.mark.parametrize(("cell", "gates"), [(nn.LSTM, 4), (nn.GRU, 3), (nn.RNN, 1)])
@given(steps=sizes, batch=few, c_in=sizes, hidden=sizes, layers=few, both=st.booleans())
def test_a_recurrent_layer_brings_each_weight_to_each_step(
    *,
    cell: Any,
    gates: int,
    steps: int,
    batch: int,
    c_in: int,
    hidden: int,
    layers: int,
    both: bool,
) -> None:
    layer = cell(c_in, hidden, num_layers=layers, bidirectional=both)
    ways = 1 + both
    widths = [c_in, *[ways * hidden] * (layers - 1)]
    weights = sum(ways * gates * hidden * (width + hidden) for width in widths)
    graph = trace(layer, torch.zeros(steps, batch, c_in))
    assert graph.total.macs == steps * batch * weights
    assert graph.total.unknown == 0


@given(few, few, few, st.integers(4, 7))
def test_a_deformable_convolution_costs_what_a_convolution_does(
    groups: int, c_in: int, c_out: int, size: int
) -> None:
    layer = DeformConv2d(groups * c_in, groups * c_out, 3, padding=1, groups=groups)
    plain = nn.Conv2d(groups * c_in, groups * c_out, 3, padding=1, groups=groups)
    x, offset = torch.zeros(1, groups * c_in, size, size), torch.zeros(1, 18, size, size)
    assert trace(layer, x, offset).total.macs == trace(plain, x).total.macs


# laws


def network() -> nn.Sequential:
    """Some of everything that is linear in the batch."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, groups=8),
        nn.ChannelShuffle(2),
        nn.MaxPool2d(2),
        nn.ConvTranspose2d(8, 4, 2, stride=2),
        nn.Flatten(),
        nn.LazyLinear(10),
        nn.Softmax(dim=1),
    )


@given(st.integers(2, 9))
def test_work_and_writes_grow_with_the_batch_and_parameters_do_not(batch: int) -> None:
    model = network()
    model(torch.zeros(1, 3, 16, 16))
    one, many = (trace(model, torch.zeros(n, 3, 16, 16)).total for n in (1, batch))
    assert many.macs == batch * one.macs
    assert many.elementwise == batch * one.elementwise
    assert many.writes == batch * one.writes
    assert many.params == one.params
    weights = (batch * one.reads - many.reads) / (batch - 1)
    assert 0 < weights <= one.params + sum(buffer.numel() for buffer in model.buffers())


@given(batch=sizes)
def test_a_handler_needs_shapes_alone(batch: int) -> None:
    def convolution(n: int) -> Call:
        x, weight = Spec.of(n, 3, 8, 8, origin="x"), Spec.of(4, 3, 3, 3)
        args = (x, weight, None, (1, 1), (1, 1), (1, 1), False, (0, 0), 1)
        return Call("c", "", "aten.convolution", args, (Spec.of(n, 4, 8, 8, origin="c"),))

    one, many = cost(convolution(1), HANDLERS), cost(convolution(batch), HANDLERS)
    assert one is not None
    assert many is not None
    assert one.macs == 3 * 3 * 3 * 4 * 8 * 8
    assert many.macs == batch * one.macs


@given(st.lists(sizes, max_size=3), sizes, sizes, st.booleans())
def test_a_linear_layer_that_is_not_taken_apart_costs_the_same(
    rows: list[int], c_in: int, c_out: int, biased: bool
) -> None:
    bias = Spec.of(c_out) if biased else None
    args = (Spec.of(*rows, c_in, origin="x"), Spec.of(c_out, c_in), bias)
    known = cost(Call("l", "", "aten.linear", args, (Spec.of(*rows, c_out),)), HANDLERS)
    assert known is not None
    assert (known.kind, known.macs) == (Kind.LINEAR, prod(rows) * c_in * c_out)
    assert known.elementwise == (prod(rows) * c_out if biased else 0)
    assert known.traffic.memory_access == sum(
        spec.elements for spec in (*args, Spec.of(*rows, c_out)) if spec
    )


def test_recurrent_layers_on_a_gpu_cost_what_they_do_on_a_cpu() -> None:
    weights = tuple(Spec.of(*shape) for shape in ((64, 8), (64, 16), (64,), (64,)))
    call = Call("r", "", "aten._cudnn_rnn", (Spec.of(10, 3, 8), weights), (Spec.of(10, 3, 16),))
    known = cost(call, HANDLERS)
    assert known is not None
    assert known.macs == trace(nn.LSTM(8, 16), torch.zeros(10, 3, 8)).total.macs


ONE: Final[dict[str, Callable[..., Any]]] = {
    "relu": torch.relu,
    "gelu": F.gelu,
    "sigmoid": torch.sigmoid,
    "hardswish": F.hardswish,
    "add a number": lambda x: x + 1,
    "in place": lambda x: x.relu_(),
    "to itself": lambda x: x * x,
    "copy": torch.clone,
    "flip": lambda x: x.flip(0),
    "shuffle": nn.ChannelShuffle(2),
}


@pytest.mark.parametrize("function", ONE.values(), ids=ONE)
def test_an_op_of_one_tensor_reads_it_once_and_writes_as_much(
    function: Callable[..., Any],
) -> None:
    op = launched(function, (2, 6, 4, 4))
    assert (op.reads, op.writes, op.macs) == (2 * 6 * 4 * 4, 2 * 6 * 4 * 4, 0)


TWO: Final[dict[str, Callable[..., Any]]] = {
    "add": torch.add,
    "mul": torch.mul,
    "in place": lambda x, y: x.sub_(y),
    "maximum": torch.maximum,
}


@pytest.mark.parametrize("function", TWO.values(), ids=TWO)
def test_an_op_of_two_tensors_reads_both_and_writes_one(function: Callable[..., Any]) -> None:
    op = launched(function, (2, 6), (2, 6))
    assert (op.reads, op.writes, op.memory_access) == (24, 12, 36)


def test_what_is_broadcast_is_read_once() -> None:
    scaled = launched(torch.mul, (2, 6, 4, 4), (2, 6, 1, 1))
    assert (scaled.reads, scaled.writes) == (2 * 6 * 4 * 4 + 2 * 6, 2 * 6 * 4 * 4)
    expanded = launched(lambda x, y: x.expand(5, 6) + y, (1, 6), (5, 6))
    assert (expanded.reads, expanded.writes) == (6 + 30, 30)


def test_a_concatenation_reads_and_writes_all() -> None:
    op = launched(lambda x, y: torch.cat((x, y), 1), (2, 3, 4), (2, 5, 4))
    assert (op.reads, op.writes, op.kind) == (64, 64, Kind.DATA)


def test_writing_over_a_tensor_does_not_read_it() -> None:
    filled = launched(lambda x: x.fill_(1), (3, 4))
    assert (filled.reads, filled.writes) == (0, 12)
    copied = launched(lambda x, y: x.copy_(y), (3, 4), (1, 4))
    assert (copied.reads, copied.writes) == (4, 12)
    given = next(traced(lambda x, y: torch.exp(x, out=y), (3, 4), (3, 4)).of_kind("elementwise"))
    assert (given.reads, given.writes) == (12, 12)
    part = launched(lambda x, y: x[:2].copy_(y), (3, 4), (2, 4))
    assert (part.reads, part.writes) == (8, 8)


def test_writing_at_indices_touches_no_more_than_the_values() -> None:
    class Put(nn.Module):
        def forward(self, x: torch.Tensor, at: torch.Tensor, values: torch.Tensor) -> Any:
            return x.index_put_((at,), values)

    x, at, values = torch.zeros(100, 4), torch.zeros(3, dtype=torch.long), torch.zeros(3, 4)
    (op,) = trace(Put(), x, at, values)
    assert (op.reads, op.writes) == (3 + 12, 12)
    assert op.bytes == op.bytes_fused == 3 * 8 + 12 * 4 + 12 * 4


def test_a_scatter_makes_a_new_tensor() -> None:
    graph = traced(lambda x, i, y: x.scatter(0, i.long(), y), (9, 4), (3, 4), (3, 4))
    (op,) = (op for op in graph if op.target == "aten.scatter.src")
    assert (op.reads, op.writes) == (9 * 4 + 3 * 4 + 3 * 4, 9 * 4)


def test_a_look_up_reads_rows_and_not_the_table() -> None:
    (op,) = trace(nn.Embedding(1000, 16), torch.zeros(2, 3, dtype=torch.long))
    assert (op.reads, op.writes, op.params) == (2 * 3 + 2 * 3 * 16, 2 * 3 * 16, 1000 * 16)
    assert op.bytes == 2 * 3 * 8 + 2 * 2 * 3 * 16 * 4


def test_a_normalisation_reads_its_parameters_too() -> None:
    (op,) = trace(nn.BatchNorm2d(8), torch.zeros(2, 8, 4, 4))
    assert (op.reads, op.writes) == (2 * 8 * 4 * 4 + 4 * 8, 2 * 8 * 4 * 4)
    assert (op.params, op.elementwise) == (2 * 8, 2 * 2 * 8 * 4 * 4)


VIEWS: Final[dict[str, Callable[..., Any]]] = {
    "view": lambda x: x.view(2, 12, 16),
    "reshape": lambda x: x.reshape(-1),
    "flatten": lambda x: x.flatten(1),
    "transpose": lambda x: x.transpose(1, 2),
    "permute": lambda x: x.permute(0, 2, 3, 1),
    "slice": lambda x: x[:, ::2, 1:],
    "select": lambda x: x[0],
    "narrow": lambda x: x.narrow(1, 2, 4),
    "chunk": lambda x: x.chunk(3, 1),
    "split": lambda x: x.split((4, 8), 1),
    "unbind": lambda x: x.unbind(0),
    "unsqueeze": lambda x: x.unsqueeze(0).squeeze(0),
    "expand": lambda x: x[:, :1].expand(2, 12, 4, 4),
    "unfold": lambda x: x.unfold(2, 2, 2),
    "diagonal": lambda x: x.diagonal(0, 2, 3),
    "real and imaginary": lambda x: torch.view_as_complex(x.view(2, 12, 8, 2)),
    "movedim": lambda x: x.movedim(1, -1),
    "contiguous already": lambda x: x.contiguous(),
    "dropout": lambda x: F.dropout(x, training=False),
    "detach": lambda x: x.detach(),
}


@pytest.mark.parametrize("function", VIEWS.values(), ids=VIEWS)
def test_a_view_moves_nothing(function: Callable[..., Any]) -> None:
    total = traced(function, (2, 12, 4, 4)).total
    assert (total.memory_access, total.bytes, total.launches, total.unknown) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("dtype", "size"), [(torch.float64, 8), (torch.float32, 4), (torch.bfloat16, 2)]
)
def test_bytes_follow_the_dtype_and_elements_do_not(dtype: torch.dtype, size: int) -> None:
    narrow = trace(network()[:5].to(dtype), torch.zeros(1, 3, 16, 16, dtype=dtype)).total
    plain = trace(network()[:5], torch.zeros(1, 3, 16, 16)).total
    assert (narrow.macs, narrow.memory_access) == (plain.macs, plain.memory_access)
    assert narrow.bytes == size * narrow.memory_access
    assert narrow.bytes_fused == size * narrow.memory_access_fused


@given(convolutions())
def test_no_op_moves_less_than_its_inputs_and_outputs(
    case: tuple[nn.Module, torch.Tensor],
) -> None:
    layer, x = case
    graph = trace(nn.Sequential(layer, nn.ReLU()), x)
    for op in graph:
        if op.launched and op.kind is not Kind.CREATION:
            moved = sum(tensor.elements for tensor in (*op.inputs, *op.outputs))
            assert op.memory_access == moved + op.params


# the paper's formulas


def fixtures() -> Iterator[dict[str, str]]:
    path = Path(__file__).parents[1] / "data" / "mac_formula_fixtures.csv"
    with path.open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


ROWS: Final = list(fixtures())
SIZE: Final = 56


def widths(row: dict[str, str]) -> tuple[int, int, int]:
    return int(row["c1"]), int(row["c2"]), int(row["groups"])


def layers(row: dict[str, str]) -> list[nn.Module]:
    """Ten blocks: there and back in Table 1, one group convolution in Table 2."""
    c1, c2, groups = widths(row)
    there: nn.Module = nn.Conv2d(c1, c2, 1, groups=groups, bias=False, device=META)
    back: nn.Module = nn.Conv2d(c2, c1, 1, groups=groups, bias=False, device=META)
    return 10 * ([there, back] if row["source_table"] == "table1" else [there])


def buildable(row: dict[str, str]) -> bool:
    c1, c2, groups = widths(row)
    return c1 % groups == c2 % groups == 0


@pytest.mark.parametrize(
    "row", [*filter(buildable, ROWS)], ids=lambda row: "-".join(list(row.values())[:5])
)
def test_memory_access_is_that_of_the_papers_formulas(row: dict[str, str]) -> None:
    c1, c2, _ = widths(row)
    graph = trace(nn.Sequential(*layers(row)), torch.zeros(1, c1, SIZE, SIZE, device=META))
    bound = float(row["mac_lower_bound_eq1"] or 0)
    for op in graph:
        assert op.macs == int(row["flops_one_layer_B"])
        assert op.memory_access == op.memory_access_fused == int(row["mac_one_layer"])
        assert op.memory_access >= bound
        assert (op.memory_access == bound) == (c1 == c2) or not bound
    assert graph.total.macs == int(row["flops_whole_benchmark_net"])


def test_one_row_of_the_papers_tables_cannot_be_built() -> None:
    (row,) = (row for row in ROWS if not buildable(row))
    assert widths(row) == (180, 180, 8)


# the three states of an op


@torch.library.custom_op("shufflenet_audit_tests::mystery", mutates_args=())
def mystery(x: torch.Tensor) -> torch.Tensor:
    return x.clone()


@mystery.register_fake
def _(x: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(x)


def test_an_unknown_op_is_listed_and_left_out_of_the_totals() -> None:
    graph = traced(lambda x: torch.relu(mystery(torch.relu(x))), (2, 3))
    (op,) = graph.unknown
    assert (op.kind, op.cost, op.known) == (Kind.UNKNOWN, None, False)
    assert op.target == "shufflenet_audit_tests.mystery.default"
    assert op.parents == ("relu",)
    assert (graph.total.ops, graph.total.unknown) == (3, 1)
    assert graph.total.memory_access == 2 * (6 + 6)
    for number in ("macs", "reads", "writes", "memory_access", "bytes", "elementwise"):
        with pytest.raises(LookupError, match=f"the cost of {op.name} .* is not known"):
            getattr(op, number)
    assert graph.table().set_index("name").loc[op.name, "macs":"bytes"].isna().all()


def test_every_op_is_costed_or_free_or_unknown() -> None:
    graph = traced(lambda x: mystery(x.view(-1).relu()), (2, 3))
    assert [op.kind for op in graph] == [Kind.VIEW, Kind.ELEMENTWISE, Kind.UNKNOWN]


# channel shuffles


def halves(x: torch.Tensor, groups: int = 3) -> torch.Tensor:
    n, c, h, w = x.shape
    return x.view(n, groups, c // groups, h, w)


def in_one_dimension(x: torch.Tensor) -> torch.Tensor:
    return x.view(2, 3, 4, 16).transpose(1, 2).contiguous().view(2, 12, 16)


SHUFFLES: Final[dict[str, Callable[..., Any]]] = {
    "view, transpose, contiguous, view": lambda x: (
        halves(x).transpose(1, 2).contiguous().view(x.shape)
    ),
    "reshape, transpose, reshape": lambda x: (
        x.reshape(2, 3, 4, 4, 4).transpose(2, 1).reshape(x.shape)
    ),
    "permute": lambda x: halves(x).permute(0, 2, 1, 3, 4).reshape(2, -1, 4, 4),
    "counted from behind": lambda x: halves(x).transpose(-4, -3).flatten(1, 2),
    "as einops does it": lambda x: torch.reshape(
        torch.reshape(x, (2, 3, 4, 4, 4)).permute((0, 2, 1, 3, 4)), (2, 12, 4, 4)
    ),
    "unflatten": lambda x: x.unflatten(1, (3, 4)).swapaxes(1, 2).flatten(1, 2),
    "clone": lambda x: (
        halves(x).transpose(1, 2).clone(memory_format=torch.contiguous_format).view(x.shape)
    ),
    "module": nn.ChannelShuffle(3),
    "function": lambda x: F.channel_shuffle(x, 3),
    "one dimension": lambda x: in_one_dimension(x.view(2, 12, 16)),
    "split and swapped twice": lambda x: in_one_dimension(in_one_dimension(x.view(2, 12, 16))),
}


@pytest.mark.parametrize("function", SHUFFLES.values(), ids=SHUFFLES)
def test_a_channel_shuffle_is_recognised_however_it_is_written(
    function: Callable[..., Any],
) -> None:
    graph = traced(function, (2, 12, 4, 4))
    assert {op.kind for op in graph if op.launched} == {Kind.SHUFFLE}
    assert all(op.memory_access == 2 * 2 * 12 * 4 * 4 for op in graph if op.launched)


NO_SHUFFLES: Final[dict[str, Callable[..., Any]]] = {
    "heads apart": lambda x: x.view(2, 12, 4, 4).transpose(1, 2).contiguous().view(2, 4, 48),
    "heads together": lambda x: x.view(2, 3, 4, 16).transpose(1, 2).reshape(2, 4, 48).relu(),
    "heads of queries, keys and values": lambda x: (
        x.reshape(2, 4, 3, 4, 4).permute(2, 0, 3, 1, 4).contiguous()
    ),
    "channels last": lambda x: x.permute(0, 2, 3, 1).contiguous(),
    "pixels to channels": lambda x: F.pixel_unshuffle(x, 2),
    "windows": lambda x: (
        x.view(2, 12, 2, 2, 2, 2).permute(0, 2, 4, 3, 5, 1).reshape(-1, 4, 12)
    ),
    "flip": lambda x: x.flip(1),
    "transposed map": lambda x: x.transpose(2, 3).contiguous(),
    "one group": lambda x: halves(x, 1).transpose(1, 2).clone(),
}  # fmt: skip


@pytest.mark.parametrize("function", NO_SHUFFLES.values(), ids=NO_SHUFFLES)
def test_other_moves_are_no_channel_shuffle(function: Callable[..., Any]) -> None:
    graph = traced(function, (2, 12, 4, 4))
    assert Kind.SHUFFLE not in {op.kind for op in graph}


def test_multi_head_attention_shuffles_no_channels() -> None:
    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    assert not list(trace(layer.eval(), torch.zeros(2, 10, 32)).of_kind(Kind.SHUFFLE))
