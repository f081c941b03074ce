"""What mending a finding saves, measured: its ops and their alternative, in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch

from shufflenet_audit.checking.finding import Finding, sorted_by_cost
from shufflenet_audit.checking.guideline import Guideline
from shufflenet_audit.latency.backend import Clock, Settings
from shufflenet_audit.latency.measuring.machine import processor, set_up
from shufflenet_audit.latency.measuring.measurement import CLOCK
from shufflenet_audit.latency.measuring.rounds import interleaved
from shufflenet_audit.latency.measuring.spread import difference
from shufflenet_audit.latency.whatif.alternatives import Alternative, alternative
from shufflenet_audit.network.timings import (
    Evidence,
    Seconds,
    Support,
)
from shufflenet_audit.results.audit import Audit

BRIEF = Settings(warmup=2, rounds=20, seconds=1.0)
"""One chunk of rounds; `seconds` is the limit for a finding."""

_MOST_BETWEEN = 2**26
_FEWEST = 6

Between = Callable[[], object]
Measure = Callable[[Alternative], Seconds]


def with_measured_savings(
    audit: Audit, total: Seconds, settings: Settings = BRIEF, clock: Clock = CLOCK
) -> Audit:
    """The audit with evidence for each finding whose alternative can be built."""
    between = rest_of_network(audit.graph.total.bytes)
    measure = partial(saving, between=between, settings=settings, clock=clock)
    known: dict[tuple[object, ...], Seconds] = {}

    def tried(finding: Finding) -> Finding:
        saved = _saved(finding, measure, known)
        if saved is None:
            return finding
        evidence = Evidence(processor(), support(saved), saved, total)
        return replace(finding, evidence=(*finding.evidence, evidence))

    def mended(guideline: Guideline) -> Guideline:
        return replace(guideline, findings=sorted_by_cost(map(tried, guideline.findings)))

    with set_up(settings.threads):
        return replace(audit, guidelines=tuple(mended(each) for each in audit.guidelines))


def rest_of_network(moved: int) -> Between:
    """
    What the caches see between two runs of an op: as many bytes as the network moves.

    Without it, small ops would be timed with weights and maps that are in the nearest cache, which
    in the network they are not.
    """
    touched = torch.zeros(min(moved, _MOST_BETWEEN) // 4)
    return lambda: touched.add_(1)


def saving(
    found: Alternative,
    between: Between,
    settings: Settings = BRIEF,
    clock: Clock = CLOCK,
) -> Seconds:
    """
    Seconds that the alternative saves.

    Before each run the rest of the network goes by, and then the maps arrive that the run reads.
    Measured in chunks of rounds, until the interval is narrower than the difference, or the time
    is over; six times at least, since fewer give no interval.
    """
    programs = (found.now, found.instead)
    now: list[float] = []
    instead: list[float] = []
    end = clock() + settings.seconds * 1e9
    chunk = settings

    def before(which: int) -> None:
        between()
        programs[which].arrive()

    while True:
        first, second = interleaved([each.run for each in programs], clock, chunk, before)
        now.extend(first)
        instead.extend(second)
        saved = difference(now, instead)
        clear = saved.high - saved.low < abs(saved.median)
        if len(now) >= _FEWEST and (clear or clock() >= end):
            return saved
        chunk = replace(settings, warmup=0)


def support(saved: Seconds) -> Support:
    """What a measured saving says of a finding."""
    if saved.low > 0:
        return Support.CONFIRMED
    return Support.CONTRADICTED if saved.high < 0 else Support.NO_DIFFERENCE


def _saved(
    finding: Finding, measure: Measure, known: dict[tuple[object, ...], Seconds]
) -> Seconds | None:
    """What mending it saves; of ops that are alike in all that counts, one is measured."""
    alike = (
        finding.avoidable,
        *((op.target, op.inputs, op.outputs, op.convolution) for op in finding.ops),
        *_joins(finding),
    )
    if alike not in known:
        found = alternative(finding)
        if found is None:
            return None
        known[alike] = measure(found)
    return known[alike]


def _joins(finding: Finding) -> tuple[int, ...]:
    """How many ops each of its ops reads from: a sum of one map with itself joins nothing."""
    return tuple(len(set(op.parents)) for op in finding.ops)
