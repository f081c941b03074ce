"""Reads the arguments of ops in the description of an exported program, by their tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from torch._export.serde.schema import MemoryFormat, ScalarType

from shufflenet_audit.errors import TraceError

Json = Mapping[str, Any]
Values = Mapping[str, Any]

DTYPES: Final = {
    ScalarType.BYTE: torch.uint8,
    ScalarType.CHAR: torch.int8,
    ScalarType.SHORT: torch.int16,
    ScalarType.INT: torch.int32,
    ScalarType.LONG: torch.int64,
    ScalarType.HALF: torch.float16,
    ScalarType.FLOAT: torch.float32,
    ScalarType.DOUBLE: torch.float64,
    ScalarType.COMPLEXHALF: torch.complex32,
    ScalarType.COMPLEXFLOAT: torch.complex64,
    ScalarType.COMPLEXDOUBLE: torch.complex128,
    ScalarType.BOOL: torch.bool,
    ScalarType.BFLOAT16: torch.bfloat16,
}
_FORMATS: Final = {
    MemoryFormat.ContiguousFormat: torch.contiguous_format,
    MemoryFormat.ChannelsLast: torch.channels_last,
    MemoryFormat.ChannelsLast3d: torch.channels_last_3d,
    MemoryFormat.PreserveFormat: torch.preserve_format,
}


def value(argument: Json, values: Values) -> Any:
    """The value of an argument; `values` are those made so far, by their names in the program."""
    ((tag, content),) = argument.items()
    read = _READERS.get(tag)
    if read is None:
        message = f"the exported program hands {tag.removeprefix('as_')} to an op: not supported"
        raise TraceError(message)
    return read(content, values)


def store(output: Json, result: Any, values: dict[str, Any]) -> None:
    """Put the result of a node into `values`, by the names that the program gives it."""
    ((tag, content),) = output.items()
    if tag == "as_tensors":
        values |= {named["name"]: tensor for named, tensor in zip(content, result, strict=True)}
    elif isinstance(content, Mapping):
        name = content.get("name", content.get("as_name"))
        if name is not None:
            values[name] = result


def _itself(content: Any, values: Values) -> Any:  # noqa: ARG001  (all readers take both)
    return content


def _named(content: Json, values: Values) -> Any:
    return values[content["name"]]


def _nested(content: Json, values: Values) -> Any:
    return value(content, values)


def _list_of_nested(content: list[Json], values: Values) -> Any:
    return [value(argument, values) for argument in content]


_READERS: Final[Mapping[str, Callable[[Any, Values], Any]]] = {
    **dict.fromkeys(
        ("as_int", "as_bool", "as_string", "as_ints", "as_bools", "as_strings", "as_floats",
         "as_int_lists", "as_float_lists"),
        _itself,
    ),
    **dict.fromkeys(
        ("as_sym_int", "as_sym_float", "as_sym_bool", "as_optional_tensor"), _nested
    ),
    **dict.fromkeys(
        ("as_sym_ints", "as_sym_floats", "as_sym_bools", "as_optional_tensors"), _list_of_nested
    ),
    "as_none": lambda *_: None,
    "as_name": lambda content, values: values[content],
    "as_float": lambda content, _: float(content),
    "as_tensor": _named,
    "as_tensors": lambda content, values: [_named(named, values) for named in content],
    "as_scalar_type": lambda content, _: DTYPES[content],
    "as_memory_format": lambda content, _: _FORMATS[content],
    "as_layout": lambda *_: torch.strided,
    "as_device": lambda *_: torch.device("cpu"),  # the recorder's, not the device of the export
}  # fmt: skip
