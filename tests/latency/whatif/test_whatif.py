"""Findings against their alternatives: what is built, when measuring ends, what is concluded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import nn

from shufflenet_audit import audit
from shufflenet_audit.latency.backend import Settings
from shufflenet_audit.latency.whatif.alternatives import Alternative
from shufflenet_audit.latency.whatif.programs import Program
from shufflenet_audit.latency.whatif.whatif import (
    rest_of_network,
    saving,
    support,
    with_measured_savings,
)
from shufflenet_audit.network.timings import Seconds, Support
from shufflenet_audit.results.audit import Audit

CHUNK = Settings(warmup=0, rounds=10, seconds=1000)


def nothing() -> None:
    """What goes by between two runs."""


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

        return Alternative(Program(run), Program(run))


def steady(now: int, instead: int) -> Iterator[int]:
    """Times in the order in which rounds run: forth, back, forth …"""
    while True:
        yield from (now, instead, instead, now)


def test_a_difference_ends_the_measuring_after_one_chunk() -> None:
    watch = Watch()
    assert saving(watch.program(steady(30, 10)), nothing, CHUNK, watch).median == pytest.approx(
        20e-9
    )
    assert watch.ran == 20


def test_however_short_the_time_nothing_is_concluded_from_fewer_than_six_rounds() -> None:
    watch = Watch()
    saving(watch.program(steady(30, 10)), nothing, replace(CHUNK, rounds=2, seconds=0), watch)
    assert watch.ran == 2 * 6


def test_without_a_difference_measuring_ends_when_its_time_is_over() -> None:
    watch = Watch()
    settings = replace(CHUNK, seconds=1)
    noisy = iter([10**8, 2 * 10**8, 10**8, 2 * 10**8] * 100)
    assert support(saving(watch.program(noisy), nothing, settings, watch)) is Support.NO_DIFFERENCE
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


def test_the_rest_of_the_network_goes_by_before_each_run_and_then_the_maps_arrive() -> None:
    seen: list[str] = []

    class Map(torch.Tensor):
        def mul_(self, factor: object) -> torch.Tensor:
            seen.append("map")
            return self

    def run() -> None:
        seen.append("run")

    program = Program(run, (torch.ones(1).as_subclass(Map),))
    settings = Settings(warmup=1, rounds=2, seconds=0)
    saving(Alternative(program, program), lambda: seen.append("rest"), settings, Watch())
    assert seen == ["rest", "map", "run"] * (len(seen) // 3)
    assert len(seen) >= 12


def test_so_many_bytes_go_by_as_the_network_moves() -> None:
    between = rest_of_network(4096)
    assert isinstance(touched := between(), torch.Tensor)
    assert touched.nbytes == 4096


def test_findings_get_evidence() -> None:
    total = Seconds(1.0, 1.0, 1.0)
    settings = Settings(warmup=0, rounds=2, seconds=0)
    tried = with_measured_savings(audited(nn.Conv2d(24, 240, 1)), total, settings)
    (evidence,) = tried.guideline("G1").findings[0].evidence
    assert evidence.total == total
    assert evidence.support is not Support.PREDICTED


def test_of_findings_that_are_alike_one_is_measured() -> None:
    net = audited(nn.Conv2d(24, 240, 1), nn.Conv2d(240, 24, 1), nn.Conv2d(24, 240, 1))
    tried = with_measured_savings(net, Seconds(1.0, 1.0, 1.0), replace(CHUNK, seconds=0))
    found = {each.ops[0].name: each.evidence for each in tried.guideline("G1").findings}
    assert found["convolution"] == found["convolution_2"]
    assert len(found) == 3


def test_evidence_makes_the_findings_sort_by_what_was_saved() -> None:
    net = audited(nn.Conv2d(24, 240, 1), nn.Conv2d(240, 40, 1))
    tried = with_measured_savings(net, Seconds(1.0, 1.0, 1.0), replace(CHUNK, seconds=0))
    saved = [each.evidence[-1].saves.median for each in tried.guideline("G1").findings]
    assert saved == sorted(saved, reverse=True)


def audited(*layers: nn.Module, width: int = 24) -> Audit:
    return audit(nn.Sequential(*layers), torch.zeros(1, width, 28, 28))
