"""What holds for any network: laws on networks made at random."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_networks import (
    Gate,
    Halves,
    Parallel,
    Residual,
    grouped_block,
    images,
    network,
)
from torch import nn

from shufflenet_audit.fixing.widths import EQUAL_WIDTHS, NO_GROUPS, ONE_BRANCH, Inputs, plan
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.zoo.layers import depthwise, pointwise

CHANNELS = st.sampled_from([24, 36, 48, 60])
AIMS = st.sampled_from([(NO_GROUPS,), (EQUAL_WIDTHS,), (ONE_BRANCH,), (NO_GROUPS, EQUAL_WIDTHS)])


@st.composite
def blocks(draw: st.DrawFn, channels: int) -> nn.Module:
    """A block that leaves as many channels as it is given."""
    kind = draw(st.sampled_from(["grouped", "inverted", "gate", "halves", "branches", "pool"]))
    inner = draw(CHANNELS)
    if kind == "grouped":
        return grouped_block(channels, draw(st.sampled_from([2, 3])))
    if kind == "inverted":
        layers = (pointwise(channels, inner), nn.ReLU6(), depthwise(inner))
        return Residual(*layers, pointwise(inner, channels))
    if kind == "gate":
        return Gate(channels, 4)
    if kind == "halves":
        return Halves(channels)
    if kind == "branches":
        branches = (nn.Sequential(pointwise(channels, inner), nn.ReLU()) for _ in range(2))
        return nn.Sequential(Parallel(*branches), pointwise(2 * inner, channels))
    return nn.AvgPool2d(3, stride=1, padding=1)


@st.composite
def networks(draw: st.DrawFn) -> nn.Module:
    body = []
    c_in = channels = draw(CHANNELS)
    for _ in range(draw(st.integers(1, 2))):
        body.extend(draw(st.lists(blocks(channels), min_size=1, max_size=2)))
        wider = draw(CHANNELS)
        body.append(nn.Sequential(pointwise(channels, wider, stride=2), nn.ReLU()))
        channels = wider
    with torch.random.fork_rng(devices=()):
        return network(*body, c_in=c_in, c_out=channels)


@given(networks(), AIMS)
@settings(max_examples=15)
def test_the_network_runs_as_it_was_counted(model: nn.Module, aims: tuple[object, ...]) -> None:
    found = plan(model, Inputs((images(),)), aims)  # type: ignore[arg-type]  # aims, of any number
    built = found.build()
    with torch.no_grad():
        assert built(torch.rand(3, 3, 32, 32)).shape == (3, 10)
    parameters = sum(each.numel() for each in built.parameters())
    assert parameters == found.after.total.params


@given(networks(), AIMS)
@settings(max_examples=15)
def test_multiply_adds_stay_or_the_plan_says_that_they_do_not(
    model: nn.Module, aims: tuple[object, ...]
) -> None:
    found = plan(model, Inputs((images(),)), aims)  # type: ignore[arg-type]  # aims, of any number
    stages = all(abs(stage.macs[1] / stage.macs[0] - 1) <= 0.1 for stage in found.stages)
    total = abs(found.after.total.macs / found.before.total.macs - 1) <= 0.01
    assert found.is_within == (stages and total)
    assert sum(stage.macs[0] for stage in found.stages) == found.before.total.macs
    assert sum(stage.macs[1] for stage in found.stages) == found.after.total.macs
    assert abs(found.macs_change) <= 0.02  # with a dozen channels, one of them is a few percent


@given(networks())
@settings(max_examples=10)
def test_no_group_is_left_where_none_is_wanted(model: nn.Module) -> None:
    found = plan(model, Inputs((images(),)), (NO_GROUPS,))
    assert not list(found.after.of_kind(Kind.GROUP_CONV))
    assert found.measures[0].after == 0


@given(networks())
@settings(max_examples=10)
def test_widths_are_only_made_equal_if_that_moves_less(model: nn.Module) -> None:
    found = plan(model, Inputs((images(),)), (EQUAL_WIDTHS,))
    assert found.after.total.memory_access_fused <= found.before.total.memory_access_fused


@given(networks(), st.sampled_from([2, 4]))
@settings(max_examples=10)
def test_widths_are_multiples_if_asked(model: nn.Module, multiple_of: int) -> None:
    found = plan(model, Inputs((images(),)), (NO_GROUPS,), multiple_of=multiple_of)
    layers = [row for row in found.rows if row.width_class != "fixed"]
    if found.changes:
        assert {row.width[1] % multiple_of for row in layers} <= {0}
