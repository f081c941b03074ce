"""Why tools disagree about "FLOPs": what each would print for this network, and why."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from shufflenet_audit.plugin import (
    Audit,
    human,
    page,
    printable,
    report,
)

from .conventions import CONVENTIONS, Reconciliation, reconciled

_NARROWEST = 60


@report("reconcile", suffix=".reconcile.txt")
def reconcile(audit: Audit, *, width: int = 80, color: bool = False) -> str:
    """What other tools would print for this network, and why it differs from the count here."""
    return page(_sections(audit), width=max(width, _NARROWEST), color=color)


def _sections(audit: Audit) -> Iterator[RenderableType]:
    total = audit.graph.total
    given = ", ".join(f"{each.name} {each.tensor}" for each in audit.graph.inputs)
    yield _plain(audit.model.name, "bold")
    yield _indented(_plain(f"{total.macs:,} multiply–adds on {given}"))
    yield _indented(
        _plain(
            "What follows is worked out from this graph by reading each tool's source: no tool was "
            "run. In evaluation mode, without gradients, on a CPU.",
            "dim",
        )
    )
    if total.unknown:
        yield _indented(_plain(f"{total.unknown} ops of unknown cost are left out everywhere"))
    yield ""
    found = reconciled(audit.graph, CONVENTIONS)
    yield Group(_plain("What each would print", "bold"), _indented(_overview(found)), "")
    for each in found:
        yield _itemised(each)


def _overview(found: tuple[Reconciliation, ...]) -> RenderableType:
    rows = _table("", "figure>", "ours>", "called")
    for each in found:
        figure = "unavailable" if each.figure is None else f"{each.figure:,}"
        share = f"×{each.figure / each.macs:.3f}" if each.figure is not None and each.macs else "–"
        convention = each.convention
        name = f"{convention.tool} {convention.version}"
        rows.add_row(_plain(name), figure, share, _plain(convention.label))
    return rows


def _itemised(each: Reconciliation) -> RenderableType:
    """Ours, the reasons, and their sum, which is the tool's figure."""
    convention = each.convention
    rows = _table("operations>", "ops>", "because of")
    rows.add_row(f"{each.macs:,}", "", "multiply–adds here")
    for reason in each.reasons:
        count = str(reason.ops) if reason.ops else ""
        rows.add_row(f"{reason.amount:+,}", count, _plain(reason.text))
    if each.unavailable:
        rows.add_row("unavailable", "", _plain(each.unavailable))
    else:
        rows.add_row(f"{each.figure:,}", "", _plain(f"{convention.tool}: {convention.label}"))
    source = _plain(f"from {convention.source}; {convention.limits}", "dim")
    title = convention.tool
    if each.figure is not None:
        title = f"{convention.tool}: {human(each.figure)} {convention.label}"
    return Group(_plain(title, "bold"), _indented(rows), _indented(source), "")


def _table(*titles: str) -> Table:
    """A table without lines; columns whose titles end in > stand to the right."""
    rows = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for title in titles:
        rows.add_column(title.rstrip(">"), justify="right" if title.endswith(">") else "left")
    return rows


def _indented(body: RenderableType) -> RenderableType:
    return Padding(body, (0, 0, 0, 2))


def _plain(text: str, style: str = "") -> Text:
    return Text(printable(text), style)
