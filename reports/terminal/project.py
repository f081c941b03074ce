"""What the project sets: budgets, the baseline, suppressions."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from shufflenet_audit.plugin import Audit, project_summary

from .layout import plain, section


def sections(audit: Audit) -> Iterator[RenderableType]:
    """A section for each; none where the project sets nothing."""
    for part in project_summary(audit):
        yield section(part.title, *(plain(line) for line in part.lines))
