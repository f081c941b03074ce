"""Audits and comparisons that were saved as JSON, told by their content."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from shufflenet_audit.comparison import Comparison
from shufflenet_audit.errors import FormatError
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.text import contents, decoded

_HEAD = 200
_BOM = "\ufeff"
_SAVED = "a saved audit (--format json)"


def is_document(path: Path) -> bool:
    """Whether a file holds a JSON object: no model is one."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return head.decode("utf-8", "replace").lstrip(_BOM).lstrip().startswith("{")


def read(path: Path) -> Audit:
    """The audit that is saved in a file. Raises FormatError."""
    try:
        found = result(text(path))
    except FormatError as error:
        message = f"{path}: {error}"
        raise FormatError(message) from error
    if isinstance(found, Comparison):
        message = f"{path} is a saved comparison: name the audits, or audit report {path}"
        raise FormatError(message)
    return found


def result(saved: str) -> Audit | Comparison:
    """The audit or the comparison that was saved as this JSON. Raises FormatError."""
    return Comparison.from_json(saved) if _compares(saved) else Audit.from_json(saved)


def text(path: Path) -> str:
    """What is in a file, or on stdin where the path is a dash. Raises FormatError."""
    if str(path) == "-":
        return decoded(sys.stdin.buffer.read(), path, _SAVED)
    return contents(path, _SAVED)


def _compares(saved: str) -> bool:
    if '"comparison_version"' not in saved:  # spares a large audit a second parsing
        return False
    try:
        document = json.loads(saved)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and "comparison_version" in document
