"""What fixing findings saves, as measured or predicted, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.network.timings import Evidence, Support
from shufflenet_audit.text import duration


class EvidenceText(NamedTuple):
    """What fixing some findings saves on one device, in words."""

    support: Support
    """The outcome; where findings differ, the worst of them."""
    text: str
    """The sentence, which follows the name of the outcome."""


_WORST_FIRST = (
    Support.CONTRADICTED,
    Support.NO_DIFFERENCE,
    Support.CONFIRMED,
    Support.PREDICTED,
)


def evidence_texts(findings: Iterable[Finding]) -> tuple[EvidenceText, ...]:
    """A text for each device that was predicted for, and for each that was measured on."""
    groups: dict[tuple[bool, str], list[Evidence]] = {}
    for finding in findings:
        for evidence in finding.evidence:
            predicted = evidence.support is Support.PREDICTED
            groups.setdefault((predicted, evidence.device), []).append(evidence)
    return tuple(map(_text, groups.values()))


def sentence(evidence: Evidence) -> str:
    """Evidence in words: "saves 210 µs (180 µs to 240 µs) of 7.90 ms"."""
    total = duration(evidence.total.median)
    if evidence.support is Support.NO_DIFFERENCE:
        return f"saves {evidence.saves.interval()} of {total}"
    if evidence.support is Support.CONTRADICTED:
        return f"costs {-evidence.saves} more of {total}"
    return f"saves {evidence.saves} of {total}"


def _text(group: Sequence[Evidence]) -> EvidenceText:
    """The text for evidence of several findings on the same device."""
    worst = min((evidence.support for evidence in group), key=_WORST_FIRST.index)
    device, total = group[0].device, duration(group[0].total.median)
    if len(group) == 1:
        return EvidenceText(worst, f"{sentence(group[0])} on {device}")
    saved = sum(evidence.saves.median for evidence in group)
    verb = f"save {duration(saved)}" if saved >= 0 else f"cost {duration(-saved)} more"
    return EvidenceText(worst, f"{_places(group)}together they {verb} of {total} on {device}")


def _places(group: Sequence[Evidence]) -> str:
    """Counts per outcome, worst first, as in `at 1 of 3 places, confirmed at 2`."""
    counts = Counter(evidence.support for evidence in group)
    seen = [support for support in _WORST_FIRST[:-1] if counts[support]]
    if not seen:
        return ""
    first, *others = seen
    rest = "".join(f"{support} at {counts[support]}, " for support in others)
    return f"at {counts[first]} of {len(group)} places, {rest}"
