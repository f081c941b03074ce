"""Element types of ONNX, by the names that PyTorch gives them."""

from __future__ import annotations

import onnx

_NAMES = {"float": "float32", "double": "float64"}


def dtype(number: int) -> str:
    """The name of an element type, such as float32 for 1."""
    name = str(onnx.TensorProto.DataType.Name(number)).lower()
    return _NAMES.get(name, name)


def number(dtype: str) -> int:
    """The number of an element type, such as 1 for float32. Raises ValueError."""
    name = next((old for old, new in _NAMES.items() if new == dtype), dtype)
    return int(onnx.TensorProto.DataType.Value(name.upper()))
