"""Frozen data as plain data that the json module writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from shufflenet_audit.structure.keys import NOTHING, Follows, Key, keys
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

Write = Callable[[Any], Any]


def plain(value: Any, follows: Follows = NOTHING) -> Any:
    """
    The value as dictionaries, lists, texts and numbers.

    What follows from the fields is written beside them. Items that get a line each are an iterator.
    """
    return _Writer(value, follows).record(type(value))(value)


class _Writer:
    """Makes a function for each shape; a function of None means that nothing is to be done."""

    def __init__(self, whole: Any, follows: Follows) -> None:
        self._whole = whole
        self._follows = follows
        self._made: dict[Shape, Write | None] = {}

    def record(self, cls: Any, without: str = "") -> Write:
        """The function that writes a dataclass."""
        own = [key for key in keys(cls, self._follows) if key.name != without]
        taken = [key for key in own if key.function is None]
        get, labels = _getter(taken), tuple(key.name for key in taken)
        inner = [(key.name, made) for key in taken if (made := self._of(_there(key.shape)))]
        added = [(key.name, self._added(key)) for key in own if key.function]
        if not inner and not added:
            return lambda value: dict(zip(labels, get(value)))  # noqa: B905  (as many of both, and a check takes time)

        def write(value: Any) -> dict[str, Any]:
            found = dict(zip(labels, get(value)))  # noqa: B905  (as many of both, and a check takes time)
            for name, made in inner:
                part = found[name]
                if part is not None:
                    found[name] = made(part)
            return found

        return self._with_added(write, own, added) if added else write

    def _with_added(
        self, write: Write, own: Sequence[Key], added: Sequence[tuple[str, Write]]
    ) -> Write:
        """The same, with what follows from the fields in its place."""
        order = tuple(key.name for key in own)

        def more(value: Any) -> dict[str, Any]:
            found = write(value) | {name: made(value) for name, made in added}
            return {name: found[name] for name in order}

        return more

    def _added(self, key: Key) -> Write:
        """What a function gives of what is at the path of its key."""
        find, function = attrgetter(key.path) if key.path else None, key.function
        made = self._of(key.shape)

        def write(value: Any) -> Any:
            found = function(find(value) if find else value, self._whole) if function else None
            return made(found) if made else found

        return write

    def _of(self, shape: Shape) -> Write | None:
        if shape not in self._made:
            self._made[shape] = _WRITERS[type(shape)](self, shape)
        return self._made[shape]

    def nothing(self, _: Scalar | Choice) -> None:
        """The json module can write it as it is."""

    def maybe(self, shape: Maybe) -> Write | None:
        """Something or None."""
        inner = self._of(shape.inner)
        return inner and (lambda value: None if value is None else inner(value))

    def many(self, shape: Many) -> Write | None:
        """Any number of items."""
        item = self._of(shape.item)
        if item and shape.lines:
            return lambda value: map(item, value)
        return item and (lambda value: list(map(item, value)))

    def row(self, shape: Row) -> Write | None:
        """A value for each shape."""
        items = [self._of(each) for each in shape.items]
        if not any(items):
            return None
        return lambda value: [
            item(each) if item else each for item, each in zip(items, value, strict=True)
        ]

    def table(self, shape: Table) -> Write | None:
        """Values by name."""
        made = self._of(shape.value)
        return made and (lambda value: {name: made(each) for name, each in value.items()})

    def reference(self, _: Reference) -> Write:
        """The name of a thing."""
        return attrgetter("name")

    def inner_record(self, shape: Record) -> Write:
        """A dataclass inside."""
        return self.record(shape.type, shape.without)


_WRITERS: Final[Mapping[type, Callable[[_Writer, Any], Write | None]]] = {
    Scalar: _Writer.nothing,
    Choice: _Writer.nothing,
    Maybe: _Writer.maybe,
    Many: _Writer.many,
    Row: _Writer.row,
    Table: _Writer.table,
    Reference: _Writer.reference,
    Record: _Writer.inner_record,
}


def _there(shape: Shape) -> Shape:
    """What is written where there is something."""
    return shape.inner if isinstance(shape, Maybe) else shape


def _getter(found: Sequence[Key]) -> Callable[[Any], tuple[Any, ...]]:
    """All attributes at once; one by one where a part is None or nobody knows a number."""
    paths = tuple(key.path for key in found)
    get: Callable[[Any], Any] = attrgetter(*paths)
    if len(paths) == 1:
        return lambda value: (get(value),)
    if not any(isinstance(key.shape, Maybe) for key in found):
        return get

    def each(value: Any) -> tuple[Any, ...]:
        try:
            found_: tuple[Any, ...] = get(value)
        except (AttributeError, LookupError):
            return tuple(_attribute(value, key) for key in found)
        return found_

    return each


def _attribute(value: Any, key: Key) -> Any:
    """An attribute, where its part is None that of the same name, and None where there is none."""
    for path in (key.path, key.name):
        try:
            return attrgetter(path)(value)
        except (AttributeError, LookupError):
            continue
    return None
