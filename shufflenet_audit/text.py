"""Text: numbers in words, suggestions, text files, safe names, pages for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from shufflenet_audit.errors import FormatError, NotFoundError

if TYPE_CHECKING:  # most uses of the plugin interface need no terminal
    from rich.console import RenderableType

T = TypeVar("T")

_ALIKE: Final = 0.6
"""How alike two names must be, from 0 to 1, for one to be suggested: difflib's default."""
_LARGE: Final = ("", "k", "M", "G", "T", "P")
_SMALL: Final = ("s", "ms", "µs", "ns")
_STEP: Final = 1000
_SAME: Final = 0.02
"""How far apart two counts may be and still be `as many`: a square convolution of 50 channels or
more, whose width is rounded to a whole channel, is off by at most 2 · 0.5 / 50 = 2 %."""
_ROUNDS_UP: Final = 999.95
"""From here on a number with one decimal is rounded to 1000: the next prefix is shorter."""


def human(n: float, unit: str = "") -> str:
    """A count with three or four digits, as in `145.8 M`, or `40.4 MB` where the unit is B."""
    value, prefix = float(n), 0
    while abs(value) >= _ROUNDS_UP and prefix < len(_LARGE) - 1:
        value, prefix = value / _STEP, prefix + 1
    digits = f"{n:.0f}" if prefix == 0 and float(n).is_integer() else _digits(value)
    return f"{digits} {_LARGE[prefix]}{unit}".rstrip()


def duration(seconds: float) -> str:
    """A time with three or four digits, as in `12.3 ms`."""
    value, unit = seconds, 0
    while 0 < abs(value) < _ROUNDS_UP / _STEP and unit < len(_SMALL) - 1:
        value, unit = value * _STEP, unit + 1
    return f"{_digits(value)} {_SMALL[unit]}"


def _digits(value: float) -> str:
    return f"{value:.1f}" if abs(value) >= 9.995 else f"{value:.2f}"  # noqa: PLR2004  (10, rounded)


def as_many(ratio: float) -> str:
    """A count relative to another, in words: `as many`, `4% more` or `3% fewer`."""
    if round(abs(ratio - 1), 2) <= _SAME:
        return "as many"
    return f"{ratio - 1:.0%} more" if ratio > 1 else f"{1 - ratio:.0%} fewer"


def counted(number: int, noun: str) -> str:
    """A number of things, as in `1 thread` or `4 threads`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def named(things: Mapping[str, T], name: str, kind: str) -> T:
    """The thing of this name, upper or lower case. Raises NotFoundError, which says its `kind`."""
    by_name = {key.lower(): key for key in things}
    if name.lower() in by_name:
        return things[by_name[name.lower()]]
    hint = did_you_mean(name, things, otherwise=f"there are {', '.join(things)}")
    message = f"no {kind} is called {name!r}: {hint}"
    raise NotFoundError(message)


def did_you_mean(
    name: str, choices: Iterable[str], *, otherwise: str = "", likeness: float = _ALIKE
) -> str:
    """
    The question whether the most similar of the choices was meant, as in `did you mean relu?`.

    Where none is similar it is `otherwise`. Upper and lower case are the same, except among
    choices that differ in nothing else.
    """
    by_name: dict[str, list[str]] = {}
    for choice in choices:
        by_name.setdefault(choice.lower(), []).append(choice)
    similar = get_close_matches(name.lower(), by_name, n=1, cutoff=likeness)
    if not similar:
        return otherwise
    (closest,) = get_close_matches(name, by_name[similar[0]], n=1, cutoff=0.0)
    return f"did you mean {closest}?"


def contents(file: Path, what: str) -> str:
    """The text of a file. `what` it should be, as in "a saved audit", is for the FormatError."""
    try:
        return decoded(file.read_bytes(), file, what)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise FormatError(message) from error


def decoded(data: bytes, file: Path, what: str) -> str:
    """The bytes of a file as text. Raises FormatError, which says `what` it should be."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"{file} is not {what}: it is not text"
        raise FormatError(message) from error


def printable(text: str) -> str:
    """The text on one line, with control characters (newline, escape) written as escapes."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def bar(share: float, width: int) -> str:
    """A bar that fills this share of `width` columns, in steps of an eighth of a column."""
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
