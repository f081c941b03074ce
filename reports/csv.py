"""The CSV report: the table of ops, for a spreadsheet."""

from __future__ import annotations

from shufflenet_audit.plugin import Audit, printable, report


@report("csv", suffix=".csv")
def csv(audit: Audit) -> str:
    """One row per op with its place, shapes and costs."""
    table = audit.table()
    texts = (name for name, column in table.items() if column.dtype == "string")
    harmless = {str(name): table[name].map(printable, na_action="ignore") for name in texts}
    return table.assign(**harmless).to_csv(index=False)
