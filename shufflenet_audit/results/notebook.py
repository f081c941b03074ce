"""An audit in a notebook: a small table, in HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from shufflenet_audit.checking.guideline import Guideline
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.text import human, printable


def summary(audit: Audit) -> str:
    """The totals and the guidelines of an audit as HTML."""
    heading = ("", "guideline", "verdict", "metric", "", "score", "findings")
    rows = "".join(_row(_cells(guideline)) for guideline in audit.guidelines)
    return (
        f"<p><b>{_safe(audit.model.name)}</b>: {_totals(audit)}</p>"
        f"<table><thead>{_row(heading, 'th')}</thead><tbody>{rows}</tbody></table>"
    )


def _totals(audit: Audit) -> str:
    total = audit.graph.total
    said = [
        f"{human(total.macs)} FLOPs (multiply–adds, as in the paper)",
        f"{human(total.params)} parameters",
        f"{human(total.bytes, 'B')} moved, {human(total.bytes_fused, 'B')} after fusion",
        f"{total.ops} ops, {total.unknown} unknown",
    ]
    return ", ".join(said) + (": the totals are incomplete" if total.unknown else "")


def _cells(guideline: Guideline) -> tuple[str, ...]:
    metric = guideline.metric
    return (
        guideline.code,
        guideline.name,
        guideline.verdict.replace("_", " "),
        str(metric) if metric else "unavailable",
        guideline.error or (metric.meaning if metric else ""),
        "" if guideline.score is None else str(guideline.score),
        str(len(guideline.findings)),
    )


def _row(cells: Iterable[str], tag: str = "td") -> str:
    return f"<tr>{''.join(f'<{tag}>{_safe(cell)}</{tag}>' for cell in cells)}</tr>"


def _safe(text: str) -> str:
    return escape(printable(text))
