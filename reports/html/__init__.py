"""The HTML report: one page that needs no network, for a person."""

from __future__ import annotations

from markupsafe import Markup

from shufflenet_audit.plugin import Audit, guards, report

from .cards import cards
from .data import embedded
from .shell import rendered

_SCRIPTS = (
    "audit/data", "shared/numbers", "shared/elements", "shared/plot", "audit/selection",
    "audit/charts", "audit/modules", "audit/roofline", "audit/parts", "audit/graph", "audit/table",
    "audit/tables", "audit/findings", "audit/main",
)  # fmt: skip


@report("html", suffix=".html")
def html(audit: Audit) -> str:
    """Everything on one self-contained page, with charts, the graph and tables, for a browser."""
    found = cards(audit)
    return rendered(
        "audit/page.html.jinja",
        _SCRIPTS,
        audit=audit,
        cards=found,
        guards=guards(audit),
        data=Markup(embedded(audit, [card.cluster for card in found])),
        timed=any(card.seconds is not None for card in found),
    )
