"""Pieces that a page for the terminal is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from shufflenet_audit.plugin import Verdict, printable

COLORS = {Verdict.CRASHED: "magenta", Verdict.FAIL: "red", Verdict.WARN: "yellow",
           Verdict.PASS: "green", Verdict.NOT_APPLICABLE: "dim"}  # fmt: skip
TWO_COLUMNS = 150
"""Width from which parts are shown side by side."""

CODE = "code"
"""Label of a line of code, which is cut, not wrapped."""

Facts = Iterator[tuple[str, str]]


def section(title: str, *body: RenderableType) -> RenderableType:
    """A title, its body indented below it, and an empty line."""
    indented = (Padding(part, (0, 0, 0, 2)) for part in body)
    return Group(plain(title, "bold"), *indented, "")


def beside(parts: Sequence[RenderableType], width: int) -> RenderableType:
    """One below the other, or in two columns where there is room."""
    return Columns(parts, width=width // 2 - 4) if width >= TWO_COLUMNS else Group(*parts)


def grid(facts: Iterable[tuple[str, str]]) -> RenderableType:
    """Facts one below the other, each with its label."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    for label, text in facts:
        code = label == CODE
        line = plain(text)
        line.no_wrap, line.overflow = code, "ellipsis" if code else None
        rows.add_row("" if code else label, line)
    return rows


def table(*titles: str) -> Table:
    """A table without lines; columns whose titles end in > are aligned right."""
    rows = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for title in titles:
        rows.add_column(title.rstrip(">"), justify="right" if title.endswith(">") else "left")
    return rows


def plain(text: str, style: str = "") -> Text:
    """A text without markup and without control characters."""
    return Text(printable(text), style)


def words(name: str) -> str:
    """A name from the program as a person writes it."""
    return name.replace("_", " ")


def bar_width(width: int) -> int:
    """How long the bars on a page of that width are."""
    return min(max((width - 56) // 3, 4), 24)
