"""Numbers as people read them."""

from __future__ import annotations

from typing import Final

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
