"""Findings: where they are, and what they could save."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from shufflenet_audit import CostGraph, trace
from shufflenet_audit.checking.finding import Avoidable, Finding

COUNTS = st.integers(0, 10**12)
AVOIDABLE = st.builds(Avoidable, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)


def convolution() -> CostGraph:
    return trace(nn.Conv2d(4, 8, 1), torch.zeros(1, 4, 5, 5))


def test_a_finding_is_where_its_first_op_is() -> None:
    (outside,) = convolution()
    (inside,) = trace(nn.Sequential(nn.ReLU()), torch.zeros(2))
    assert Finding((outside, inside), "").where() == "the model itself"
    assert Finding((inside, outside), "").where() == "0"


@given(AVOIDABLE, AVOIDABLE)
def test_what_findings_save_adds_up_in_any_order(one: Avoidable, other: Avoidable) -> None:
    assert one + other == other + one
    assert one + Avoidable() == one


def test_all_that_an_op_moves_is_all_of_the_network_that_consists_of_it() -> None:
    graph = convolution()
    (op,) = graph
    avoidable = Avoidable.of(op, op.memory_access)
    assert avoidable.bytes == op.bytes
    assert avoidable.share(graph) == 1.0
