"""The HTML report of a comparison: one page that needs no network, for a person."""

from __future__ import annotations

from collections import Counter

from markupsafe import Markup

from shufflenet_audit.plugin import Change, ChangeKind, Comparison, groups, report, wording

from .beside import embedded
from .shell import rendered


@report("html", suffix=".html")
def comparison(comparison: Comparison) -> str:
    """Everything on one self-contained page, the models beside each other, for a browser."""
    return rendered(
        "comparison/page.html.jinja",
        scripts="comparison",
        styles=("shared/page", "comparison/comparison"),
        made=comparison,
        data=Markup(embedded(comparison)),
        counts=_counts,
        groups=groups,
        wording=wording,
        Fate=ChangeKind,  # as the templates call it
    )


def _counts(change: Change) -> Counter[ChangeKind]:
    return Counter(pair.fate for pair in change.findings)
