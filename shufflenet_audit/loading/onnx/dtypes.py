"""Element types of ONNX by their PyTorch names, and back."""

from __future__ import annotations

import onnx

_TORCH_NAMES = {"float": "float32", "double": "float64"}


def dtype(number: int) -> str:
    """The name of an element type, such as float32 for 1."""
    name = str(onnx.TensorProto.DataType.Name(number)).lower()
    return _TORCH_NAMES.get(name, name)


def number(dtype: str) -> int:
    """The number of an element type, such as 1 for float32. Raises ValueError."""
    name = next((onnx for onnx, torch in _TORCH_NAMES.items() if torch == dtype), dtype)
    return int(onnx.TensorProto.DataType.Value(name.upper()))
