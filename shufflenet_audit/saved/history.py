"""Saved audits of earlier versions, brought up to the present one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

SCHEMA_VERSION: Final = 2
"""
1: the first.
2: an op names the line that built its layer, and a finding stands there.
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


_STEPS: Final[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    1: _without_lines_that_built,
}
