"""What an inference runtime still moves, against figures worked out by hand, and by laws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from shufflenet_audit import CostGraph, trace

WIDTH, SIZE = 8, 14
MAP: Final = WIDTH * SIZE * SIZE
WEIGHTS: Final = 3 * 3 * WIDTH * WIDTH
STATISTICS: Final = 4 * WIDTH


class Layers(nn.Module):
    """Two convolutions, a batch norm, and a function that uses them as it likes."""

    def __init__(self, function: Callable[[Any, torch.Tensor], Any]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False)
        self.again = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(WIDTH)
        self.relu = nn.ReLU()
        self.function = function

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(self, x)


def traced(function: Callable[[Any, torch.Tensor], Any]) -> CostGraph:
    return trace(Layers(function), torch.zeros(1, WIDTH, SIZE, SIZE))


def left(graph: CostGraph) -> list[tuple[int, int]]:
    """Elements that each op still reads and writes."""
    return [(op.fused.reads, op.fused.writes) for op in graph if op.fused]


def halves(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    first, second = x.chunk(2, dim=1)
    return first, second


CASES: Final[dict[str, tuple[Callable[[Any, Any], Any], list[tuple[int, int]]]]] = {
    "convolution alone": (lambda m, x: m.conv(x), [(MAP + WEIGHTS, MAP)]),
    "convolution, batch norm, relu": (
        lambda m, x: m.relu(m.norm(m.conv(x))),
        [(MAP + WEIGHTS, MAP), (0, 0), (0, 0)],
    ),
    "in place": (
        lambda m, x: m.norm(m.conv(x)).relu_(),
        [(MAP + WEIGHTS, MAP), (0, 0), (0, 0)],
    ),
    "residual add": (
        lambda m, x: m.relu(m.norm(m.conv(x)) + x),
        [(MAP + WEIGHTS, MAP), (0, 0), (MAP, 0), (0, 0)],
    ),
    "add of two convolutions": (
        lambda m, x: m.conv(x) + m.again(x),
        [(MAP + WEIGHTS, MAP), (MAP + WEIGHTS, MAP), (MAP, 0)],
    ),
    "pre-activation": (
        lambda m, x: m.conv(m.relu(m.norm(x))),
        [(MAP + STATISTICS, MAP), (0, 0), (MAP + WEIGHTS, MAP)],
    ),
    "batch norm alone": (lambda m, x: m.norm(x), [(MAP + STATISTICS, MAP)]),
    "batch norm behind a relu": (
        lambda m, x: m.norm(m.relu(m.conv(x))),
        [(MAP + WEIGHTS, MAP), (0, 0), (STATISTICS, 0)],
    ),
    "relu with two readers": (
        lambda m, x: m.again(y := m.relu(m.conv(x))) + y,
        [(MAP + WEIGHTS, MAP), (0, 0), (MAP + WEIGHTS, MAP), (MAP, 0)],
    ),
    "relu beside another reader": (
        lambda m, x: (m.relu(y := m.conv(x)), m.again(y)),
        [(MAP + WEIGHTS, MAP), (MAP, MAP), (MAP + WEIGHTS, MAP)],
    ),
    "relu of a result": (
        lambda m, x: (y := m.conv(x), m.relu(y)),
        [(MAP + WEIGHTS, MAP), (MAP, MAP)],
    ),
    "relu behind a view": (
        lambda m, x: m.relu(m.conv(x).flatten(1)),
        [(MAP + WEIGHTS, MAP), (0, 0)],
    ),
    "square": (lambda m, x: (y := m.conv(x)) * y, [(MAP + WEIGHTS, MAP), (0, 0)]),
    "product of halves": (
        lambda m, x: torch.mul(*halves(m.conv(x))),
        [(MAP + WEIGHTS, MAP // 2), (0, 0)],
    ),
    "gate": (
        lambda m, x: m.conv(x) * x.mean((2, 3), keepdim=True),
        [(MAP + WEIGHTS, MAP), (MAP, WIDTH), (WIDTH, 0)],
    ),
    "squeeze and excitation": (
        lambda m, x: (y := m.conv(x)) * y.mean((2, 3), keepdim=True).sigmoid(),
        [(MAP + WEIGHTS, MAP), (MAP, WIDTH), (0, 0), (MAP + WIDTH, MAP)],
    ),
    "relu of the input": (lambda m, x: m.relu(x), [(MAP, MAP)]),
    "the places of maxima, which nobody reads": (
        lambda m, x: m.conv(torch.max_pool2d(x, 2)),
        [(MAP, MAP // 4), (MAP // 4 + WEIGHTS, MAP // 4)],
    ),
    "concatenation": (
        lambda m, x: m.relu(torch.cat((m.conv(x), x), 1)),
        [(MAP + WEIGHTS, MAP), (2 * MAP, 2 * MAP), (2 * MAP, 2 * MAP)],
    ),
}


@pytest.mark.parametrize(("function", "expected"), CASES.values(), ids=CASES)
def test_what_is_left_to_each_op_after_fusion(
    function: Callable[[Any, Any], Any], expected: list[tuple[int, int]]
) -> None:
    graph = traced(function)
    assert left(graph) == expected
    assert graph.total.memory_access_fused == sum(map(sum, expected))
    assert graph.total.bytes_fused == 4 * graph.total.memory_access_fused


def test_places_of_maxima_that_are_read_are_written() -> None:
    def unpooled(m: Any, x: torch.Tensor) -> Any:
        maxima, places = torch.nn.functional.max_pool2d(x, 2, return_indices=True)
        return torch.nn.functional.max_unpool2d(maxima, places, (2, 2))

    pooling, _ = left(traced(unpooled))
    assert pooling == (MAP, MAP // 4 + MAP // 4)


def test_a_batch_norm_in_training_form_is_not_folded() -> None:
    def normalised(m: Any, x: torch.Tensor) -> Any:
        return torch.nn.functional.batch_norm(m.conv(x), None, None, training=True)

    assert left(traced(normalised)) == [(MAP + WEIGHTS, MAP), (MAP, MAP + 2 * WIDTH)]


STEPS: Final[dict[str, Callable[[Any, torch.Tensor, torch.Tensor], torch.Tensor]]] = {
    "conv": lambda m, x, _: m.conv(x),
    "norm": lambda m, x, _: m.norm(x),
    "relu": lambda m, x, _: m.relu(x),
    "in place": lambda m, x, _: (x + 0).relu_(),
    "add": lambda m, x, earlier: x + earlier,
    "gate": lambda m, x, _: x * x.mean((2, 3), keepdim=True),
    "twice": lambda m, x, _: x * x,
    "concat": lambda m, x, earlier: torch.cat(halves(x + earlier)[::-1], 1),
    "half": lambda m, x, _: torch.cat((halves(x)[0], halves(x)[0].relu()), 1),
    "written in part": lambda m, x, earlier: (y := x.clone(), y[:, :2].copy_(earlier[:, :2]))[0],
    "shuffle": lambda m, x, _: nn.functional.channel_shuffle(x, 2),
    "view": lambda m, x, _: x.transpose(2, 3),
    "pool": lambda m, x, _: nn.functional.max_pool2d(x, 3, 1, 1),
}


@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9)), max_size=10))
def test_fusion_never_moves_more_and_loses_no_op(steps: list[tuple[str, int]]) -> None:
    def run(m: Any, x: torch.Tensor) -> torch.Tensor:
        made = [x]
        for name, back in steps:
            made.append(STEPS[name](m, made[-1], made[-1 - back % len(made)]))
        return made[-1]

    graph = traced(run)
    total = graph.total
    assert total.memory_access_fused <= total.memory_access
    assert total.bytes_fused <= total.bytes
    assert total.memory_access_fused == sum(op.memory_access_fused for op in graph)
    assert total.bytes_fused == sum(op.bytes_fused for op in graph)
    assert all(op.memory_access_fused >= 0 for op in graph)
    assert all(op.fused for op in graph if op.launched)
    if any(op.launched for op in graph):
        assert total.memory_access_fused >= MAP
