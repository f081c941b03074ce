"""Text for a terminal: harmless names, bars, and pages of what rich can draw."""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # most uses of the plugin interface draw nothing
    from rich.console import RenderableType


def printable(text: str) -> str:
    """The text on one line, with what would steer a terminal (newline, escape) spelled out."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def bar(share: float, width: int) -> str:
    """A bar of that share of so many columns, in steps of an eighth of a column."""
    eighths = round(min(max(share, 0), 1) * width * 8)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def page(parts: Iterable[RenderableType], *, width: int, color: bool) -> str:
    """What rich draws, as text without trailing blanks or more than one empty line in a row."""
    from rich.console import Console  # noqa: PLC0415  (see the top)

    # With a height and no environment, rich does not look for the size of a real terminal.
    console = Console(
        file=StringIO(), width=width, height=100, _environ={}, legacy_windows=False,
        force_terminal=color, color_system="standard" if color else None, no_color=not color,
    )  # fmt: skip
    with console.capture() as drawn:
        console.print(*parts, sep="\n")
    lines = "\n".join(line.rstrip() for line in drawn.get().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines)
