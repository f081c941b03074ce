"""The JSON report of a comparison: its canonical form, which every other can be made from."""

from __future__ import annotations

from shufflenet_audit.plugin import Comparison, report


@report("json", suffix=".json")
def comparison(comparison: Comparison) -> str:
    """The whole comparison as versioned JSON, to be read by programs and rendered later."""
    return comparison.to_json()
