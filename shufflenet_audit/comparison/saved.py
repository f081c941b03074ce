"""A comparison as JSON, and back; described by `comparison.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from shufflenet_audit.comparison import Comparison
from shufflenet_audit.errors import FormatError
from shufflenet_audit.results.saved.schema import fault

COMPARISON_VERSION = 1
"""1: the first."""


def to_json(comparison: Comparison) -> str:
    """The comparison as JSON text. The same comparison gives the same bytes."""
    whole = {"comparison_version": COMPARISON_VERSION, **_written(comparison)}
    # In ASCII, since a name may hold what no encoding can write or what would steer a terminal.
    return json.dumps(whole, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def from_json(text: str) -> Comparison:
    """The comparison that was saved as this text. Raises FormatError."""
    try:
        saved = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"not a saved comparison: {error}; save one with audit compare --format json"
        raise FormatError(message) from error
    version = saved.get("comparison_version") if isinstance(saved, dict) else None
    if version != COMPARISON_VERSION:
        message = (
            f"the comparison has comparison_version {version!r}, this program reads"
            f" {COMPARISON_VERSION}: use the version of the program that wrote it"
        )
        raise FormatError(message)
    damage = fault(saved, "comparison") or _lopsided(saved)
    if damage:
        message = f"the saved comparison is damaged: {damage}"
        raise FormatError(message)
    comparison = cast(Comparison, _read(Comparison, saved))
    if json.loads(to_json(comparison)) != saved:
        message = "the saved comparison is damaged: its differences are not those of its numbers"
        raise FormatError(message)
    return comparison


def _written(value: Any) -> Any:
    """Fields, and for a reader's comfort what follows from them."""
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _written(getattr(value, name)) for name in _names(type(value))}
    return value


@cache
def _names(kind: Any) -> tuple[str, ...]:
    derived = (name for name, each in vars(kind).items() if isinstance(each, property))
    return (*(field.name for field in fields(kind)), *derived)


def _read(kind: Any, saved: Any) -> Any:
    """A value of that type. What follows from the fields is not read, but made anew."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        (one,) = (each for each in inside if each is not NoneType)
        return None if saved is None else _read(one, saved)
    if origin is tuple:
        kinds = inside[:1] * len(saved) if inside[-1] is ... else inside
        return tuple(_read(each, item) for each, item in zip(kinds, saved, strict=True))
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**{name: _read(each, saved[name]) for name, each in _types(kind).items()})
    return kind(saved) if issubclass(kind, StrEnum) else saved


@cache
def _types(kind: Any) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _lopsided(saved: dict[str, Any]) -> str:
    """What has not one value for each model; empty if all have."""
    models, times = len(saved["models"]), len(saved["latencies"])
    counts = [("changes", len(saved["changes"]), models - 1)]
    for name in ("blocks", "ops", "findings"):
        counts += [
            (f"changes.{name}", bool(pair["first"] or pair["second"]), True)
            for each in saved["changes"] for pair in each[name]
        ]  # fmt: skip
    for name, inside in (
        ("totals", "values"), ("guidelines", "standings"), ("kinds", "totals"),
        ("latencies", "totals"), ("latencies", "notes"),
    ):  # fmt: skip
        counts += [(f"{name}.{inside}", len(each[inside]), models) for each in saved[name]]
    counts += [
        ("latencies.kinds.seconds", len(kind["seconds"]), models)
        for each in saved["latencies"] for kind in each["kinds"]
    ]  # fmt: skip
    counts += [
        ("changes.blocks.seconds", len(part["seconds"]), times)
        for each in saved["changes"] for pair in each["blocks"]
        for part in (pair["first"], pair["second"]) if part
    ]  # fmt: skip
    wrong = (f"{name} has {count} values, not {due}" for name, count, due in counts if count != due)
    return next(wrong, "")
