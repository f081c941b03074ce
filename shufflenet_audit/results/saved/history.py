"""Saved audits of earlier versions, brought up to the present one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

SCHEMA_VERSION: Final = 3
"""
1: the first.
2: an op names the line that built its layer, and a finding stands there.
3: a finding may be suppressed or known, an audit has budgets and may have drifted from a baseline,
   and a latency is broken down and may tell the device's roof.
"""


def upgraded(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as the present version would say it, as far as it can be read."""
    document = dict(document)
    while type(version := document["schema_version"]) is int and version in _STEPS:
        document = _STEPS[version](document) | {"schema_version": version + 1}
    return document


def _without_lines_that_built(document: dict[str, Any]) -> dict[str, Any]:
    ops = document.get("ops")
    if not isinstance(ops, list):
        return document
    with_line = [each | {"defined": None} if isinstance(each, dict) else each for each in ops]
    return document | {"ops": with_line}


def _without_guards(document: dict[str, Any]) -> dict[str, Any]:
    guidelines = document.get("guidelines")
    if isinstance(guidelines, list):
        document = document | {"guidelines": [_unguarded(each) for each in guidelines]}
    latencies = document.get("latencies")
    if isinstance(latencies, list):
        document = document | {"latencies": [_broken_down(each) for each in latencies]}
    return document | {"budgets": [], "drift": None}


def _broken_down(latency: object) -> object:
    """It is not read back: it follows from what is."""
    parts: dict[str, list[object]] = {"category": [], "kind": [], "source": [], "module": []}
    added = {"breakdown": parts, "roof": None}
    return latency | added if isinstance(latency, dict) else latency


def _unguarded(guideline: object) -> object:
    if not isinstance(guideline, dict) or not isinstance(guideline.get("findings"), list):
        return guideline
    added = {"suppressed": "", "known": False}
    found = [each | added if isinstance(each, dict) else each for each in guideline["findings"]]
    return guideline | {"findings": found}


_STEPS: Final[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    1: _without_lines_that_built,
    2: _without_guards,
}
