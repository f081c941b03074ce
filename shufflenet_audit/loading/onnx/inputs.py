"""The inputs of an ONNX model, each with a shape from the file, the user, or an assumption."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

import onnx

from shufflenet_audit.errors import InputError, LoadError
from shufflenet_audit.loading.onnx.dtypes import dtype
from shufflenet_audit.network.graph import Input
from shufflenet_audit.network.tensor import Tensor

_IMAGE_RANK, _IMAGE_SIZE, _SEQUENCE_LENGTH = 4, 224, 128
_DeclaredShape = tuple[int | str, ...]


def inputs(
    graph: onnx.GraphProto, weights: Container[str], given: Sequence[tuple[str, Tensor]] = ()
) -> tuple[tuple[Input, ...], tuple[str, ...]]:
    """
    The inputs that are not weights, and sentences on what was assumed of them.

    `given` are names and tensors; those without a name are taken in order. A dimension with a
    name has the same size in all inputs. Raises InputError if the given tensors do not fit.
    """
    declared = {value.name: value for value in graph.input if value.name not in weights}
    chosen = _by_name(tuple(declared), given)
    shapes = {name: _declared_shape(value) for name, value in declared.items()}
    sizes: dict[str, int] = {}
    for name, tensor in chosen.items():
        sizes |= _sizes_by_name(name, shapes[name], tensor)
    result: list[Input] = []
    assumptions: list[str] = []
    for name, shape in shapes.items():
        if name in chosen:
            result.append(Input(name, chosen[name]))
            continue
        assumptions.extend(_assume_sizes(name, shape, sizes))
        sized = tuple(size if isinstance(size, int) else sizes[size] for size in shape)
        result.append(Input(name, Tensor(sized, dtype(_tensor_type(declared[name]).elem_type))))
    return tuple(result), tuple(assumptions)


def _by_name(names: Sequence[str], given: Sequence[tuple[str, Tensor]]) -> dict[str, Tensor]:
    chosen: dict[str, Tensor] = {}
    unnamed = (name for name in names if name not in dict(given))
    for name, tensor in given:
        target = name or next(unnamed, "")
        if target not in names:
            problem = f"no input {name!r}" if name else f"only {len(names)} inputs"
            message = f"the model has {problem}: its inputs are {', '.join(names) or 'none'}"
            raise InputError(message)
        chosen[target] = tensor
    return chosen


def _tensor_type(declared: onnx.ValueInfoProto) -> onnx.TypeProto.Tensor:
    if not declared.type.HasField("tensor_type"):
        message = (
            f"the input {declared.name!r} is not a tensor: only models of tensors can be audited"
        )
        raise LoadError(message)
    return declared.type.tensor_type


def _declared_shape(value: onnx.ValueInfoProto) -> _DeclaredShape:
    """The shape in the file. A dimension without a size has its name there, or one made up here."""
    return tuple(
        dim.dim_value if dim.HasField("dim_value") else dim.dim_param or f"{value.name}[{index}]"
        for index, dim in enumerate(_tensor_type(value).shape.dim)
    )


def _sizes_by_name(name: str, shape: _DeclaredShape, tensor: Tensor) -> dict[str, int]:
    """The sizes of named dimensions in a given tensor. Raises InputError if it does not fit."""
    fits = len(shape) == len(tensor.shape) and all(
        isinstance(size, str) or size == actual
        for size, actual in zip(shape, tensor.shape, strict=True)
    )
    if not fits:
        message = (
            f"the input {name!r} has the shape {'×'.join(map(str, shape))} in the file, and"
            f" {'×'.join(map(str, tensor.shape))} does not fit: change --input"
        )
        raise InputError(message)
    pairs = zip(shape, tensor.shape, strict=True)
    return {size: actual for size, actual in pairs if isinstance(size, str)}


def _assume_sizes(name: str, shape: _DeclaredShape, sizes: dict[str, int]) -> Iterator[str]:
    """Give every unknown dimension a size, and yield a sentence that says so."""
    for index, size in enumerate(shape):
        if isinstance(size, str) and size not in sizes:
            sizes[size] = _likely_size(index, size, len(shape))
            yield f"dimension {index} ({size}) of the input {name} is {sizes[size]}"


def _likely_size(index: int, name: str, rank: int) -> int:
    if index == 0 or "batch" in name.lower():
        return 1
    if rank == _IMAGE_RANK and index > 1:
        return _IMAGE_SIZE
    return _SEQUENCE_LENGTH if "seq" in name.lower() or "len" in name.lower() else 1
