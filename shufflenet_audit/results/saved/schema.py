"""Whether a document keeps to the published schema: the part of JSON Schema that it is made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

Schema = Mapping[str, Any]


def fault(document: object, name: str = "audit") -> str:
    """Where a document first breaks the schema of that name, and how; empty if nowhere."""
    found = _fault(document, _schema(name))
    return f"the {name}{found}" if found else ""


@cache
def _schema(name: str) -> Schema:
    text = files("shufflenet_audit").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    inlined: Schema = _inlined(schema, schema.get("$defs", {}))
    return inlined


def _inlined(part: Any, definitions: Schema) -> Any:
    """A part of a schema, with every definition in the place that refers to it."""
    if isinstance(part, list):
        return [_inlined(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(definitions[part["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(each, definitions) for key, each in part.items() if key != "$defs"}


def _fault(value: Any, schema: Schema) -> str:
    """The place below this value, and what is wrong there."""
    for keyword, wanted in schema.items():
        if keyword in _CHECKS and not _CHECKS[keyword](value, wanted):
            return f" is {_short(value)}, which breaks {keyword} {_short(wanted)}"
        if keyword in _INSIDE:
            found = _INSIDE[keyword](value, wanted)
            if found:
                return found
    return ""


def _any_of(value: Any, alternatives: list[Schema]) -> str:
    """What is wrong by the first alternative, if something is by each."""
    found = [_fault(value, schema) for schema in alternatives]
    return found[0] if all(found) else ""


def _properties(value: Any, fields: Mapping[str, Schema]) -> str:
    for key, each in value.items() if isinstance(value, dict) else ():
        if key not in fields:
            return f" has {_short(key)}, which is no field of it"
        found = _fault(each, fields[key])
        if found:
            return f".{key}{found}"
    return ""


def _items(value: Any, schema: Schema) -> str:
    for at, each in enumerate(value) if isinstance(value, list) else ():
        found = _fault(each, schema)
        if found:
            return f"[{at}]{found}"
    return ""


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= _LENGTH else f"{text[:_LENGTH]}…"


_LENGTH = 60
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def _has_type(value: object, names: str | list[str]) -> bool:
    """The exact type: for JSON, true is no number."""
    return any(
        type(value) in _TYPES[name] for name in ([names] if isinstance(names, str) else names)
    )


_CHECKS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "const": lambda value, wanted: type(value) is type(wanted) and bool(value == wanted),
    "enum": lambda value, wanted: value in wanted,
    "type": _has_type,
    "required": lambda value, wanted: not isinstance(value, dict) or value.keys() >= set(wanted),
    "minimum": lambda value, wanted: not isinstance(value, int | float) or value >= wanted,
    "maximum": lambda value, wanted: not isinstance(value, int | float) or value <= wanted,
    "minItems": lambda value, wanted: not isinstance(value, list) or len(value) >= wanted,
    "maxItems": lambda value, wanted: not isinstance(value, list) or len(value) <= wanted,
}
_INSIDE: Final[Mapping[str, Callable[[Any, Any], str]]] = {
    "anyOf": _any_of,
    "properties": _properties,
    "items": _items,
}
