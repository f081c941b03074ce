"""Pieces that a Markdown page is made of: tables, folded parts, and text that is no markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from shufflenet_audit.plugin import printable


def table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table, line by line; its cells are Markdown."""
    titles = tuple(heading)
    for cells in (titles, ("---",) * len(titles), *rows):
        yield f"| {' | '.join(cells)} |"


def folded(summary: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines behind a summary that opens them; nothing where there are none."""
    body = list(lines)
    if body:
        yield from ("", f"<details><summary>{summary}</summary>", "", *body, "", "</details>")


def escaped(text: str) -> str:
    """The text, with what Markdown or HTML would read as markup escaped."""
    return re.sub(r"([\\`*_{}\[\]<>#!|~&@])", r"\\\1", printable(text))


def code(text: str) -> str:
    """The text as a code span, fenced with more backticks than it has in a row."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{printable(text)}{pad}{fence}"
