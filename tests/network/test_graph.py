"""The graph of a network: its edges, its views for pandas and networkx, its sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import networkx as nx
import pytest
import torch
from torch import nn

from shufflenet_audit import CostGraph, Kind, trace
from shufflenet_audit.network.kind import Category


class Function(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor, y: torch.Tensor | None = None) -> Any:
        return self.function(x) if y is None else self.function(x, y)


class Residual(nn.Module):
    """A branch of two layers beside a shortcut, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.branch = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.head = nn.Linear(4, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head((image + self.branch(image)).mean((2, 3)))
        return scores


def residual() -> CostGraph:
    return trace(Residual(), torch.zeros(2, 4, 6, 6))


def traced(function: Callable[..., Any], *shapes: tuple[int, ...]) -> CostGraph:
    return trace(Function(function), *(torch.zeros(shape) for shape in shapes))


def makers(graph: CostGraph) -> dict[str, set[str]]:
    """For each op that is no view, who made what it reads, seen through views."""

    def maker(name: str) -> str:
        if name in graph and not graph[name].launched and graph[name].parents:
            return maker(graph[name].parents[0])
        return name

    return {op.name: set(map(maker, op.parents)) for op in graph if op.launched}


# lookup


def test_ops_come_in_the_order_in_which_they_run_and_go_by_name() -> None:
    graph = residual()
    kinds = ["conv", "normalization", "elementwise", "elementwise", "pooling", "view", "linear"]
    assert [op.kind for op in graph] == kinds
    assert len(graph) == len(kinds)
    assert all(op.name in graph and graph[op.name] is op for op in graph)
    assert "nobody" not in graph
    with pytest.raises(KeyError):
        graph["nobody"]
    assert [op.kind for op in graph.of_kind(Kind.LINEAR, Kind.CONV)] == ["conv", "linear"]


def test_the_inputs_have_the_names_of_the_arguments_of_forward() -> None:
    (given,) = residual().inputs
    assert (given.name, str(given.tensor)) == ("image", "float32[2×4×6×6]")


def test_parents_and_children_are_the_same_edges_from_both_ends() -> None:
    graph = residual()
    down = {(op.name, child.name) for op in graph for child in graph.children(op)}
    up = {(parent.name, op.name) for op in graph for parent in graph.parents(op)}
    assert down == up
    add = graph["add"]
    assert add.parents == ("image", "relu")
    assert [op.name for op in graph.parents(add)] == ["relu"]
    assert [op.name for op in graph.children(add)] == ["mean"]


def test_an_op_knows_its_module_its_line_and_its_parameters() -> None:
    graph = residual()
    conv = next(graph.of_kind(Kind.CONV))
    assert (conv.module, conv.module_class) == ("branch.0", "Conv2d")
    assert conv.parameters == ("branch.0.weight", "branch.0.bias")
    assert conv.params == 4 * 4 * 3 * 3 + 4
    add = graph["add"]
    assert (add.module, add.module_class, add.params) == ("", "Residual", 0)
    assert add.source is not None
    assert Path(add.source.file).name == Path(__file__).name
    assert add.source.text.endswith("self.head((image + self.branch(image)).mean((2, 3)))")
    assert conv.source == add.source


# edges


EDGES: Final[dict[str, tuple[Callable[..., Any], dict[str, set[str]]]]] = {
    "in place": (
        lambda x: (y := x.relu(), y.add_(1), y.sigmoid())[-1],
        {"relu": {"x"}, "add": {"relu"}, "sigmoid": {"add"}},
    ),
    "in place twice": (
        lambda x: (x := x.clone(), x.add_(1), x.mul_(2), x.exp())[-1],
        {"clone": {"x"}, "add": {"clone"}, "mul": {"add"}, "exp": {"mul"}},
    ),
    "a slice written in place": (
        lambda x: (y := x.clone(), y[:1].copy_(x[1:]), y.relu())[-1],
        {"clone": {"x"}, "copy": {"clone", "x"}, "relu": {"copy"}},
    ),
    "a slice filled": (
        lambda x: (y := x.clone(), y[0].fill_(1), y.relu())[-1],
        {"clone": {"x"}, "fill": {"clone"}, "relu": {"fill"}},
    ),
    "a view of what was written": (
        lambda x: (y := x.clone(), v := y.view(-1), y.relu_(), v.exp())[-1],
        {"clone": {"x"}, "relu": {"clone"}, "exp": {"relu"}},
    ),
    "written through a view": (
        lambda x: (y := x.clone(), y.view(-1).relu_(), y.exp())[-1],
        {"clone": {"x"}, "relu": {"clone"}, "exp": {"relu"}},
    ),
    "one view written, another read": (
        lambda x: (y := x.clone(), y[0].relu_(), y[1].exp())[-1],
        {"clone": {"x"}, "relu": {"clone"}, "exp": {"relu"}},
    ),
    "the input written": (
        lambda x: (x.relu_(), x.exp())[-1],
        {"relu": {"x"}, "exp": {"relu"}},
    ),
    "result given to out=": (
        lambda x: (y := torch.empty(2, 4), torch.exp(x, out=y), y.relu())[-1],
        {"exp": {"x"}, "relu": {"exp"}},
    ),
    "both halves": (
        lambda x: torch.add(*x.exp().chunk(2, 1)),
        {"exp": {"x"}, "add": {"exp"}},
    ),
    "one of several results": (
        lambda x: x.sort(1).values.exp(),
        {"sort": {"x"}, "exp": {"sort"}},
    ),
    "two inputs": (
        lambda x, y: (x.exp() + y) * x,
        {"exp": {"x"}, "add": {"exp", "y"}, "mul": {"add", "x"}},
    ),
}


@pytest.mark.parametrize(("function", "edges"), EDGES.values(), ids=EDGES)
def test_an_edge_leads_from_whoever_wrote_last(
    function: Callable[..., Any], edges: dict[str, set[str]]
) -> None:
    shapes = [(2, 4)] * function.__code__.co_argcount
    assert makers(traced(function, *shapes)) == edges


def test_a_chain_of_views_has_one_maker() -> None:
    graph = traced(lambda x: x.exp().view(-1)[1:].unsqueeze(0).relu(), (2, 4))
    (view,) = graph.parents(graph["relu"])
    assert not view.launched
    assert graph.maker(view).name == "exp"
    assert graph.maker(graph["exp"]).name == "exp"


def test_a_view_of_an_input_has_no_op_behind_it() -> None:
    graph = traced(lambda x: x.view(-1).relu(), (2, 4))
    assert graph.maker(graph["view"]).name == "view"


# outputs


@dataclass
class Scores:
    scores: torch.Tensor
    hidden: list[torch.Tensor]


class Pair(NamedTuple):
    first: torch.Tensor
    second: torch.Tensor


OUTPUTS: Final[dict[str, tuple[Callable[[torch.Tensor], Any], tuple[str, ...]]]] = {
    "tensor": (lambda x: x.exp(), ("exp",)),
    "tuple": (lambda x: (x.exp(), x.relu()), ("exp", "relu")),
    "list": (lambda x: [x.relu(), x.exp()], ("relu", "exp")),
    "dict": (lambda x: {"a": x.exp(), "b": x.relu()}, ("exp", "relu")),
    "nested": (lambda x: {"a": [x.exp(), {"b": x.relu()}], "c": 3}, ("exp", "relu")),
    "dataclass": (lambda x: Scores(x.exp(), [x.relu()]), ("exp", "relu")),
    "named tuple": (lambda x: Pair(x.exp(), x.relu()), ("exp", "relu")),
    "view": (lambda x: x.exp().view(-1), ("view",)),
    "input": (lambda x: (x, x.exp()), ("x", "exp")),
    "twice the same": (lambda x: (y := x.exp(), y), ("exp",)),
    "written in place": (lambda x: (y := x.exp(), y.relu_())[0], ("relu",)),
}


@pytest.mark.parametrize(("function", "outputs"), OUTPUTS.values(), ids=OUTPUTS)
def test_outputs_are_named_whatever_holds_them(
    function: Callable[[torch.Tensor], Any], outputs: tuple[str, ...]
) -> None:
    assert traced(function, (2, 3)).outputs == outputs


# sums


def mixed() -> CostGraph:
    """Kinds of all sorts, one layer run twice, one parameter that nobody reads."""
    shared = nn.Conv2d(4, 4, 3, padding=1)
    spare = nn.Sequential(nn.Identity(), nn.Linear(3, 3))[:1]
    model = nn.Sequential(
        shared, nn.BatchNorm2d(4), nn.ReLU(), shared, nn.ChannelShuffle(2), nn.MaxPool2d(2),
        spare, nn.Flatten(), nn.Linear(36, 5), nn.Softmax(1),
    )  # fmt: skip
    return trace(model, torch.zeros(2, 4, 6, 6))


def test_the_sums_over_kinds_are_the_totals() -> None:
    graph = mixed()
    parts = graph.by_kind()
    for field in ("macs", "elementwise", "reads", "writes", "memory_access", "bytes", "ops",
                  "launches", "unknown", "memory_access_fused", "bytes_fused"):  # fmt: skip
        summed = sum(getattr(part, field) for part in parts.values())
        assert summed == getattr(graph.total, field), field


def test_the_sums_over_ops_are_the_totals() -> None:
    graph = mixed()
    assert graph.total.macs == sum(op.macs for op in graph)
    assert graph.total.memory_access == graph.total.reads + graph.total.writes
    assert graph.total.memory_access == sum(op.memory_access for op in graph)
    assert graph.total.launches == sum(op.launched for op in graph)
    assert graph.total.intensity == graph.total.macs / graph.total.bytes


def test_the_kind_that_moves_most_comes_first() -> None:
    moved = [part.memory_access for part in mixed().by_kind().values()]
    assert moved == sorted(moved, reverse=True)


def test_a_layer_that_runs_twice_works_twice_and_has_its_parameters_once() -> None:
    graph = mixed()
    convolutions = list(graph.of_kind(Kind.CONV))
    assert [op.macs for op in convolutions] == [2 * 4 * 4 * 9 * 36] * 2
    assert {op.module for op in convolutions} == {"0"}
    assert graph.total.params == (4 * 4 * 9 + 4) + 8 + (36 * 5 + 5)


def test_a_network_that_does_nothing_has_totals_of_zero() -> None:
    graph = traced(lambda x: x, (2, 3))
    assert set(astuple(graph.total)) == {0}
    assert (graph.total.intensity, len(graph), graph.blocks()) == (0.0, 0, ())
    assert graph.outputs == ("x",)


# views for others


def test_the_table_has_a_row_per_op_and_sums_to_the_totals() -> None:
    graph = mixed()
    table = graph.table()
    assert list(table["name"]) == [op.name for op in graph]
    for column in ("macs", "reads", "writes", "memory_access", "bytes", "elementwise"):
        assert table[column].sum() == getattr(graph.total, column)
    conv = table.set_index("name").loc["convolution"]
    assert (conv["kind"], conv["category"], conv["module"]) == ("conv", "Conv", "0")
    assert conv["inputs"] == "float32[2×4×6×6]"
    assert conv["outputs"] == "float32[2×4×6×6]"
    assert table["macs"].dtype == "Int64"


def test_networkx_sees_inputs_and_ops_and_what_flows_between_them() -> None:
    graph = residual()
    flow = graph.networkx()
    assert nx.is_directed_acyclic_graph(flow)
    assert set(flow) == {"image"} | {op.name for op in graph}
    assert set(flow.predecessors("add")) == {"image", "relu"}
    assert flow.nodes["add"]["op"] is graph["add"]
    assert flow.nodes["add"]["kind"] == "elementwise"
    assert flow.nodes["image"]["kind"] == "input"
    assert sum(numbers.get("macs", 0) for _, numbers in flow.nodes(data=True)) == graph.total.macs
    assert flow.number_of_edges() == sum(len(set(op.parents)) for op in graph)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_time_category(kind: Kind) -> None:
    assert kind.category in Category


def test_time_categories_are_those_of_the_paper() -> None:
    assert [kind.category for kind in (Kind.DEPTHWISE_CONV, Kind.NORMALIZATION, Kind.SHUFFLE)] == [
        "Conv", "Elemwise", "Shuffle",
    ]  # fmt: skip
    assert [kind.category for kind in (Kind.DATA, Kind.LINEAR, Kind.POOLING)] == [
        "Data", "Other", "Other",
    ]  # fmt: skip
