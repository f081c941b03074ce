"""`audit explain CODE`: the documentation of a rule."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import click

from shufflenet_audit.checking.guideline import Metric
from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.cli.shared import completions, terminal
from shufflenet_audit.cli.shared.options import debug
from shufflenet_audit.cli.shared.output import show
from shufflenet_audit.cli.shared.rule_selection import chosen
from shufflenet_audit.discovery import (
    RULES,
    pack,
    rules,
)


@click.command()
@click.argument("code", shell_complete=completions.rules)
@debug
def explain(code: str) -> int:
    """Explain a rule: what it finds, why it matters, and what to do instead."""
    show(_rendered("\n".join(_page(chosen(rules(), code)))))
    return 0


def _page(rule: Rule) -> Iterator[str]:
    scale = rule.scale
    warn, fail = (
        Metric(limit, scale.meaning, scale.unit, scale.best, scale.warn, scale.fail)
        for limit in (scale.warn, scale.fail)
    )
    yield from (f"# {rule.code} {rule.name}", "", rule.documentation, "")
    yield from ("## Verdict", "", f"Judged by: {scale.meaning}.", "")
    yield f"It warns from {warn}" + (
        f" and fails from {fail}." if rule.severity == "error" else "."
    )
    yield f"Installed with {pack(RULES, rule.code)}."


def _rendered(markdown: str) -> str:
    from rich.console import Console  # noqa: PLC0415  (it takes a tenth of a second)
    from rich.markdown import Markdown  # noqa: PLC0415  (so does this)

    color = terminal.color()
    console = Console(
        file=StringIO(), width=min(terminal.width(), 100), force_terminal=color, no_color=not color
    )
    with console.capture() as page:
        console.print(Markdown(markdown))
    return "".join(f"{line.rstrip()}\n" for line in page.get().splitlines())
