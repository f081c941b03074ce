"""Pieces that a Markdown page is made of: tables, folded parts, and text that is no markup."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator

from shufflenet_audit.plugin import printable

_BAR = re.compile(r"(?<!\\)\|")

Part = Callable[[str, Iterable[str]], Iterator[str]]
"""A part of a page from its title and its lines: `closed` or `section`."""


def table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table, line by line; its cells are Markdown, in which a bar ends no cell."""
    titles = tuple(heading)
    for cells in (titles, ("---",) * len(titles), *rows):
        inner = (_BAR.sub(r"\\|", each) for each in cells)
        yield f"| {' | '.join(inner)} |"


def folded(summary: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines behind a summary, which is HTML, that opens them; nothing where there are none."""
    body = list(lines)
    if body:
        yield from ("", f"<details><summary>{summary}</summary>", "", *body, "", "</details>")


def closed(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines behind their title."""
    yield from folded(html.escape(printable(title), quote=False), lines)


def section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines below a heading; nothing where there are none."""
    body = list(lines)
    if body:
        yield from ("", f"## {escaped(title)}", "", *body)


def escaped(text: str) -> str:
    """The text, with what Markdown or HTML would read as markup escaped."""
    return re.sub(r"([\\`*_{}\[\]<>#!|~&@])", r"\\\1", printable(text))


def code(text: str) -> str:
    """The text as a code span, fenced with more backticks than it has in a row."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{printable(text)}{pad}{fence}"
