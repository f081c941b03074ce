"""What mending a finding saves, measured: its ops and their alternative, in turn."""

from __future__ import annotations

from dataclasses import replace

from shufflenet_audit.backend import Clock, Settings
from shufflenet_audit.latency.alternatives import Alternative, alternative
from shufflenet_audit.latency.machine import processor, set_up
from shufflenet_audit.latency.measurement import CLOCK
from shufflenet_audit.latency.rounds import interleaved
from shufflenet_audit.latency.spread import difference
from shufflenet_audit.result import Audit, Finding, Guideline, sorted_by_cost
from shufflenet_audit.timings import Evidence, Seconds, Support

BRIEF = Settings(warmup=2, rounds=20, seconds=1.0)
"""One chunk of rounds; `seconds` is the limit for a finding."""


def with_measured_savings(
    audit: Audit, total: Seconds, settings: Settings = BRIEF, clock: Clock = CLOCK
) -> Audit:
    """The audit with evidence for each finding whose alternative can be built."""

    def mended(guideline: Guideline) -> Guideline:
        findings = (_tried(each, total, settings, clock) for each in guideline.findings)
        return replace(guideline, findings=sorted_by_cost(findings))

    with set_up(settings.threads):
        return replace(audit, guidelines=tuple(mended(each) for each in audit.guidelines))


def saving(found: Alternative, settings: Settings = BRIEF, clock: Clock = CLOCK) -> Seconds:
    """
    Seconds that the alternative saves.

    Measured in chunks of rounds, until the interval is narrower than the difference, or the time
    is over.
    """
    now: list[float] = []
    instead: list[float] = []
    end = clock() + settings.seconds * 1e9
    chunk = settings
    while True:
        first, second = interleaved((found.now, found.instead), clock, chunk)
        now.extend(first)
        instead.extend(second)
        saved = difference(now, instead)
        if saved.high - saved.low < abs(saved.median) or clock() >= end:
            return saved
        chunk = replace(settings, warmup=0)


def support(saved: Seconds) -> Support:
    """What a measured saving says of a finding."""
    if saved.low > 0:
        return Support.CONFIRMED
    return Support.CONTRADICTED if saved.high < 0 else Support.NO_DIFFERENCE


def _tried(finding: Finding, total: Seconds, settings: Settings, clock: Clock) -> Finding:
    found = alternative(finding)
    if found is None:
        return finding
    saved = saving(found, settings, clock)
    evidence = Evidence(processor(), support(saved), saved, total)
    return replace(finding, evidence=(*finding.evidence, evidence))
