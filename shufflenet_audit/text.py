"""Text: numbers as people read them, harmless names, files of text, pages for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from shufflenet_audit.errors import FormatError, NotFoundError

if TYPE_CHECKING:  # most uses of the plugin interface draw nothing
    from rich.console import RenderableType

T = TypeVar("T")

_LARGE: Final = ("", "k", "M", "G", "T", "P")
_SMALL: Final = ("s", "ms", "µs", "ns")
_STEP: Final = 1000
_ROUNDS_UP: Final = 999.95


def human(n: float, unit: str = "") -> str:
    """A count with three or four digits, as in `145.8 M`, or `40.4 MB` where the unit is B."""
    value, at = float(n), 0
    while abs(value) >= _ROUNDS_UP and at < len(_LARGE) - 1:
        value, at = value / _STEP, at + 1
    digits = f"{n:.0f}" if at == 0 and float(n).is_integer() else _digits(value)
    return f"{digits} {_LARGE[at]}{unit}".rstrip()


def duration(seconds: float) -> str:
    """A time with three or four digits, as in `12.3 ms`."""
    value, at = seconds, 0
    while 0 < abs(value) < _ROUNDS_UP / _STEP and at < len(_SMALL) - 1:
        value, at = value * _STEP, at + 1
    return f"{_digits(value)} {_SMALL[at]}"


def _digits(value: float) -> str:
    return f"{value:.1f}" if abs(value) >= 9.995 else f"{value:.2f}"  # noqa: PLR2004  (10, rounded)


def named(things: Mapping[str, T], name: str, kind: str) -> T:
    """The rule or report of that name; upper and lower case are the same. Raises NotFoundError."""
    by_name = {key.lower(): key for key in things}
    if name.lower() in by_name:
        return things[by_name[name.lower()]]
    close = get_close_matches(name.lower(), by_name, n=1)
    hint = f"did you mean {by_name[close[0]]}?" if close else f"there are {', '.join(things)}"
    message = f"no {kind} is called {name!r}: {hint}"
    raise NotFoundError(message)


def contents(file: Path, what: str) -> str:
    """The text in a file that should be such a thing, as in "a saved audit". Raises FormatError."""
    try:
        return decoded(file.read_bytes(), file, what)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise FormatError(message) from error


def decoded(data: bytes, file: Path, what: str) -> str:
    """These bytes of a file as text. Raises FormatError."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"{file} is not {what}: it is not text"
        raise FormatError(message) from error


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
