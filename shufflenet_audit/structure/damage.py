"""What is wrong with saved data, in words, and where."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

_LENGTH: Final = 60


class Damage(ValueError):  # noqa: N818  (it is said of a file, and is no mistake of a program)
    """What is wrong with saved data, and at which place: `.ops[1].macs`."""

    def __init__(self, wrong: str, place: str = "") -> None:
        super().__init__(place + wrong)
        self.wrong = wrong
        self.place = place

    def inside(self, step: str) -> Damage:
        """The same, seen from one step further out."""
        return type(self)(self.wrong, step + self.place)


class Contradiction(Damage):
    """Saved data that keeps to the schema, and cannot be."""


def step(place: str, read: Callable[[Any], Any], saved: Any) -> Any:
    """What stands at a place. Raises Damage with the place in it."""
    try:
        return read(saved)
    except Damage as damage:
        raise damage.inside(place) from None


def short(saved: object) -> str:
    """A value in a message, on one line: it may be of any length."""
    if isinstance(saved, list | dict):
        return "a list" if isinstance(saved, list) else "an object"
    text = json.dumps(saved)
    return text if len(text) <= _LENGTH else f"{text[:_LENGTH]}…"


def differences(saved: Any, now: Any, place: str = "") -> Iterator[str]:
    """
    The places where saved plain data is not what it is now.

    What was not saved is not missed: an earlier version of the program may have saved less.
    """
    if isinstance(saved, dict):
        for name, value in saved.items():
            yield from differences(value, now[name], f"{place}.{name}")
    elif isinstance(saved, list) and len(saved) == len(now):
        for at, (value, other) in enumerate(zip(saved, now, strict=True)):
            yield from differences(value, other, f"{place}[{at}]")
    elif saved != now:
        yield place
