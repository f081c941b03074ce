"""By what a finding is known again: in a later audit, a baseline, or another network."""

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
    The same for the same finding after the code around it has changed.

    Of its rule, model, module and message: without numbers, which move with a tuned width, without
    the line, which moves with every edit above it, and without the names of its ops, which are
    numbered anew.
    """
    words = _NUMBER.sub("#", finding.message)
    same = "\n".join((code, model, finding.module, words))
    return hashlib.sha256(same.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def fingerprints(guideline: Guideline, model: str = "") -> dict[str, Finding]:
    """
    The findings of a guideline, each by a fingerprint of its own.

    Where several have the same, the second and those after it, which move no more, are numbered.
    """
    seen: Counter[str] = Counter()
    marks = {}
    for at, finding in sorted(enumerate(guideline.findings), key=lambda each: _moved(each[1])):
        mark = fingerprint(guideline.code, finding, model)
        seen[mark] += 1
        marks[at] = mark if seen[mark] == 1 else f"{mark}:{seen[mark]}"
    return {marks[at]: finding for at, finding in enumerate(guideline.findings)}


def _moved(finding: Finding) -> tuple[int, int, int]:
    """Its place among others by what it moves, whatever was timed."""
    avoidable = finding.avoidable
    return -avoidable.bytes_fused, -avoidable.bytes, -avoidable.launches
