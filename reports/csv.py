"""The CSV report: the table of ops, for a spreadsheet."""

from __future__ import annotations

from shufflenet_audit.plugin import Audit, report


@report("csv", suffix=".csv")
def csv(audit: Audit) -> str:
    """One row per op with its place, shapes and costs."""
    return audit.table().to_csv(index=False)
