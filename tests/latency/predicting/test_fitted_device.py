"""Laws of a device that is fitted to timings, and the timings that are refused."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from math import inf, log, nan

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from shufflenet_audit import AuditError, CostGraph, trace
from shufflenet_audit.latency.predicting.device import Work
from shufflenet_audit.latency.predicting.features import features
from shufflenet_audit.latency.predicting.fitted_device import FittedDevice, fit_device
from shufflenet_audit.latency.predicting.posterior import predicted
from shufflenet_audit.latency.predicting.prior import priors
from shufflenet_audit.latency.predicting.published_devices import published_devices

Timings = list[tuple[CostGraph, float]]
KIND = "cpu"


class Mixed(nn.Module):
    """A small network with every usual kind of layer, as wide and large as asked for."""

    def __init__(self, width: int, groups: int, stride: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, width, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, groups=groups),
            nn.Conv2d(width, 2 * width, 1),
            nn.SiLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(2 * width, 1000),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Class scores."""
        y: torch.Tensor = self.layers(x)
        return y


@cache
def networks() -> tuple[CostGraph, ...]:
    settings = [(16, 1, 1), (32, 32, 1), (64, 1, 2), (96, 4, 2), (128, 128, 2), (48, 1, 1),
                (160, 8, 2), (256, 1, 2), (24, 24, 1), (72, 1, 1), (40, 40, 2)]  # fmt: skip
    with torch.device("meta"):
        built = [Mixed(*each).eval() for each in settings]
        return tuple(trace(module, torch.zeros(1, 3, 96, 96)) for module in built)


def times(device: FittedDevice, scale: float = 1.0) -> Timings:
    """Timings of all networks but the last, as a device would have them."""
    return [(graph, scale * device.predict(graph).median) for graph in networks()[:-1]]


@pytest.fixture(scope="module")
def phone() -> FittedDevice:
    return published_devices()["snapdragon-855-plus"]


def test_without_timings_a_device_is_the_prior() -> None:
    device = fit_device(kind=KIND)
    found = device.predict(networks()[0])
    (median,), (low,), (high,) = predicted(device.posterior, features(networks()[0])[None])
    assert (found.median, found.low, found.high) == (median, low, high)
    np.testing.assert_array_equal(device.posterior.rates, priors()[KIND].mean)
    assert not device.measured
    assert found.high > 10 * found.low


def test_one_timing_fixes_the_pace() -> None:
    graph, other = networks()[0], networks()[5]
    ratios = []
    for seconds in (0.001, 0.004):
        device = fit_device([(graph, seconds)], kind=KIND)
        assert device.predict(graph).median == pytest.approx(seconds, rel=0.1)
        ratios.append(device.predict(other).median / seconds)
    assert ratios[0] == pytest.approx(ratios[1], rel=0.25)


@given(factor=st.floats(1.2, 8.0))
def test_a_faster_device_predicts_less(factor: float) -> None:
    known = published_devices()["raspberry-pi-4"]
    slow, fast = (fit_device(times(known, scale), kind=KIND) for scale in (1.0, 1 / factor))
    for graph in networks():
        assert fast.predict(graph).median < slow.predict(graph).median


@pytest.mark.parametrize("name", ["raspberry-pi-4", "snapdragon-855-plus", "celeron-n5105"])
def test_more_timings_never_widen_the_interval_of_timings_that_fit(name: str) -> None:
    timings, asked = times(published_devices()[name]), networks()[-1]
    widths = []
    for count in range(len(timings) + 1):
        found = fit_device(timings[:count], kind=KIND).predict(asked)
        widths.append(log(found.high / found.low))
    assert all(after <= 1.02 * before for before, after in pairwise(widths))
    assert widths[-1] < widths[0] / 5


def test_ten_timings_of_a_device_predict_what_it_takes(phone: FittedDevice) -> None:
    asked = networks()[-1]
    device = fit_device(times(phone))
    assert device.kind == KIND
    assert device.predict(asked).median == pytest.approx(phone.predict(asked).median, rel=0.05)


@given(order=st.permutations(range(10)))
def test_the_order_of_timings_does_not_matter(order: list[int]) -> None:
    timings, asked = times(published_devices()["snapdragon-855-plus"]), networks()[-1]
    first = fit_device(timings, kind=KIND).predict(asked)
    second = fit_device([timings[at] for at in order], kind=KIND).predict(asked)
    assert second.median == pytest.approx(first.median, rel=1e-6)
    assert second.high == pytest.approx(first.high, rel=1e-6)


@pytest.mark.parametrize("wrong", range(10))
@pytest.mark.parametrize("factor", [5.0, 0.2])
def test_one_bad_timing_in_ten_moves_little_and_is_named(
    phone: FittedDevice, wrong: int, factor: float
) -> None:
    timings, asked = times(phone), networks()[-1]
    good = fit_device(timings, kind=KIND)
    graph, seconds = timings[wrong]
    timings[wrong] = (graph, seconds * factor)
    bad = fit_device(timings, kind=KIND)
    assert good.misfits == ()
    assert f"network {wrong + 1}" in bad.misfits
    assert bad.predict(asked).median == pytest.approx(good.predict(asked).median, rel=0.12)


def test_the_parts_of_a_network_are_its_ops(phone: FittedDevice) -> None:
    graph = networks()[0]
    parts = sum(phone.seconds(op) for op in graph.known)
    assert parts == pytest.approx(phone.predict(graph).median, rel=0.5)
    for op in graph.known:
        by_rates = phone.rate(op).seconds(Work.of(op, fused=True))
        assert by_rates <= phone.seconds(op) * (1 + 1e-9)


@pytest.mark.parametrize("seconds", [0.0, -0.01, nan, inf])
def test_a_time_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(AuditError, match=r"the time of network 2 is .*: times are positive"):
        fit_device([(networks()[0], 0.01), (networks()[1], seconds)])


def test_another_unit_is_recognised(phone: FittedDevice) -> None:
    slowest = published_devices()["ax620a-gpu"]
    with pytest.raises(AuditError, match=r"times slower .* milliseconds where seconds are"):
        fit_device(times(slowest, 1000))
    with pytest.raises(AuditError, match=r"times slower than any device known"):
        fit_device(times(phone, 1000))
    with pytest.raises(AuditError, match=r"times faster .* seconds where milliseconds are meant"):
        fit_device(times(phone, 1e-6))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(AuditError, match="there are cpu, cpu-threads, gpu"):
        fit_device(kind="tpu")


def test_a_network_without_known_costs_is_refused() -> None:
    with pytest.raises(AuditError, match="network 1 has no op of known cost"):
        fit_device([(CostGraph((), (), (), 0), 0.1)])


def test_an_op_of_unknown_cost_has_no_time(phone: FittedDevice) -> None:
    op = replace(networks()[0].ops[0], cost=None)
    with pytest.raises(LookupError, match="is not known"):
        phone.seconds(op)
