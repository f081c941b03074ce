"""The most costly findings, each on a card."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from shufflenet_audit.plugin import Audit, Cluster, CostGraph, costliest, evidence_texts, savings

from .layout import CODE, COLORS, Facts, beside, grid, plain


def cards(audit: Audit, width: int) -> Iterator[RenderableType]:
    """A card for each finding that is shown, and how many are not shown."""
    shown = costliest(audit)
    if shown:
        yield beside([_card(cluster, audit.graph) for cluster in shown], width)
    active = len(audit.findings) - len(audit.suppressed)
    left = active - sum(len(cluster.findings) for cluster in shown)
    if left:
        count = "1 more finding" if left == 1 else f"{left} more findings"
        yield plain(f"{count}, less costly or of guidelines that hold: see -o report.html", "dim")


def _card(cluster: Cluster, graph: CostGraph) -> RenderableType:
    code = plain(cluster.guideline.code, COLORS[cluster.guideline.verdict])
    title = Text.assemble(code, "  ", plain(cluster.worst.message, "bold"))
    return Group(title, Padding(grid(_finding(cluster, graph)), (0, 0, 1, 4)))


def _finding(cluster: Cluster, graph: CostGraph) -> Facts:
    worst = cluster.worst
    yield "in", worst.where()
    if cluster.others:
        yield "", f"and {cluster.others}"
    if worst.source:
        yield "at", str(worst.source)
        yield CODE, worst.source.text
    if worst.run_at:
        yield "run at", str(worst.run_at)
    yield "saves", savings(cluster.avoidable, graph.total)
    if worst.instead:
        yield "instead", worst.instead
    yield from ((claim.support, claim.text) for claim in evidence_texts(cluster.findings))
