"""Findings against their alternatives: what is built, when measuring ends, what is concluded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import nn

from shufflenet_audit import audit
from shufflenet_audit.backend import Settings
from shufflenet_audit.latency.alternatives import Alternative, alternative
from shufflenet_audit.latency.whatif import saving, support, with_measured_savings
from shufflenet_audit.result import Audit
from shufflenet_audit.timings import Seconds, Support

CHUNK = Settings(warmup=0, rounds=10, seconds=1000)


class Watch:
    """A clock that programs move."""

    def __init__(self) -> None:
        self.now = 0
        self.ran = 0

    def __call__(self) -> int:
        return self.now

    def program(self, times: Iterator[int]) -> Alternative:
        def run() -> None:
            self.ran += 1
            self.now += next(times)

        return Alternative(run, run)


def steady(now: int, instead: int) -> Iterator[int]:
    """Times in the order in which rounds run: forth, back, forth …"""
    while True:
        yield from (now, instead, instead, now)


def audited(*layers: nn.Module, width: int = 48) -> Audit:
    return audit(nn.Sequential(*layers), torch.zeros(1, width, 28, 28))


def shapes(found: Alternative | None) -> list[tuple[int, ...]]:
    assert found is not None
    return [tuple(shape) for run in (found.now, found.instead) for shape in _shapes(run())]


def _shapes(made: object) -> Iterator[tuple[int, ...]]:
    if isinstance(made, torch.Tensor):
        yield tuple(made.shape)
    elif isinstance(made, list):
        for each in made:
            yield from _shapes(each)


def test_a_difference_ends_the_measuring_after_one_chunk() -> None:
    watch = Watch()
    assert saving(watch.program(steady(30, 10)), CHUNK, watch).median == pytest.approx(20e-9)
    assert watch.ran == 20


def test_without_a_difference_measuring_ends_when_its_time_is_over() -> None:
    watch = Watch()
    settings = replace(CHUNK, seconds=1)
    noisy = iter([10**8, 2 * 10**8, 10**8, 2 * 10**8] * 100)
    assert support(saving(watch.program(noisy), settings, watch)) is Support.NO_DIFFERENCE
    assert watch.ran < 400


@pytest.mark.parametrize(
    ("saved", "said"),
    [
        (Seconds(2e-4, 1.7e-4, 2.3e-4), Support.CONFIRMED),
        (Seconds(-2e-4, -3e-4, -1e-4), Support.CONTRADICTED),
        (Seconds(1e-4, -1e-4, 2e-4), Support.NO_DIFFERENCE),
    ],
)
def test_what_a_measurement_says(saved: Seconds, said: Support) -> None:
    assert support(saved) is said


def test_unequal_widths_are_replaced_by_equal_ones() -> None:
    finding = audited(nn.Conv2d(24, 240, 1), width=24).guideline("G1").findings[0]
    assert shapes(alternative(finding)) == [(1, 240, 28, 28), (1, 76, 28, 28)]


def test_groups_are_replaced_by_a_narrower_dense_convolution() -> None:
    finding = audited(nn.Conv2d(240, 240, 1, groups=3), width=240).guideline("G2").findings[0]
    assert shapes(alternative(finding)) == [(1, 240, 28, 28), (1, 139, 28, 28)]


def test_a_shuffle_is_left_out() -> None:
    finding = audited(nn.Conv2d(48, 48, 1), nn.ChannelShuffle(2)).guideline("D1").findings[0]
    found = alternative(finding)
    assert found is not None
    assert found.instead() is None


def test_what_cannot_be_built_has_no_alternative() -> None:
    finding = audited(nn.Conv2d(48, 48, 1), nn.ReLU()).guideline("G4").findings
    unknown = replace(
        audited(nn.Conv2d(240, 240, 1, groups=3), width=240).findings[0],
        ops=(audited(nn.Softmax(dim=1)).graph.ops[0],),
    )
    assert not finding
    assert alternative(unknown) is None


def test_findings_get_evidence() -> None:
    total = Seconds(1.0, 1.0, 1.0)
    settings = Settings(warmup=0, rounds=2, seconds=0)
    tried = with_measured_savings(audited(nn.Conv2d(24, 240, 1), width=24), total, settings)
    (evidence,) = tried.guideline("G1").findings[0].evidence
    assert evidence.total == total
    assert evidence.support is not Support.PREDICTED
