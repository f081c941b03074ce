"""The saved form of a comparison: JSON, described by `comparison.schema.json`."""

from __future__ import annotations

from typing import Any, Final

from shufflenet_audit.structure.damage import differences
from shufflenet_audit.structure.document import Form
from shufflenet_audit.structure.writing import plain


def _contradiction(comparison: object, saved: dict[str, Any]) -> str:
    wrong = _lopsided(saved)
    if wrong:
        return wrong
    places = differences(saved, plain(comparison))
    return next((f"{place} does not follow from the rest" for place in places), "")


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
    wrong = (each for each in counts if each[1] != each[2])
    return next((f".{name} has {count} values, not {due}" for name, count, due in wrong), "")


FORM: Final = Form(
    called="comparison",
    cure="save one with audit compare --format json",
    key="comparison_version",
    version=1,
    contradiction=_contradiction,
)
"""1: the first."""
