"""What was measured or predicted of findings, in words: a timing is a claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.network.timings import Evidence, Support
from shufflenet_audit.text import duration


class Claim(NamedTuple):
    """What is said of findings on one device; `support` is the least good that is said of any."""

    support: Support
    text: str


_WORST_FIRST = (
    Support.CONTRADICTED,
    Support.NO_DIFFERENCE,
    Support.CONFIRMED,
    Support.PREDICTED,
)


def claims(findings: Iterable[Finding]) -> tuple[Claim, ...]:
    """One claim for each device that was predicted for, and one for each that was measured on."""
    said: dict[tuple[bool, str], list[Evidence]] = {}
    for finding in findings:
        for each in finding.evidence:
            predicted = each.support is Support.PREDICTED
            said.setdefault((predicted, each.device), []).append(each)
    return tuple(_claim(each) for each in said.values())


def sentence(evidence: Evidence) -> str:
    """Evidence in words: "saves 210 µs (180 µs to 240 µs) of 7.90 ms"."""
    saves = evidence.saves
    interval = f"({duration(saves.low)} to {duration(saves.high)})"
    whole = f"of {duration(evidence.total.median)}"
    if evidence.support is Support.NO_DIFFERENCE:
        return f"saves {duration(saves.low)} to {duration(saves.high)} {whole}"
    if evidence.support is Support.CONTRADICTED:
        low, high = duration(-saves.high), duration(-saves.low)
        return f"costs {duration(-saves.median)} ({low} to {high}) more {whole}"
    return f"saves {duration(saves.median)} {interval} {whole}"


def _claim(said: Sequence[Evidence]) -> Claim:
    worst = min((each.support for each in said), key=_WORST_FIRST.index)
    if len(said) == 1:
        return Claim(worst, f"{sentence(said[0])} on {said[0].device}")
    saved = sum(each.saves.median for each in said)
    verb = f"save {duration(saved)}" if saved >= 0 else f"cost {duration(-saved)} more"
    total = duration(said[0].total.median)
    return Claim(worst, f"{_places(said)}together they {verb} of {total} on {said[0].device}")


def _places(said: Sequence[Evidence]) -> str:
    """At how many places what was measured, the worst first: its name stands before it."""
    counts = Counter(each.support for each in said)
    seen = [support for support in _WORST_FIRST[:-1] if counts[support]]
    if not seen:
        return ""
    first, *others = seen
    rest = "".join(f"{support} at {counts[support]}, " for support in others)
    return f"at {counts[first]} of {len(said)} places, {rest}"
