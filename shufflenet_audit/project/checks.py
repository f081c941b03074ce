"""Checks of what a table holds: each gives a sentence for every mistake, with the key it is at."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from shufflenet_audit.project.amount import amount

Check = Callable[[Any, str], Iterator[str]]


def text(value: Any, at: str) -> Iterator[str]:
    """A text that says something."""
    if not isinstance(value, str) or not value.strip():
        yield f"{at} is {shown(value)}: write a text"


def flag(value: Any, at: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield f"{at} is {shown(value)}: write true or false"


def quantity(value: Any, at: str) -> Iterator[str]:
    """An amount that is not negative."""
    if amount(value) is None:
        yield f'{at} is {shown(value)}: write a number that is not negative, or a text like "150M"'


def anything(value: Any, at: str) -> Iterator[str]:
    """A value that code can be given as an argument."""
    if not isinstance(value, str | int | float | bool | list) or value in (math.inf, -math.inf):
        yield f"{at} is {shown(value)}: write a text, number, true, false or a list"


def number(low: float, high: float = math.inf, *, whole: bool = False) -> Check:
    """A number from low to high."""

    def check(value: Any, at: str) -> Iterator[str]:
        fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not fits or not low <= value <= high or not math.isfinite(value):
            kind = "a whole number" if whole else "a number"
            least = "" if low == -math.inf else f" from {low:g}"
            yield f"{at} is {shown(value)}: write {kind}{least}" + (
                f" to {high:g}" if high < math.inf else ""
            )

    return check


def choice(*names: str) -> Check:
    """One of these names."""

    def check(value: Any, at: str) -> Iterator[str]:
        if value not in names:
            yield f"{at} is {shown(value)}: {hint(value, names)}"

    return check


def items(each: Check) -> Check:
    """A list, and what is in it."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{at} is {shown(value)}: write a list"
            return
        for place, item in enumerate(value, 1):
            yield from each(item, f"{at}[{place}]")

    return check


def mapping(each: Check) -> Check:
    """A table of any keys, and what is in it."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at} is {shown(value)}: write a table"
            return
        for key, item in value.items():
            yield from each(item, _below(at, key))

    return check


def table(fields: Mapping[str, Check], required: Collection[str] = ()) -> Check:
    """A table of these keys, and what is in it."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at} is {shown(value)}: write a table"
            return
        for key, item in value.items():
            yield from fields.get(key, _no_key(key, fields))(item, _below(at, key))
        yield from (f"{_below(at, key)} is missing" for key in required if key not in value)

    return check


def _no_key(key: str, fields: Collection[str]) -> Check:
    def check(value: Any, at: str) -> Iterator[str]:  # noqa: ARG001  (whatever it is)
        yield f"{at} is no key: {hint(key, fields)}"

    return check


def or_table(short: Check, long: Check) -> Check:
    """A single value, or a table that says more."""

    def check(value: Any, at: str) -> Iterator[str]:
        yield from (long if isinstance(value, dict) else short)(value, at)

    return check


def hint(name: object, names: Collection[str]) -> str:
    """What may have been meant."""
    by_name = {each.lower(): each for each in names}
    close = get_close_matches(str(name).lower(), by_name, n=1)
    return f"did you mean {by_name[close[0]]}?" if close else f"there are {', '.join(names)}"


def shown(value: object) -> str:
    """A value as the file spells it, roughly."""
    return json.dumps(value, default=str)


def _below(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key
