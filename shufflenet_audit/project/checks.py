"""Checks of configured values: each gives a sentence for every mistake, with its key."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from shufflenet_audit.project.amount import amount
from shufflenet_audit.text import did_you_mean

Check = Callable[[Any, str], Iterator[str]]
"""From a value and its key, as in `budgets.macs`, to the mistakes in it."""


def text(value: Any, path: str) -> Iterator[str]:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        yield f"{path} is {shown(value)}: write a text"


def flag(value: Any, path: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield f"{path} is {shown(value)}: write true or false"


def quantity(value: Any, path: str) -> Iterator[str]:
    """An amount that is not negative."""
    if amount(value) is None:
        yield f'{path} is {shown(value)}: write a number from 0, or a text like "150M"'


def anything(value: Any, path: str) -> Iterator[str]:
    """A value that can be passed to code as an argument."""
    if not isinstance(value, str | int | float | bool | list) or value in (math.inf, -math.inf):
        yield f"{path} is {shown(value)}: write a text, number, true, false or a list"


def number(low: float, high: float = math.inf, *, whole: bool = False) -> Check:
    """A number from low to high."""

    def check(value: Any, path: str) -> Iterator[str]:
        fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not fits or not low <= value <= high or not math.isfinite(value):
            kind = "a whole number" if whole else "a number"
            least = "" if low == -math.inf else f" from {low:g}"
            yield f"{path} is {shown(value)}: write {kind}{least}" + (
                f" to {high:g}" if high < math.inf else ""
            )

    return check


def choice(*names: str) -> Check:
    """One of these names."""

    def check(value: Any, path: str) -> Iterator[str]:
        if value not in names:
            yield f"{path} is {shown(value)}: {hint(value, names)}"

    return check


def items(check_item: Check) -> Check:
    """A list, and each of its items."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path} is {shown(value)}: write a list"
            return
        for position, item in enumerate(value, 1):
            yield from check_item(item, f"{path}[{position}]")

    return check


def mapping(check_item: Check) -> Check:
    """A table of any keys, and each of its values."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path} is {shown(value)}: write a table"
            return
        for key, item in value.items():
            yield from check_item(item, _below(path, key))

    return check


def table(fields: Mapping[str, Check], required: Collection[str] = ()) -> Check:
    """A table of these keys, and each of its values."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path} is {shown(value)}: write a table"
            return
        for key, item in value.items():
            yield from fields.get(key, _no_key(key, fields))(item, _below(path, key))
        yield from (f"{_below(path, key)} is missing" for key in required if key not in value)

    return check


def _no_key(key: str, fields: Collection[str]) -> Check:
    def check(value: Any, path: str) -> Iterator[str]:  # noqa: ARG001  (any value is wrong)
        yield f"{path} is not a key: {hint(key, fields)}"

    return check


def or_table(short: Check, long: Check) -> Check:
    """A single value, or a table that says more."""

    def check(value: Any, path: str) -> Iterator[str]:
        yield from (long if isinstance(value, dict) else short)(value, path)

    return check


def hint(name: object, names: Collection[str]) -> str:
    """What may have been meant."""
    return did_you_mean(str(name), names, otherwise=f"there are {', '.join(names)}")


def shown(value: object) -> str:
    """A value about as the file spells it."""
    return json.dumps(value, default=str)


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
