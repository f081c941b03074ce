"""Texts, numbers, choices, and several of them, from what the json module read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sys import float_info
from typing import Any, Final

from shufflenet_audit.structure.damage import Damage, short, step
from shufflenet_audit.structure.shape import Choice, Scalar

Read = Callable[[Any], Any]
_CALLED: Final = {str: "a text", bool: "true or false", int: "a whole number"}
_NUMBERS: Final = (int, float)


def choice(shape: Choice) -> Read:
    """The function that reads one of some texts, or what it stands for."""
    among = {str(each): shape.type(each) for each in shape.values}

    def read(saved: Any) -> Any:
        if type(saved) is not str or saved not in among:
            raise Damage(f" is {short(saved)}, not one of {', '.join(among)}")
        return among[saved]

    return read


def scalar(shape: Scalar) -> Read:
    """The function that reads a text, a truth value or a number."""
    if shape.type is float:
        return _number(shape.minimum)
    if shape.type is int and shape.minimum is not None:
        return _whole(shape.minimum)
    kind, called = shape.type, _CALLED[shape.type]

    def read(saved: Any) -> Any:
        if type(saved) is not kind:  # exactly: for JSON, true is not a number
            raise Damage(f" is {short(saved)}, not {called}")
        return saved

    return read


def many(item: Read, at_least: int) -> Read:
    """The function that reads a list of any length."""

    def read(saved: Any) -> Any:
        if type(saved) is not list:
            raise Damage(f" is {short(saved)}, not a list")
        if len(saved) < at_least:
            raise Damage(f" has {len(saved)} items, at least {at_least} are needed")
        return _items(item, saved)

    return read


def row(items: Sequence[Read]) -> Read:
    """The function that reads a list of as many values."""

    def read(saved: Any) -> Any:
        if type(saved) is not list or len(saved) != len(items):
            raise Damage(f" is {short(saved)}, not a list of {len(items)}")
        pairs = enumerate(zip(items, saved, strict=True))
        return tuple(step(f"[{at}]", item, each) for at, (item, each) in pairs)

    return read


def table(value: Read) -> Read:
    """The function that reads values by name."""

    def read(saved: Any) -> Any:
        if type(saved) is not dict:
            raise Damage(f" is {short(saved)}, not an object")
        return {name: step(f"[{short(name)}]", value, each) for name, each in saved.items()}

    return read


def _items(item: Read, saved: list[Any]) -> tuple[Any, ...]:
    found: list[Any] = []
    try:
        for each in saved:
            found.append(item(each))  # noqa: PERF401  (its length tells where the damage is)
    except Damage as damage:
        raise damage.inside(f"[{len(found)}]") from None
    return tuple(found)


def _whole(minimum: int) -> Read:
    def read(saved: Any) -> Any:
        if type(saved) is not int or saved < minimum:
            raise Damage(f" is {short(saved)}, not a whole number of at least {minimum}")
        return saved

    return read


def _number(minimum: int | None) -> Read:
    least = -float_info.max if minimum is None else minimum
    more = "" if minimum is None else f" of at least {minimum}"

    def read(saved: Any) -> Any:
        # Without bounds, 1e999 would be read as infinity, which cannot be written again.
        if type(saved) not in _NUMBERS or not least <= saved <= float_info.max:
            raise Damage(f" is {short(saved)}, not a number{more}")
        return saved

    return read
