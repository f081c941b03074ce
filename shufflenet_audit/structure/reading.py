"""Frozen data from what the json module read, checked against the type hints on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

from shufflenet_audit.structure import values
from shufflenet_audit.structure.damage import Contradiction, Damage, short, step
from shufflenet_audit.structure.hints import Apart, Inline, Mark, Within
from shufflenet_audit.structure.keys import NOTHING, Follows, Member, keys, members
from shufflenet_audit.structure.shape import (
    Choice,
    Many,
    Maybe,
    Record,
    Reference,
    Row,
    Scalar,
    Shape,
    Table,
)
from shufflenet_audit.structure.values import Read

T = TypeVar("T")
_MISSING: Final = object()


def structured(cls: type[T], saved: Any, follows: Follows = NOTHING) -> T:
    """
    The value that was saved so. Raises Damage where it is not what the type hints say.

    What follows from the fields is checked for its type, and made anew from the fields. Raises
    ValueError, or what else the class raises, where the values contradict each other.
    """
    return cast(T, _Reader(follows).record(Record(cls))(saved))


class _Reader:
    """Makes a function for each shape. `named` has what was read that others refer to."""

    def __init__(self, follows: Follows) -> None:
        self._follows = follows
        self._named: dict[str, Any] = {}
        self._made: dict[Shape, Read] = {}

    def record(self, shape: Record) -> Read:
        """The function that reads a dataclass."""
        own = [key for key in keys(shape.type, self._follows) if key.name != shape.without]
        known = frozenset(key.name for key in own)
        derived = [(key.name, self._of(key.shape)) for key in own if key.derived]
        fields = self._fields(shape.type, shape.without)

        def read(saved: Any) -> Any:
            if type(saved) is not dict:
                raise Damage(f" is {short(saved)}, not an object")
            if not saved.keys() <= known:
                strange = next(name for name in saved if name not in known)
                raise Damage(f" has {short(strange)}, which is not a field of it")
            for name, check in derived:
                if name in saved:
                    step(f".{name}", check, saved[name])
            return fields(saved)

        return read

    def _fields(self, cls: Any, without: str = "") -> Read:
        """The function that takes the fields of a dataclass out of a saved object."""
        own = [each for each in members(cls) if not each.derived and each.name != without]
        names = [each.name for each in own]
        taken = [(each.name, self._member(each), each.default) for each in own]

        def read(saved: dict[str, Any]) -> Any:
            found = []
            for name, take, default in taken:
                value = take(saved)
                if value is _MISSING:
                    if default is None:
                        raise Damage(f" has no {name}")
                    value = default()
                found.append(value)
            return dict(zip(names, found, strict=True)) if without else cls(*found)

        return read

    def _member(self, member: Member) -> Read:
        """The function that takes one field out of a saved object."""
        special = (made for mark, made in _TAKERS.items() if member.mark(mark))
        made = next(special, _Reader.own)
        return made(self, member)

    def own(self, member: Member) -> Read:
        """A field under its own name, or nothing where it is not saved."""
        if Mark.NOT_SAVED in member.marks:
            return lambda _: _MISSING
        name, read = member.name, self._of(member.shape)

        def take(saved: dict[str, Any]) -> Any:
            value = saved.get(name, _MISSING)
            if value is _MISSING:
                return value
            try:
                return read(value)
            except Damage as damage:
                raise damage.inside(f".{name}") from None

        return take

    def inline(self, member: Member) -> Read:
        """Fields that stand among those of the dataclass that holds them."""
        fields, mark = self._fields(member.part), member.mark(Inline)
        unless = mark.unless if mark else ""
        if not unless:
            return fields
        needed = [key.name for key in keys(member.part) if not isinstance(key.shape, Maybe)]

        def take(saved: dict[str, Any]) -> Any:
            if saved.get(unless) is None:
                return None
            for name in needed:
                if saved.get(name, _MISSING) is None:
                    raise Contradiction(f".{name} is null, and .{unless} is not")
            return fields(saved)

        return take

    def apart(self, member: Member) -> Read:
        """One field in its place, the others as an object under a name of their own."""
        mark = member.mark(Apart) or Apart("", "")
        first, rest = (key for key in keys(member.owner) if key.member is member)
        taken = [(key.name, self._of(key.shape)) for key in (first, rest)]

        def take(saved: dict[str, Any]) -> Any:
            for name, _ in taken:
                if name not in saved:
                    raise Damage(f" has no {name}")
            value, others = (step(f".{name}", read, saved[name]) for name, read in taken)
            return others and member.part(**{mark.first: value}, **others)

        return take

    def within(self, member: Member) -> Read:
        """A field that is a part of what follows under another key."""
        mark, read = member.mark(Within) or Within(""), self._of(member.shape)

        def take(saved: dict[str, Any]) -> Any:
            part = saved.get(mark.key)
            if type(part) is not dict or member.name not in part:
                raise Damage(f" has no {mark.key}.{member.name}")
            return step(f".{mark.key}.{member.name}", read, part[member.name])

        return take

    def _of(self, shape: Shape) -> Read:
        if shape not in self._made:
            self._made[shape] = _READERS[type(shape)](self, shape)
        return self._made[shape]

    def maybe(self, shape: Maybe) -> Read:
        """Something or null."""
        inner = self._of(shape.inner)
        return lambda saved: None if saved is None else inner(saved)

    def many(self, shape: Many) -> Read:
        """Any number of items; those of LINES are known by their names from then on."""
        read = values.many(self._of(shape.item), shape.at_least)

        def remembered(saved: Any) -> Any:
            found = read(saved)
            self._named.update((each.name, each) for each in found)
            return found

        return remembered if shape.lines else read

    def row(self, shape: Row) -> Read:
        """A value for each shape."""
        return values.row([self._of(each) for each in shape.items])

    def table(self, shape: Table) -> Read:
        """Values by name."""
        return values.table(self._of(shape.value))

    def reference(self, _: Reference) -> Read:
        """Something that was read already, by its name."""

        def read(saved: Any) -> Any:
            if type(saved) is not str:
                raise Damage(f" is {short(saved)}, not a name")
            if saved not in self._named:
                raise Contradiction(f" is {short(saved)}, and nothing is called so")
            return self._named[saved]

        return read


_TAKERS: Final[Mapping[type[Any], Callable[[_Reader, Member], Read]]] = {
    Inline: _Reader.inline,
    Apart: _Reader.apart,
    Within: _Reader.within,
}
_READERS: Final[Mapping[type, Callable[[_Reader, Any], Read]]] = {
    Scalar: lambda _, shape: values.scalar(shape),
    Choice: lambda _, shape: values.choice(shape),
    Maybe: _Reader.maybe,
    Many: _Reader.many,
    Row: _Reader.row,
    Table: _Reader.table,
    Reference: _Reader.reference,
    Record: _Reader.record,
}
