"""The keys with which a dataclass is saved: its fields, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from functools import cache
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints

from shufflenet_audit.structure.hints import Apart, Inline, Mark, Within
from shufflenet_audit.structure.shape import Marks, Maybe, Record, Shape, shape

M = TypeVar("M")

Follows = Mapping[Any, Mapping[str, Callable[..., Any]]]
"""What is saved beside the fields of a class: functions of a value and of the whole, by key."""

NOTHING: Final[Follows] = {}


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a dataclass, or a property that is saved beside them."""

    owner: Any
    """The dataclass that it belongs to."""
    name: str
    """Its name there."""
    shape: Shape
    """What it holds."""
    marks: Marks
    """What its hint says beside the type."""
    default: Callable[[], Any] | None = None
    """Gives its value where the file has none; None: the file must have it."""

    def mark(self, kind: type[M]) -> M | None:
        """What its hint says of that kind."""
        return next((each for each in self.marks if isinstance(each, kind)), None)

    @property
    def derived(self) -> bool:
        """Whether it follows from the fields."""
        return Mark.DERIVED in self.marks

    @property
    def part(self) -> Any:
        """The dataclass that it holds, if it is inlined or taken apart."""
        shape = self.shape.inner if isinstance(self.shape, Maybe) else self.shape
        return shape.type if isinstance(shape, Record) else None


@dataclass(frozen=True, slots=True)
class Key:
    """
    A key of a saved object: the path of its attribute, and what it holds.

    What a `function` gives follows from what is at the path, and from the whole that is saved.
    """

    member: Member
    """The field or property that it belongs to."""
    name: str
    """The key in the file."""
    path: str
    """The attribute that it holds, from the dataclass on, as in `total.low`."""
    shape: Shape
    """What it holds."""
    required: bool = False
    """Whether the file must have it."""
    function: Callable[..., Any] | None = None
    """Gives what is saved, of the value at the path and of the whole; None: the value itself."""

    @property
    def derived(self) -> bool:
        """Whether it is not read back."""
        return self.member.derived


@cache
def members(cls: Any) -> tuple[Member, ...]:
    """The fields of a dataclass in their order, and the properties that are saved beside them."""
    hints = get_type_hints(cls, include_extras=True)
    own = (_member(cls, each.name, hints[each.name], _default(each)) for each in fields(cls))
    return (*own, *_properties(cls))


def _properties(cls: Any) -> Iterator[Member]:
    for name, value in vars(cls).items():
        function = getattr(value, "fget", None) or getattr(value, "func", None)
        hint = get_type_hints(function, include_extras=True)["return"] if function else None
        if Mark.DERIVED in _marks(hint):
            yield _member(cls, name, hint)


def _member(cls: Any, name: str, hint: Any, default: Callable[[], Any] | None = None) -> Member:
    marks, found = _marks(hint), shape(hint)
    return Member(cls, name, Maybe(found) if Mark.IF_KNOWN in marks else found, marks, default)


def _marks(hint: Any) -> Marks:
    return get_args(hint)[1:] if get_origin(hint) is Annotated else ()


def _default(each: Field[Any]) -> Callable[[], Any] | None:
    if each.default is not MISSING:
        return lambda: each.default
    return None if each.default_factory is MISSING else each.default_factory


def keys(cls: Any, follows: Follows = NOTHING, prefix: str = "") -> Iterator[Key]:
    """The keys of a saved dataclass, those of inlined fields in their place."""
    for each in members(cls):
        if each.mark(Inline):
            inner = keys(each.part, follows, f"{prefix}{each.name}.")
            yield from map(_optional, inner) if isinstance(each.shape, Maybe) else inner
        elif not each.mark(Within) and Mark.NOT_SAVED not in each.marks:
            yield from _own(each, prefix)
    for name, function in follows.get(cls, {}).items():
        hint = get_type_hints(function, include_extras=True).get("return")
        member = Member(cls, name, shape(hint), (Mark.DERIVED,))
        yield Key(member, name, prefix.rstrip("."), member.shape, function=function)


def _own(each: Member, prefix: str) -> Iterator[Key]:
    path, needed = prefix + each.name, not (each.default or each.derived)
    apart = each.mark(Apart)
    if apart:
        first = next(one for one in members(each.part) if one.name == apart.first)
        yield Key(each, each.name, f"{path}.{apart.first}", _null(first.shape), needed)
        rest = Maybe(Record(each.part, apart.first))
        yield Key(each, apart.others, path, rest, needed)
    else:
        yield Key(each, each.name, path, each.shape, needed)


def _optional(key: Key) -> Key:
    return replace(key, shape=_null(key.shape), required=False)


def _null(found: Shape) -> Maybe:
    return found if isinstance(found, Maybe) else Maybe(found)
