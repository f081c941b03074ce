"""Building blocks, found on the graph alone: by hand on small networks, by force on any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from shufflenet_audit import CostGraph, Op, trace
from shufflenet_audit.network.blocks import (
    Block,
    _cuts,
    blocks,
)
from shufflenet_audit.network.cost import Cost, Traffic
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.zoo.nasnet_a_cell import nasnet_a_cell
from shufflenet_audit.zoo.shufflenet_v1 import shufflenet_v1
from shufflenet_audit.zoo.shufflenet_v2 import shufflenet_v2


def conv(kernel: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(8, 8, kernel, padding=kernel // 2, groups=groups)


def unit(kernel: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution, batch norm, relu."""
    return nn.Sequential(conv(kernel, groups), nn.BatchNorm2d(8), nn.ReLU())


class Joined(nn.Module):
    """Branches on the same input, and what joins them."""

    def __init__(
        self, join: Callable[[list[torch.Tensor]], torch.Tensor], *branches: nn.Module
    ) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self.join = join

    def forward(self, x: torch.Tensor) -> Any:
        return self.join([branch(x) for branch in self.branches])


def added(*branches: nn.Module) -> Joined:
    return Joined(lambda made: torch.stack(made).sum(0) if len(made) > 2 else made[0] + made[1],
                  *branches)  # fmt: skip


def narrowed(*branches: nn.Module) -> nn.Sequential:
    """Branches, concatenated, and brought back to eight channels."""
    return nn.Sequential(
        Joined(lambda made: torch.cat(made, 1), *branches), nn.Conv2d(8 * len(branches), 8, 1)
    )


def found(*layers: nn.Module) -> list[tuple[int, int, int]]:
    """Fragments, branches and depth of each block."""
    graph = trace(nn.Sequential(*layers), torch.zeros(1, 8, 6, 6))
    assert_partitioned(graph)
    return [(block.fragments, block.branches, block.depth) for block in graph.blocks()]


def assert_partitioned(graph: CostGraph) -> None:
    names = [name for block in graph.blocks() for name in block.ops]
    assert names == [op.name for op in graph]
    assert sum(block.macs for block in graph.blocks()) == graph.total.macs
    assert sum(b.fragments for b in graph.blocks()) == sum(op.fragments for op in graph)


def shuffled() -> nn.Module:
    return nn.ChannelShuffle(2)


def pool() -> nn.Module:
    return nn.AvgPool2d(3, 1, 1)


# What each is made of: (fragments, branches, depth) of every block.
CASES: Final[dict[str, tuple[list[nn.Module], list[tuple[int, int, int]]]]] = {
    "one layer": ([conv()], [(1, 1, 1)]),
    "a chain": ([conv(), conv(3), conv()], [(1, 1, 1)] * 3),
    "a chain with what belongs to its layers": ([unit(), unit(3)], [(1, 1, 3)] * 2),
    "groups are fragments": ([conv(1, 4)], [(4, 1, 1)]),
    "a depthwise convolution is one": ([conv(3, 8)], [(1, 1, 1)]),
    "a pooling is one": ([conv(), nn.MaxPool2d(2)], [(1, 1, 1)] * 2),
    "a shuffle belongs to the layer before": ([conv(), shuffled(), conv()], [(1, 1, 2), (1, 1, 1)]),
    "what comes first is with the layer behind": ([nn.ReLU(), conv()], [(0, 1, 1), (1, 1, 1)]),
    "residual": ([added(nn.Sequential(unit(), unit(3), unit()), nn.Identity())], [(3, 2, 10)]),
    "residual behind a layer": (
        [unit(), added(nn.Sequential(unit(), conv(3)), nn.Identity()), nn.ReLU(), conv()],
        [(1, 1, 3), (2, 2, 6), (1, 1, 1)],
    ),
    "residual with projection": ([added(nn.Sequential(unit(), conv(3)), conv())], [(3, 2, 5)]),
    "two branches": ([narrowed(conv(), conv(3))], [(2, 2, 2), (1, 1, 1)]),
    "inception": (
        [narrowed(conv(), nn.Sequential(conv(), conv(3)), nn.Sequential(conv(), conv(5)),
                  nn.Sequential(pool(), conv()))],
        [(7, 4, 3), (1, 1, 1)],
    ),
    "a shortcut around a block with branches": (
        [added(narrowed(conv(), conv(3)), nn.Identity())],
        [(3, 3, 4)],
    ),
    "two residual blocks in a row": (
        [added(unit(), nn.Identity()), nn.ReLU(), added(unit(3), nn.Identity())],
        [(1, 2, 5), (1, 2, 4)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("layers", "expected"), CASES.values(), ids=CASES)
def test_blocks_of_small_networks(
    layers: list[nn.Module], expected: list[tuple[int, int, int]]
) -> None:
    assert found(*layers) == expected


def zoo_blocks(model: nn.Module, size: int = 224) -> tuple[Block, ...]:
    graph = trace(model, torch.zeros(1, 3, size, size))
    assert_partitioned(graph)
    return graph.blocks()


def test_the_units_of_shufflenet_v2_are_blocks_of_three_fragments_or_five() -> None:
    units = [block for block in zoo_blocks(shufflenet_v2()) if block.branches > 1]
    strided, plain = (5, 2), (3, 2)
    expected = [strided, *[plain] * 3, strided, *[plain] * 7, strided, *[plain] * 3]
    assert [(block.fragments, block.branches) for block in units] == expected
    assert units[1].name == "stage2.1.branch"


def test_the_units_of_shufflenet_v1_count_each_of_their_groups() -> None:
    units = [block for block in zoo_blocks(shufflenet_v1()) if block.branches > 1]
    # The first layer of stage 2 is not grouped, and a stride has a pooling on its shortcut.
    assert [block.fragments for block in units] == [6, 7, 7, 7, 8, *[7] * 7, 8, *[7] * 3]


def test_a_cell_of_nasnet_is_one_block() -> None:
    stem, cell, _, head, *_ = zoo_blocks(nasnet_a_cell(), size=56)
    assert (stem.fragments, cell.fragments, cell.branches) == (1, 23, 11)
    assert cell.name == "cell"
    assert head.fragments <= 1


def test_a_network_without_shortcuts_between_its_ends_is_one_block() -> None:
    dense = added(nn.Sequential(unit(), added(unit(), nn.Identity())), nn.Identity())
    assert len(found(dense)) == 1


def test_a_block_is_named_after_the_module_that_all_its_fragments_share() -> None:
    model = nn.ModuleDict({"stem": unit(), "body": added(nn.Sequential(unit(), unit()), unit())})

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = model

        def forward(self, x: torch.Tensor) -> Any:
            return self.parts["body"](self.parts["stem"](x))

    names = [block.name for block in trace(Network(), torch.zeros(1, 8, 6, 6)).blocks()]
    assert names == ["parts.stem.0", "parts.body.branches"]


# any graph


def op(name: str, parents: Sequence[str], kind: Kind = Kind.CONV) -> Op:
    cost = Cost(kind, Traffic(0, 0, 0))
    return Op(name, "", "", "", None, (), (), tuple(parents), (), 0, cost)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Op], list[str], list[str]]:
    """Ops that read earlier ones (or inputs, or nothing), the inputs, and the outputs."""
    inputs = ["x", "y"][: draw(st.integers(1, 2))]
    ops: list[Op] = []
    for at in range(draw(st.integers(1, 9))):
        known = [*inputs, *(each.name for each in ops)]
        # Near ones are more likely, or few graphs had an op that all paths run through.
        near = st.sampled_from(known[-2:]) | st.sampled_from(known)
        kind = draw(st.sampled_from([Kind.CONV, Kind.ELEMENTWISE, Kind.VIEW]))
        ops.append(op(f"op{at}", draw(st.lists(near, max_size=3)), kind))
    more = draw(st.lists(st.sampled_from([*inputs, *(each.name for each in ops)]), max_size=2))
    return ops, inputs, list(dict.fromkeys((ops[-1].name, *more)))


def reached(ops: Sequence[Op], inputs: Sequence[str], without: str = "") -> set[str]:
    """What can be reached from the inputs if one op is taken away."""
    seen = set(inputs)
    for each in ops:
        if each.name != without and seen.intersection(each.parents):
            seen.add(each.name)
    return seen


@given(graphs())
def test_a_cut_is_an_op_without_which_no_input_reaches_an_output(
    graph: tuple[list[Op], list[str], list[str]],
) -> None:
    ops, inputs, outputs = graph
    connected = bool(reached(ops, inputs).intersection(outputs))
    expected = {
        each.name
        for each in ops
        if connected and not reached(ops, inputs, each.name).intersection(outputs)
    }
    assert _cuts(ops, inputs, outputs) & {each.name for each in ops} == expected


@given(graphs())
def test_every_op_is_in_exactly_one_block(graph: tuple[list[Op], list[str], list[str]]) -> None:
    ops, inputs, outputs = graph
    parts = blocks(ops, inputs, outputs)
    assert [name for part in parts for name in part.ops] == [each.name for each in ops]
    assert sum(part.fragments for part in parts) == sum(each.fragments for each in ops)
    assert all(part.ops and part.branches >= 1 for part in parts)
    assert all(0 <= part.depth <= len(part.ops) for part in parts)


@given(graphs())
def test_a_block_with_one_path_is_a_chain(graph: tuple[list[Op], list[str], list[str]]) -> None:
    ops, inputs, outputs = graph
    made = {each.name: each for each in ops}
    constant: set[str] = set()
    for each in ops:
        if constant.issuperset(each.parents):
            constant.add(each.name)
    for part in blocks(ops, inputs, outputs):
        flow = [set(made[name].parents) - constant for name in part.ops]
        entries = [{each if each in part.ops else "" for each in parents} for parents in flow]
        assert (part.branches == 1) == (sum(len(e) - 1 for e in entries if e) <= 0)


def test_the_transposed_weight_of_a_linear_layer_is_no_path() -> None:
    graph = trace(nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8)), torch.zeros(1, 8))
    assert [block.branches for block in graph.blocks()] == [1, 1]
