"""A latency as text."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from shufflenet_audit import trace
from shufflenet_audit.latency.summary import side_by_side, summary
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.timings import (
    Latency,
    Seconds,
    Timing,
)

GRAPH = trace(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), torch.zeros(1, 3, 8, 8))
LATENCY = Latency(
    backend="eager",
    device="a processor",
    predicted=False,
    threads=1,
    total=Seconds(4e-3, 3.9e-3, 4.2e-3),
    timings=(
        Timing(("convolution",), "convolution", Kind.CONV, Seconds(2.4e-3, 2.3e-3, 2.5e-3)),
        Timing(("relu",), "relu", Kind.ELEMENTWISE, Seconds(1.2e-3, 1.1e-3, 1.3e-3)),
    ),
    settings=(("batch", "1"), ("runs", "51")),
    notes=("the machine was busy",),
)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return summary(GRAPH, LATENCY, depth=1).splitlines()


def test_the_total_comes_with_its_interval_and_the_parts_with_their_ratio(lines: list[str]) -> None:
    assert lines[:4] == [
        "eager: 4.00 ms (3.90 ms to 4.20 ms), measured on a processor, 1 thread",
        "its parts together: 3.60 ms, 90% of it",
        "batch 1, runs 51",
        "note: the machine was busy",
    ]


def test_a_kind_has_its_count_time_and_shares(lines: list[str]) -> None:
    at = lines.index("By kind")
    assert lines[at + 2 : at + 5] == [
        "             kernels     time  share  up to here",
        "conv               1  2.40 ms  66.7%       66.7%",
        "elementwise        1  1.20 ms  33.3%      100.0%",
    ]


def test_modules_are_named_as_in_the_model(lines: list[str]) -> None:
    at = lines.index("By module, 1 deep")
    assert [line.split()[0] for line in lines[at + 3 : at + 5]] == ["0", "1"]


def test_kernels_are_ranked_with_their_intervals(lines: list[str]) -> None:
    assert lines[-2:] == [
        "1.  convolution  0  2.40 ms (2.30 ms to 2.50 ms)",
        "2.  relu         1  1.20 ms (1.10 ms to 1.30 ms)",
    ]


def test_backends_stand_side_by_side() -> None:
    slower = replace(LATENCY, total=Seconds(5e-3, 4.9e-3, 5.2e-3))
    table = side_by_side([LATENCY, slower]).splitlines()
    assert table[0] == "            eager    eager"
    assert table[1] == "Conv      2.40 ms  2.40 ms"
    assert table[-1] == "total     4.00 ms  5.00 ms"


def test_totals_that_overlap_are_not_ranked() -> None:
    close = replace(LATENCY, backend="compile", total=Seconds(4.3e-3, 4.1e-3, 4.4e-3))
    *_, last = side_by_side([LATENCY, close]).splitlines()
    assert last == "eager and compile cannot be told apart: their totals overlap"
