"""The JSON report: the canonical form of an audit, which every other can be made from."""

from __future__ import annotations

from shufflenet_audit.plugin import Audit, report


@report("json", suffix=".json")
def json(audit: Audit) -> str:
    """The whole audit as versioned JSON, to be read by programs and rendered later."""
    return audit.to_json()
