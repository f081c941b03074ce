"""The HTML report: one page that needs no network, for a person."""

from __future__ import annotations

from markupsafe import Markup

from shufflenet_audit.plugin import Audit, project_summary, report

from .cards import cards
from .data import embedded
from .shell import rendered

_SCRIPTS = ("data", "numbers", "elements", "plot", "selection", "charts", "modules", "roofline",
            "parts", "graph", "table", "tables", "findings", "start")  # fmt: skip


@report("html", suffix=".html")
def html(audit: Audit) -> str:
    """Everything on one self-contained page, with charts, the graph and tables, for a browser."""
    found = cards(audit)
    return rendered(
        "page.html.jinja",
        _SCRIPTS,
        audit=audit,
        cards=found,
        guards=project_summary(audit),
        data=Markup(embedded(audit, [card.cluster for card in found])),
        timed=any(card.seconds is not None for card in found),
    )
