"""The HTML report: one page that needs no network, for a person."""

from __future__ import annotations

from markupsafe import Markup

from shufflenet_audit.plugin import Audit, project_summary, report

from .cards import cards
from .data import embedded
from .shell import rendered


@report("html", suffix=".html")
def html(audit: Audit) -> str:
    """Everything on one self-contained page, with charts, the graph and tables, for a browser."""
    found = cards(audit)
    return rendered(
        "audit/page.html.jinja",
        scripts="audit",
        styles=("shared/page",),
        audit=audit,
        cards=found,
        guards=project_summary(audit),
        data=Markup(embedded(audit, found)),
        timed=any(card.seconds is not None for card in found),
    )
