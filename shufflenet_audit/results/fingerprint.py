"""Stable identity of a finding: the same in a later audit, a baseline or another network."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Final

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.checking.guideline import Guideline

_NUMBER: Final = re.compile(r"\d[\d.×]*")


def fingerprint(code: str, finding: Finding, model: str = "") -> str:
    """
    Stable identity of a finding: it stays when the code around the finding changes.

    A hash of rule, model, module and message. Numbers in the message are left out, since they
    change with every width; so are the line, which changes with every edit above it, and the names
    of ops, which are numbered in each trace.
    """
    words = _NUMBER.sub("#", finding.message)
    identity = "\n".join((code, model, finding.module, words))
    return hashlib.sha256(identity.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def fingerprints(guideline: Guideline, model: str = "") -> dict[str, Finding]:
    """
    The findings of a guideline by their fingerprints, each a different one.

    Where several findings have the same, all but the most costly get a number at its end.
    """
    seen: Counter[str] = Counter()
    marks = {}
    findings = guideline.findings
    for index in sorted(range(len(findings)), key=lambda index: _costliness(findings[index])):
        mark = fingerprint(guideline.code, findings[index], model)
        seen[mark] += 1
        marks[index] = mark if seen[mark] == 1 else f"{mark}:{seen[mark]}"
    return {marks[index]: finding for index, finding in enumerate(findings)}


def _costliness(finding: Finding) -> tuple[int, int, int]:
    """A key that sorts the most costly first, by its counts alone: timings change."""
    avoidable = finding.avoidable
    return -avoidable.bytes_fused, -avoidable.bytes, -avoidable.launches
