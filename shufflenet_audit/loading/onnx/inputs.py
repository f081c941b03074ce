"""The inputs of an ONNX model, each with a shape: its own, the one given, or one assumed."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

import onnx

from shufflenet_audit.errors import InputError, LoadError
from shufflenet_audit.loading.onnx.dtypes import dtype
from shufflenet_audit.network.graph import Input
from shufflenet_audit.network.tensor import Tensor

_IMAGE_RANK, _IMAGE_SIZE, _LENGTH = 4, 224, 128
_Declared = tuple[int | str, ...]


def inputs(
    graph: onnx.GraphProto, held: Container[str], given: Sequence[tuple[str, Tensor]] = ()
) -> tuple[tuple[Input, ...], tuple[str, ...]]:
    """
    The inputs that are not weights, and sentences about what was assumed of them.

    `given` are tensors by name; without a name they are taken in order. A dimension with a name
    has the same size in all inputs. Raises InputError where what is given does not fit.
    """
    declared = {each.name: each for each in graph.input if each.name not in held}
    chosen = _by_name(tuple(declared), given)
    shapes = {name: _declared(each) for name, each in declared.items()}
    sizes: dict[str, int] = {}
    for name, tensor in chosen.items():
        sizes |= _bound(name, shapes[name], tensor)
    found: list[Input] = []
    assumptions: list[str] = []
    for name, shape in shapes.items():
        if name in chosen:
            found.append(Input(name, chosen[name]))
            continue
        assumptions.extend(_assumed(name, shape, sizes))
        whole = tuple(size if isinstance(size, int) else sizes[size] for size in shape)
        found.append(Input(name, Tensor(whole, dtype(_tensor_type(declared[name]).elem_type))))
    return tuple(found), tuple(assumptions)


def _by_name(names: Sequence[str], given: Sequence[tuple[str, Tensor]]) -> dict[str, Tensor]:
    chosen: dict[str, Tensor] = {}
    free = (name for name in names if name not in dict(given))
    for name, tensor in given:
        target = name or next(free, "")
        if target not in names:
            what = f"no input {name!r}" if name else f"only {len(names)} inputs"
            message = f"the model has {what}: its inputs are {', '.join(names) or 'none'}"
            raise InputError(message)
        chosen[target] = tensor
    return chosen


def _tensor_type(declared: onnx.ValueInfoProto) -> onnx.TypeProto.Tensor:
    if not declared.type.HasField("tensor_type"):
        message = f"the input {declared.name!r} is no tensor: only models of tensors can be audited"
        raise LoadError(message)
    return declared.type.tensor_type


def _declared(each: onnx.ValueInfoProto) -> _Declared:
    """The shape as the file has it; a dimension without a size has a name, its own or made up."""
    kind = _tensor_type(each)
    return tuple(
        dim.dim_value if dim.HasField("dim_value") else dim.dim_param or f"{each.name}[{at}]"
        for at, dim in enumerate(kind.shape.dim)
    )


def _bound(name: str, shape: _Declared, tensor: Tensor) -> dict[str, int]:
    """What a given tensor says of the named dimensions. Raises InputError if it does not fit."""
    fits = len(shape) == len(tensor.shape) and all(
        isinstance(size, str) or size == actual
        for size, actual in zip(shape, tensor.shape, strict=True)
    )
    if not fits:
        message = (
            f"the input {name!r} is of the shape {'×'.join(map(str, shape))} in the file, and"
            f" {'×'.join(map(str, tensor.shape))} does not fit: change --input"
        )
        raise InputError(message)
    pairs = zip(shape, tensor.shape, strict=True)
    return {size: actual for size, actual in pairs if isinstance(size, str)}


def _assumed(name: str, shape: _Declared, sizes: dict[str, int]) -> Iterator[str]:
    """Give every unknown dimension a size, and say so."""
    for at, size in enumerate(shape):
        if isinstance(size, str) and size not in sizes:
            sizes[size] = _likely(at, size, len(shape))
            yield f"dimension {at} ({size}) of the input {name} is {sizes[size]}"


def _likely(at: int, name: str, rank: int) -> int:
    if at == 0 or "batch" in name.lower():
        return 1
    if rank == _IMAGE_RANK and at > 1:
        return _IMAGE_SIZE
    return _LENGTH if "seq" in name.lower() or "len" in name.lower() else 1
