"""What was set for the model: budgets, the baseline, suppressions."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from shufflenet_audit.plugin import Audit, project_summary

from .layout import plain, section


def sections(audit: Audit) -> Iterator[RenderableType]:
    """A section for each of them; none where nothing was set."""
    for guard in project_summary(audit):
        yield section(guard.title, *(plain(line) for line in guard.lines))
