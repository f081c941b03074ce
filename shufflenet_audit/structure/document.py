"""A saved file: JSON text with a version in it, around what the type hints describe."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from json import JSONEncoder
from typing import Any, Final, TypeVar

from shufflenet_audit.errors import FormatError
from shufflenet_audit.structure.damage import Contradiction, Damage
from shufflenet_audit.structure.keys import Follows
from shufflenet_audit.structure.reading import structured
from shufflenet_audit.structure.writing import plain

T = TypeVar("T")

# In ASCII, since a name may hold what no encoding can write or what would steer a terminal.
_ON_A_LINE: Final = JSONEncoder(ensure_ascii=True, allow_nan=False, check_circular=False)
_SPREAD: Final = JSONEncoder(ensure_ascii=True, allow_nan=False, indent=1)


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of saved file."""

    called: str
    """What such a file is, as in "a saved audit"."""
    cure: str
    """How to get a good one: the end of an error message."""
    key: str = ""
    """The key of the version; empty: the file has none."""
    version: int = 1
    """The version that is written; all from 1 on are read."""
    follows: Follows = field(default_factory=dict)
    """What is written beside the fields, by class and key."""
    contradiction: Callable[[Any, dict[str, Any]], str] = lambda _value, _saved: ""
    """Says where the value and the file do not agree; empty where they do."""


def written(value: Any, form: Form) -> str:
    """The value as JSON text: the same bytes for the same value."""
    version = {form.key: form.version} if form.key else {}
    return text(version | plain(value, form.follows))


def read(cls: type[T], saved: str, form: Form) -> T:
    """The value that was saved as this text. Raises FormatError in one line."""
    found = _parsed(saved, form)
    try:
        value = structured(cls, found, form.follows)
        wrong = form.contradiction(value, found)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise _damaged(error, form) from error
    if wrong:
        raise _damaged(Contradiction(wrong), form)
    return value


def text(document: Mapping[str, Any]) -> str:
    """The document with a line for each thing that an iterator in it gives, those at the end."""
    ordered = sorted(document.items(), key=lambda item: isinstance(item[1], Iterator))
    fields = (f" {json.dumps(name)}: {_field(value)}" for name, value in ordered)
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _parsed(saved: str, form: Form) -> dict[str, Any]:
    """The JSON object in a text, without its version."""
    try:
        found = json.loads(saved, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        message = f"not a saved {form.called}: {error}; {form.cure}"
        raise FormatError(message) from error
    if not isinstance(found, dict) or (form.key and form.key not in found):
        has = f"it has no {form.key}" if form.key else "it is not an object"
        message = f"not a saved {form.called}: {has}; {form.cure}"
        raise FormatError(message)
    version = found.pop(form.key, form.version)
    if type(version) is not int or not 1 <= version <= form.version:
        reads = f"1 to {form.version}" if form.version > 1 else "1"
        message = (
            f"the {form.called} has {form.key} {version!r}, this program reads {reads}:"
            f" use the version of the program that wrote it, or {form.cure}"
        )
        raise FormatError(message)
    return found


def _damaged(error: Exception, form: Form) -> FormatError:
    """What is wrong with a saved file, in one line."""
    said = str(error)  # damage is in JSON's words already; another error may quote what it read
    if not isinstance(error, Damage):
        said = f": {type(error).__name__}: {said!a}"
    return FormatError(f"the saved {form.called} is damaged: the {form.called}{said}; {form.cure}")


def _field(value: Any) -> str:
    if isinstance(value, Iterator):
        lines = ",\n  ".join(map(_ON_A_LINE.encode, value))
        return f"[\n  {lines}\n ]" if lines else "[]"
    return _SPREAD.encode(value).replace("\n", "\n ")


def _refuse(name: str) -> None:
    message = f"{name} is not a number in JSON"
    raise ValueError(message)
