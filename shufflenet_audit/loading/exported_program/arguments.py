"""The arguments of ops in the description of an exported program, by the tag that each has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from torch._export.serde.schema import MemoryFormat, ScalarType

from shufflenet_audit.errors import TraceError

Json = Mapping[str, Any]
Known = Mapping[str, Any]

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


def value(argument: Json, known: Known) -> Any:
    """What an argument stands for; `known` are the values by the names that the program has."""
    ((tag, held),) = argument.items()
    read = _READERS.get(tag)
    if read is None:
        message = f"the exported program hands {tag.removeprefix('as_')} to an op: not supported"
        raise TraceError(message)
    return read(held, known)


def know(output: Json, made: Any, known: dict[str, Any]) -> None:
    """Remember what a node has made by the names that the program gives it."""
    ((tag, held),) = output.items()
    if tag == "as_tensors":
        known |= {each["name"]: part for each, part in zip(held, made, strict=True)}
    elif isinstance(held, Mapping):
        name = held.get("name", held.get("as_name"))
        if name is not None:
            known[name] = made


def _itself(held: Any, known: Known) -> Any:  # noqa: ARG001  (all readers take both)
    return held


def _named(held: Json, known: Known) -> Any:
    return known[held["name"]]


def _nested(held: Json, known: Known) -> Any:
    return value(held, known)


def _each_nested(held: list[Json], known: Known) -> Any:
    return [value(each, known) for each in held]


_READERS: Final[Mapping[str, Callable[[Any, Known], Any]]] = {
    **dict.fromkeys(
        ("as_int", "as_bool", "as_string", "as_ints", "as_bools", "as_strings", "as_floats",
         "as_int_lists", "as_float_lists"),
        _itself,
    ),
    **dict.fromkeys(
        ("as_sym_int", "as_sym_float", "as_sym_bool", "as_optional_tensor"), _nested
    ),
    **dict.fromkeys(
        ("as_sym_ints", "as_sym_floats", "as_sym_bools", "as_optional_tensors"), _each_nested
    ),
    "as_none": lambda *_: None,
    "as_name": lambda held, known: known[held],
    "as_float": lambda held, _: float(held),
    "as_tensor": _named,
    "as_tensors": lambda held, known: [_named(each, known) for each in held],
    "as_scalar_type": lambda held, _: DTYPES[held],
    "as_memory_format": lambda held, _: _FORMATS[held],
    "as_layout": lambda *_: torch.strided,
    "as_device": lambda *_: torch.device("cpu"),  # that of the recorder, whatever it was then
}  # fmt: skip
