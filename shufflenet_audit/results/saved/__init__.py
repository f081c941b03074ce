"""An audit as JSON, and back: the canonical form, described by `audit.schema.json`."""

from __future__ import annotations

import json

from shufflenet_audit.errors import FormatError
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.saved.history import SCHEMA_VERSION, upgraded
from shufflenet_audit.results.saved.layout import text
from shufflenet_audit.results.saved.reading import read
from shufflenet_audit.results.saved.schema import fault
from shufflenet_audit.results.saved.writing import document
from shufflenet_audit.text import printable

__all__ = ["SCHEMA_VERSION", "from_json", "to_json"]


def to_json(audit: Audit) -> str:
    """The audit as JSON text. The same model gives the same bytes."""
    return text({"schema_version": SCHEMA_VERSION, **document(audit)})


def from_json(document_text: str) -> Audit:
    """The audit that was saved as this text. Raises FormatError."""
    try:
        saved = json.loads(document_text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        message = f"not a saved audit: {error}; save one with --format json"
        raise FormatError(message) from error
    if not isinstance(saved, dict) or "schema_version" not in saved:
        message = "not a saved audit: it has no schema_version; save one with --format json"
        raise FormatError(message)
    saved = upgraded(saved)
    if saved["schema_version"] != SCHEMA_VERSION:
        message = (
            f"the audit has schema_version {saved['schema_version']!r}, this program reads"
            f" 1 to {SCHEMA_VERSION}: use the version of the program that wrote it"
        )
        raise FormatError(message)
    damage = fault(saved)
    if damage:
        message = f"the saved audit is damaged: {damage}"
        raise FormatError(message)
    try:
        return read(saved)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        message = f"the saved audit is damaged: {type(error).__name__}: {printable(str(error))}"
        raise FormatError(message) from error


def _refuse(name: str) -> None:
    message = f"{name} is no number in JSON"
    raise ValueError(message)
