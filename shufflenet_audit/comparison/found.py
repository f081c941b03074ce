"""The findings of two audits in pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.checking.guideline import Guideline
from shufflenet_audit.comparison.change import FindingPair, FindingPart
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.clusters import alike
from shufflenet_audit.results.fingerprint import fingerprints

Findings = Mapping[str, Finding]


def findings(
    first: Audit, second: Audit, corresponding: Mapping[str, str]
) -> Iterator[FindingPair]:
    """
    The findings of the guidelines that both were checked for, in the order of their ops.

    Those of the same fingerprint are paired; of the others, those that say the same of ops that
    correspond, though their modules be named anew.
    """
    judged = {each.code: each for each in second.guidelines if not each.error}
    orders = [{op.name: at for at, op in enumerate(audit.graph)} for audit in (first, second)]
    for guideline in first.guidelines:
        if guideline.error or guideline.code not in judged:
            continue
        pairs = []
        for mark, *sides in _paired(guideline, judged[guideline.code], corresponding):
            parts = (_part(each, order) for each, order in zip(sides, orders, strict=True))
            pairs.append(FindingPair(guideline.code, mark, *parts))
        yield from sorted(pairs, key=_place)


def _paired(
    first: Guideline, second: Guideline, corresponding: Mapping[str, str]
) -> Iterator[tuple[str, Finding | None, Finding | None]]:
    """Each finding by the fingerprint that it has now, or had."""
    before, now = fingerprints(first), fingerprints(second)
    marks = {mark: mark for mark in before} | dict(_renamed(before, now, corresponding))
    former = {mark: old for old, mark in marks.items()}
    for mark in dict.fromkeys((*marks.values(), *now)):
        yield mark, before.get(former.get(mark, "")), now.get(mark)


def _renamed(
    before: Findings, now: Findings, corresponding: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The fingerprints that a finding had and has, of those that have another one now."""
    gone = {
        (alike(finding.message), corresponding.get(finding.ops[0].name)): mark
        for mark, finding in before.items()
        if mark not in now
    }
    for mark, finding in now.items():
        old = gone.get((alike(finding.message), finding.ops[0].name))
        if old and mark not in before:
            yield old, mark


def _place(pair: FindingPair) -> tuple[int, str]:
    part = pair.second or pair.first
    return part.place if part else 0, pair.fingerprint


def _part(finding: Finding | None, order: Mapping[str, int]) -> FindingPart | None:
    if finding is None:
        return None
    return FindingPart(
        order[finding.ops[0].name],
        finding.module,
        finding.source,
        finding.message,
        finding.avoidable,
        finding.instead,
    )
