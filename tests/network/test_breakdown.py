"""The parts of a latency: nothing is lost, nothing is counted twice, ties are called ties."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
import torch
from handmade import AUDIT
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from shufflenet_audit import Kind, trace
from shufflenet_audit.network.breakdown import (
    Part,
    by_category,
    by_kind,
    by_module,
    by_source,
    chart,
    frame,
    members,
    slowest,
)
from shufflenet_audit.network.timings import (
    Latency,
    Seconds,
    Timing,
)


def timing(kind: Kind, median: float, *ops: str, within: float = 0.0) -> Timing:
    return Timing(ops, kind, kind, Seconds(median, median - within, median + within))


def latency(*timings: Timing) -> Latency:
    total = sum(each.seconds.median for each in timings)
    return Latency("fake", "none", False, 1, Seconds(total, total, total), timings)


MIXED = latency(
    timing(Kind.CONV, 4.0, "conv"),
    timing(Kind.DEPTHWISE_CONV, 2.0, "depthwise"),
    timing(Kind.ELEMENTWISE, 1.0, "relu"),
    timing(Kind.ELEMENTWISE, 0.5, "add"),
    timing(Kind.DATA, 1.5),
    timing(Kind.SHUFFLE, 0.5, "shuffle"),
    timing(Kind.LINEAR, 0.5, "linear"),
)

timings = st.builds(timing, st.sampled_from(Kind), st.floats(1e-6, 1))
latencies = st.lists(timings, min_size=1, max_size=20).map(lambda parts: latency(*parts))


def test_the_categories_are_those_of_the_paper_in_its_order() -> None:
    assert by_category(MIXED) == (
        Part("Conv", 2, 6.0, 0.6, 0.6),
        Part("depthwise", 1, 2.0, 0.2, 0.6, within="Conv"),
        Part("Elemwise", 2, 1.5, 0.15, 0.75),
        Part("Data", 1, 1.5, 0.15, 0.9),
        Part("Shuffle", 1, 0.5, 0.05, 0.95),
        Part("Other", 1, 0.5, 0.05, 1.0),
    )


def test_a_category_without_time_is_still_there() -> None:
    names = [part.name for part in by_category(latency(timing(Kind.LINEAR, 1.0)))]
    assert names == ["Conv", "Elemwise", "Data", "Shuffle", "Other"]


@given(latencies)
def test_the_parts_are_the_whole(measured: Latency) -> None:
    for parts in (by_category(measured), by_kind(measured)):
        own = [part for part in parts if not part.within]
        assert sum(part.count for part in own) == len(measured.timings)
        assert sum(part.seconds for part in own) == pytest.approx(measured.sum_of_parts)
        assert own[-1].cumulative == pytest.approx(1)


@given(latencies)
def test_the_longest_kind_comes_first(measured: Latency) -> None:
    seconds = [part.seconds for part in by_kind(measured)]
    assert seconds == sorted(seconds, reverse=True)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())
        self.head = nn.Sequential(nn.Conv2d(4, 2, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.head(self.stem(x))
        return y.flatten(1).exp()


@pytest.fixture
def timed() -> Latency:
    """One, two, three … seconds for the ops of the net, and a copy that none of them is."""
    graph = trace(Net(), torch.zeros(1, 3, 4, 4))
    parts = [timing(op.kind, at, op.name) for at, op in enumerate(graph, 1)]
    return latency(*parts, timing(Kind.DATA, 10.0))


def test_time_by_module(timed: Latency) -> None:
    graph = trace(Net(), torch.zeros(1, 3, 4, 4))
    found = {part.name: part.seconds for part in by_module(graph, timed)}
    assert found == {
        "(data)": 10, "(the model itself)": 5, "(view)": 4, "stem": 1 + 2, "head": 3,
    }  # fmt: skip


def test_time_by_module_goes_as_deep_as_it_is_asked_to(timed: Latency) -> None:
    graph = trace(Net(), torch.zeros(1, 3, 4, 4))
    found = {part.name: part.seconds for part in by_module(graph, timed, depth=2)}
    assert found.items() >= {"stem.0": 1, "stem.1": 2, "head.0": 3}.items()


def test_a_fused_kernel_counts_for_its_first_op() -> None:
    graph = trace(Net(), torch.zeros(1, 3, 4, 4))
    names = [op.name for op in graph]
    fused = latency(timing(Kind.CONV, 1.0, *names))
    assert [part.name for part in by_module(graph, fused, depth=2)] == ["stem.0"]


def test_time_by_source_line(timed: Latency) -> None:
    graph = trace(Net(), torch.zeros(1, 3, 4, 4))
    lines = {part.name: part.seconds for part in by_source(graph, timed) if ".py:" in part.name}
    assert lines == {str(graph.ops[0].source): 1 + 2 + 3, str(graph.ops[-1].source): 5}


def test_kernels_that_cannot_be_told_apart_share_a_rank() -> None:
    slow = timing(Kind.CONV, 3.0, "a")
    tied = timing(Kind.CONV, 2.0, "b", within=0.1), timing(Kind.CONV, 1.95, "c", within=0.1)
    quick = timing(Kind.CONV, 1.0, "d")
    ranks = [(rank, *each.ops) for rank, each in slowest(latency(quick, *tied, slow))]
    assert ranks == [(1, "a"), (2, "b"), (2, "c"), (4, "d")]


def test_no_more_kernels_are_ranked_than_asked_for() -> None:
    assert len(slowest(MIXED, limit=3)) == 3


def test_a_table_has_a_row_for_each_part() -> None:
    table = frame(by_category(MIXED))
    assert list(table["name"]) == [part.name for part in by_category(MIXED)]
    assert table["share"].sum() == pytest.approx(1 + 0.2)


def test_the_chart_draws_each_part_as_long_as_its_share() -> None:
    lines = chart(by_category(MIXED)).splitlines()
    assert lines[0] == "Conv         ██████████████████              60.0%    6.00 s"
    assert lines[1].startswith("  depthwise  ██████ ")
    assert [line.count("█") for line in lines] == [18, 6, 4, 4, 1, 1]


def test_nothing_measured_is_an_empty_share() -> None:
    nothing = replace(MIXED, timings=())
    assert {part.share for part in by_category(nothing)} == {0.0}


def test_the_breakdown_is_in_the_saved_audit_as_the_reports_show_it() -> None:
    (latency,) = AUDIT.latencies
    (saved,) = json.loads(AUDIT.to_json())["latencies"]
    found = saved["breakdown"]
    assert found["category"] == [asdict(part) for part in by_category(latency)]
    assert found["kind"] == [asdict(part) for part in by_kind(latency)]
    assert found["source"] == [asdict(part) for part in by_source(AUDIT.graph, latency)]
    for depth, parts in enumerate(found["module"], 1):
        assert parts == [asdict(part) for part in by_module(AUDIT.graph, latency, depth)]
    assert len(found["module"]) == max(op.module.count(".") + 1 for op in AUDIT.graph)


class Named(nn.Module):
    """Modules at several places."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.ReLU())
        self.head = nn.Conv2d(4, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.head(self.stem(x))
        return y.exp()


@pytest.mark.parametrize(
    ("ops", "place"),
    [
        (("convolution",), "stem.0"),
        (("convolution", "native_batch_norm", "relu"), "stem.0–2"),
        (("relu", "convolution_1"), "stem.2 … head"),
        (("exp",), "exp"),
        ((), ""),
        (("gone",), ""),
    ],
)
def test_a_kernel_names_the_modules_of_its_members(ops: tuple[str, ...], place: str) -> None:
    graph = trace(Named(), torch.zeros(1, 3, 4, 4))
    assert members(graph, timing(Kind.CONV, 1.0, *ops)) == place
