"""What the trace foretells of an op is what PyTorch's real kernels make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from shufflenet_audit.tracing.meta.layout import Layout, layout_of
from shufflenet_audit.tracing.meta.shape_rules import foretold

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported")

aten = torch.ops.aten
ORDERS = st.sampled_from([torch.contiguous_format, torch.channels_last])
SIZES = st.integers(1, 9)


@st.composite
def images(draw: st.DrawFn, order: Any = None) -> torch.Tensor:
    shape = [draw(SIZES) for _ in range(4)]
    return torch.ones(shape).contiguous(memory_format=order or draw(ORDERS))


def assert_foretold(func: Any, args: Sequence[Any], *, needed: bool = True) -> None:
    layouts = [_layouts(each) for each in args]
    outcome = foretold(func, layouts)
    assert outcome or not needed
    if outcome:
        real = func(*args)
        made = (real,) if isinstance(real, torch.Tensor) else real
        assert outcome[1] == tuple(map(layout_of, made))


def _layouts(argument: Any) -> Any:
    if isinstance(argument, torch.Tensor):
        return layout_of(argument)
    if isinstance(argument, list) and argument and isinstance(argument[0], torch.Tensor):
        return [layout_of(each) for each in argument]
    return argument


@given(x=images(torch.contiguous_format), dim=st.integers(-4, 3), start=st.integers(0, 3))
def test_a_concatenation_of_tensors_and_their_parts(x: torch.Tensor, dim: int, start: int) -> None:
    part = x.narrow(dim, min(start, x.shape[dim] - 1), 1)
    assert_foretold(aten.cat.default, ([x, part, x], dim))


@given(x=images(), y=images(), dim=st.integers(-4, 3))
def test_a_concatenation_is_foretold_right_or_not_at_all(
    x: torch.Tensor, y: torch.Tensor, dim: int
) -> None:
    try:
        aten.cat.default([x, y], dim)
    except RuntimeError:
        assert foretold(aten.cat.default, ([layout_of(x), layout_of(y)], dim)) is None
    else:
        assert_foretold(aten.cat.default, ([x, y], dim), needed=False)


@given(
    x=images(),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    ceil=st.booleans(),
)
def test_pooling_of_images(
    x: torch.Tensor, *, kernel: int, stride: int, padding: int, ceil: bool
) -> None:
    given = (x, [kernel, kernel], [stride], [padding])
    for func, args in (
        (aten.max_pool2d_with_indices.default, (*given, [1], ceil)),
        (aten.avg_pool2d.default, (*given, ceil)),
    ):
        try:
            func(*args)
        except RuntimeError:
            assert foretold(func, [_layouts(each) for each in args]) is None
        else:
            assert_foretold(func, args)


@given(x=images(torch.contiguous_format), keep=st.booleans())
def test_a_mean_over_places(x: torch.Tensor, keep: bool) -> None:
    assert_foretold(aten.mean.dim, (x, [-1, -2], keep))
    assert_foretold(aten.mean.dim, (x, [1], keep))


@given(x=images())
def test_an_element_wise_op_on_tensors_that_are_laid_out_alike(x: torch.Tensor) -> None:
    assert_foretold(aten.add.Tensor, (x, x.clone()))
    assert_foretold(aten.mul.Tensor, (x, x.clone()))


@given(rows=SIZES, inner=SIZES, columns=SIZES)
def test_a_product_of_matrices(rows: int, inner: int, columns: int) -> None:
    left, right = torch.ones(rows, inner), torch.ones(columns, inner).t()
    assert_foretold(aten.mm.default, (left, right))
    assert_foretold(aten.addmm.default, (torch.ones(columns), left, right))


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn_tanh", "rnn_relu"])
@given(
    shape=st.tuples(SIZES, SIZES, SIZES),
    layers=st.integers(1, 2),
    both=st.booleans(),
    batch_first=st.booleans(),
    projected=st.booleans(),
)
def test_a_recurrent_layer(
    name: str,
    *,
    shape: tuple[int, ...],
    layers: int,
    both: bool,
    batch_first: bool,
    projected: bool,
) -> None:
    cell = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}.get(name, torch.nn.RNN)
    more: Any = {"proj_size": 3} if projected and name == "lstm" else {}
    layer: Any = cell(shape[2], 4, layers, bidirectional=both, **more)
    batch, ways = shape[0 if batch_first else 1], layers * (1 + both)
    states = [torch.ones(ways, batch, 3 if more else 4), torch.ones(ways, batch, 4)]
    hidden = states if name == "lstm" else states[1]
    weights = [each.detach() for each in layer.parameters()]
    args = (torch.ones(shape), hidden, weights, True, layers, 0.0, False, both, batch_first)
    assert_foretold(getattr(aten, name).input, args)


@pytest.mark.parametrize("func", [aten.mm.default, aten.add.Tensor, aten.mul.Tensor])
def test_what_does_not_fit_is_for_pytorch_to_refuse(func: Any) -> None:
    left, right = Layout.dense((2, 3), torch.float32), Layout.dense((4, 5), torch.float32)
    assert foretold(func, (left, right)) is None


@given(images(), st.sampled_from([(8, 1, 3, 3), (8, 1, 1, 1), (6, 2, 3, 5)]), st.integers(1, 2))
def test_convolution(x: torch.Tensor, weight: tuple[int, ...], stride: int) -> None:
    c_out, groups, *kernel = weight
    x = x.repeat(1, groups, 1, 1) if groups > 1 else x
    w = torch.ones(c_out, x.shape[1] // groups, *kernel)
    padding = [side // 2 for side in kernel]
    args = (x, w, None, [stride] * 2, padding, [1, 1], False, [0, 0], groups)
    assert_foretold(aten.convolution.default, args)


def test_a_convolution_that_does_not_fit_is_not_foretold() -> None:
    x, w = Layout.dense((1, 3, 4, 4), torch.float32), Layout.dense((8, 4, 3, 3), torch.float32)
    args = (x, w, None, (1, 1), (0, 0), (1, 1), False, (0, 0), 1)
    assert foretold(aten.convolution.default, args) is None
