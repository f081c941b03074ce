"""A JSON document as text: fields that a person reads spread out, things in their thousands not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from json import JSONEncoder
from typing import Any, Final

# In ASCII, since a name may hold what no encoding can write or what would steer a terminal.
_ON_A_LINE: Final = JSONEncoder(ensure_ascii=True, allow_nan=False)
_SPREAD: Final = JSONEncoder(ensure_ascii=True, allow_nan=False, indent=1)


def text(document: Mapping[str, Any]) -> str:
    """The document with a line for each thing that an iterator in it gives."""
    fields = (f" {json.dumps(name)}: {_field(value)}" for name, value in document.items())
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _field(value: Any) -> str:
    if isinstance(value, Iterator):
        lines = ",\n".join(f"  {_ON_A_LINE.encode(each)}" for each in value)
        return f"[\n{lines}\n ]" if lines else "[]"
    return _SPREAD.encode(value).replace("\n", "\n ")
