"""What a type hint may say of how a field is saved, beside its type."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, TypeVar

T = TypeVar("T")


class Mark(Enum):
    """What is special about a field or a property."""

    DERIVED = "a property: written for whoever reads the file, not read back"
    IF_KNOWN = "null where asking for it raises LookupError"
    BY_NAME = "written as its name; what stands under LINES has it"
    LINES = "items in their thousands, a line for each, at the end of the file"
    NOT_SAVED = "neither written nor read: it has its default"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The least value of a number, or the least length of a tuple."""

    minimum: int
    """The least value, or the least length."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The texts that a field may have."""

    values: tuple[str, ...]
    """The texts, as they are saved."""


@dataclass(frozen=True, slots=True)
class Inline:
    """
    The fields of the value stand among those of the dataclass that holds it.

    A value that may be None is None where the key `unless` is null.
    """

    unless: str = ""
    """The key whose null means that the value is None; empty: it is never None."""


@dataclass(frozen=True, slots=True)
class Apart:
    """One field of the value is saved in its place, the `others` as an object of that name."""

    first: str
    """The field that is saved in the place of the value."""
    others: str
    """The key under which the other fields are saved."""


@dataclass(frozen=True, slots=True)
class Within:
    """The field is saved as a part of what follows under that key."""

    key: str
    """The key of the object that it is a part of."""


Count = Annotated[int, AtLeast(0)]
"""A number of things: never negative."""

Derived = Annotated[T, Mark.DERIVED]
"""The type of a property that is saved beside the fields."""

DerivedIfKnown = Annotated[T, Mark.DERIVED, Mark.IF_KNOWN]
"""The type of such a property that raises LookupError where nobody knows."""

ByName = Annotated[T, Mark.BY_NAME]
"""Something that is saved elsewhere, and has a unique name."""
