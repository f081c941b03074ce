"""The JSON Schema of saved data; what each key means is in the docstrings of the dataclasses."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any, Final

from shufflenet_audit.structure.document import Form
from shufflenet_audit.structure.keys import Follows, Key, keys
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

Schema = dict[str, Any]
_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_WRITTEN: Final = (
    "Every key is written; those that are not required may be missing in a file of an earlier"
    " version of the program."
)
_TYPES: Final = {str: "string", bool: "boolean", int: "integer", float: "number"}


def schema(cls: Any, form: Form) -> Schema:
    """The JSON Schema of what is saved of a dataclass in that form."""
    made = _Schemas(form.follows)
    whole = made.record(Record(cls))
    version = {
        "description": f"Version of this form of a saved {form.called}.",
        "type": "integer",
        "minimum": 1,
        "maximum": form.version,
    }
    whole["properties"] = {form.key: version} | whole["properties"]
    whole["required"] = [form.key, *whole["required"]]
    described = f"{whole.pop('description')} {_WRITTEN}"
    head = {"$schema": _DRAFT, "title": cls.__name__, "description": described}
    return head | whole | {"$defs": dict(sorted(made.definitions.items()))}


class _Schemas:
    """The schema of each shape; those of dataclasses are definitions with names."""

    def __init__(self, follows: Follows) -> None:
        self._follows = follows
        self.definitions: dict[str, Schema] = {}

    def record(self, shape: Record) -> Schema:
        """The schema of a dataclass."""
        own = [key for key in keys(shape.type, self._follows) if key.name != shape.without]
        return {
            "description": _prose(shape.type.__doc__),
            "type": "object",
            "properties": {key.name: self._described(key) for key in own},
            "required": [key.name for key in own if key.required],
            "additionalProperties": False,
        }

    def _described(self, key: Key) -> Schema:
        said = description(key)
        return ({"description": said} if said else {}) | self.of(key.shape)

    def of(self, shape: Shape) -> Schema:
        """The schema of a shape."""
        return _SCHEMAS[type(shape)](self, shape)

    def scalar(self, shape: Scalar) -> Schema:
        """A text, a truth value or a number."""
        least = {} if shape.minimum is None else {"minimum": shape.minimum}
        return {"type": _TYPES[shape.type], **least}

    def choice(self, shape: Choice) -> Schema:
        """One of some texts."""
        return {"enum": [str(each) for each in shape.values]}

    def maybe(self, shape: Maybe) -> Schema:
        """Something or null."""
        inner = self.of(shape.inner)
        if "enum" in inner:
            return {"enum": [*inner["enum"], None]}
        if isinstance(inner.get("type"), str) and "properties" not in inner:
            return inner | {"type": [inner["type"], "null"]}
        return {"anyOf": [inner, {"type": "null"}]}

    def many(self, shape: Many) -> Schema:
        """Any number of items."""
        least = {"minItems": shape.at_least} if shape.at_least else {}
        return {"type": "array", "items": self.of(shape.item), **least}

    def row(self, shape: Row) -> Schema:
        """A value for each shape."""
        items, length = [self.of(each) for each in shape.items], len(shape.items)
        return {"type": "array", "prefixItems": items, "minItems": length, "maxItems": length}

    def table(self, shape: Table) -> Schema:
        """Values by name."""
        return {"type": "object", "additionalProperties": self.of(shape.value)}

    def reference(self, _: Reference) -> Schema:
        """The name of something that is saved elsewhere."""
        return {"type": "string"}

    def definition(self, shape: Record) -> Schema:
        """A reference to the definition of a dataclass."""
        name = shape.type.__name__ + (f"Without{shape.without.title()}" if shape.without else "")
        if name not in self.definitions:
            self.definitions[name] = {}  # its place, before what it refers to
            self.definitions[name] = self.record(shape)
        return {"$ref": f"#/$defs/{name}"}


_SCHEMAS: Final[Mapping[type, Callable[[_Schemas, Any], Schema]]] = {
    Scalar: _Schemas.scalar,
    Choice: _Schemas.choice,
    Maybe: _Schemas.maybe,
    Many: _Schemas.many,
    Row: _Schemas.row,
    Table: _Schemas.table,
    Reference: _Schemas.reference,
    Record: _Schemas.definition,
}


def description(key: Key) -> str:
    """What a key means: the docstring below its field, or that of its property or function."""
    if key.function:
        return _prose(key.function.__doc__)
    member = key.member
    if member.derived:
        return _prose(getattr(member.owner, member.name).__doc__)
    if key.name != member.name:  # what is apart from a field that stands in its place
        return _prose(member.part.__doc__)
    return _docstrings(member.owner).get(member.name, "")


@cache
def _docstrings(cls: Any) -> Mapping[str, str]:
    """The texts that stand below the fields of a dataclass, by field."""
    (tree,) = ast.parse(inspect.cleandoc(inspect.getsource(cls))).body
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    found = {}
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=text)):
                found[name] = _prose(str(text))
    return found


def _prose(text: str | None) -> str:
    """A docstring on one line."""
    return " ".join((text or "").split())
