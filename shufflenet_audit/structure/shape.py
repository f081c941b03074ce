"""The shape of saved data, worked out from type hints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from shufflenet_audit.structure.hints import AtLeast, Mark, OneOf

Marks = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, a truth value, or a number that may have a minimum."""

    type: Any
    """`str`, `bool`, `int` or `float`."""
    minimum: int | None = None
    """The least number that it may be; None: any."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some texts, or the member of an enumeration that it stands for."""

    type: Any
    """The enumeration, or `str`."""
    values: tuple[str, ...]
    """The texts that it may be."""


@dataclass(frozen=True, slots=True)
class Maybe:
    """Something or null."""

    inner: Shape
    """What it is if it is not null."""


@dataclass(frozen=True, slots=True)
class Many:
    """Any number of items, in order."""

    item: Shape
    """What each item is."""
    at_least: int = 0
    """The least number of items."""
    lines: bool = False
    """Whether each item has a line of its own, at the end of the file."""


@dataclass(frozen=True, slots=True)
class Row:
    """As many values as there are shapes."""

    items: tuple[Shape, ...]
    """What each value is, in order."""


@dataclass(frozen=True, slots=True)
class Table:
    """Values by name."""

    value: Shape
    """What each value is; the names are any text."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of something that is saved elsewhere."""


@dataclass(frozen=True, slots=True)
class Record:
    """A dataclass, perhaps without one of its fields."""

    type: Any
    """The dataclass."""
    without: str = ""
    """The field that is saved elsewhere; empty: none is."""


Shape = Scalar | Choice | Maybe | Many | Row | Table | Reference | Record


def shape(hint: Any, marks: Marks = ()) -> Shape:
    """The shape of what a type hint allows. Raises TypeError if JSON has no form of it."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return shape(inside[0], (*inside[1:], *marks))
    if Mark.BY_NAME in marks:
        return Reference()
    return _shape_of(hint, marks) if origin is None else _generic(origin, inside, marks)


def _shape_of(hint: Any, marks: Marks) -> Shape:
    if is_dataclass(hint):
        return Record(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Choice(hint, tuple(hint))
    among = next((each.values for each in marks if isinstance(each, OneOf)), None)
    if among:
        return Choice(hint, among)
    if hint in (str, bool, int, float):
        return Scalar(hint, _minimum(marks))
    message = f"{hint} has no saved form"
    raise TypeError(message)


def _generic(origin: Any, inside: tuple[Any, ...], marks: Marks) -> Shape:
    if origin in (Union, UnionType):
        (one,) = (each for each in inside if each is not NoneType)
        return Maybe(shape(one, marks))
    if origin is tuple and inside[-1] is ...:
        return Many(shape(inside[0]), _minimum(marks) or 0, Mark.LINES in marks)
    if origin is tuple:
        return Row(tuple(map(shape, inside)))
    if origin in (dict, Mapping):
        return Table(shape(inside[1]))
    message = f"{origin} has no saved form"
    raise TypeError(message)


def _minimum(marks: Marks) -> int | None:
    return next((each.minimum for each in marks if isinstance(each, AtLeast)), None)
