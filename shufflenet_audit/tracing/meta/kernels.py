"""Runs ops for the recorder: on meta if possible, and only once for arguments of the same shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch.utils._pytree import tree_map_only

from shufflenet_audit.tracing.meta.layout import layout_of
from shufflenet_audit.tracing.meta.shape_rules import (
    ResultLayouts,
    in_place,
    result_layouts,
)
from shufflenet_audit.tracing.op_schema import OpSchema

_META = torch.device("meta")
_LARGE = 2**20
"""Elements (4 MB of float32) above which a constant is not worth the time of computing it."""
_MASKS = frozenset({torch.bool, torch.uint8})
"""The dtypes that index by a mask."""


class NeedsValuesError(Exception):
    """The model needs the values of a tensor of which the trace has only the shape."""


class Arguments(NamedTuple):
    """The arguments that an op runs on."""

    args: Sequence[Any]
    """Positional arguments."""
    kwargs: Mapping[str, Any]
    """Keyword arguments."""
    layouts: Sequence[Any]
    """The positional arguments, with a layout for each tensor."""
    key: tuple[Any, ...]
    """What the layouts of the results depend on: the op, and all arguments as layouts."""


class Kernels:
    """
    Runs ops, and caches the layouts of the results of pure ops on meta.

    So repeated blocks of a network run each meta kernel once. Many of these are written in Python.
    """

    def __init__(self, *, meta: bool) -> None:
        self._meta = meta
        self._results: dict[Any, ResultLayouts | None] = {}

    def run(self, func: Any, schema: OpSchema, given: Arguments) -> Any:
        """The result of an op. A mixture of real and meta tensors runs on meta."""
        args, kwargs = given.args, given.kwargs
        if not self._meta:
            return func(*args, **kwargs)
        on_meta = set(_on_meta(args)) | set(_on_meta(kwargs.values()))
        if True not in on_meta:
            return _run_on_values(func, args, kwargs, creates=not on_meta)
        if schema.needs_values and not _indexed_by_numbers(func, args):
            message = f"{schema.op} needs the values of a tensor"
            raise NeedsValuesError(message)
        if in_place(func):
            return args[0]
        if False in on_meta:
            args, kwargs = tree_map_only(torch.Tensor, _to_meta, (args, kwargs))
            given = given._replace(args=args, kwargs=kwargs)
        return self._cached(func, given) if schema.pure else _run_on_meta(func, args, kwargs)

    def _cached(self, func: Any, given: Arguments) -> Any:
        try:
            known = self._results.get(given.key)
        except TypeError:  # an argument that cannot be hashed
            return _run_on_meta(func, given.args, given.kwargs)
        if known is None and not given.kwargs:
            known = self._results[given.key] = result_layouts(func, given.layouts)
        if known is not None:
            container, layouts = known
            tensors = [layout.empty() for layout in layouts]
            return tensors[0] if container is None else container(tensors)
        result = _run_on_meta(func, given.args, given.kwargs)
        if isinstance(result, torch.Tensor):
            self._results[given.key] = (None, (layout_of(result),))
        elif isinstance(result, list | tuple) and all(map(torch.is_tensor, result)):
            self._results[given.key] = (type(result), tuple(map(layout_of, result)))
        return result


def meta_like(tensor: torch.Tensor) -> torch.Tensor:
    """A meta tensor of the same layout."""
    return layout_of(tensor).empty()


def _run_on_values(
    func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], *, creates: bool
) -> Any:
    """An op on constants alone is computed, unless it creates a large tensor."""
    if creates and "device" in kwargs:
        empty = func(*args, **{**kwargs, "device": _META})
        if isinstance(empty, torch.Tensor) and empty.numel() > _LARGE:
            return empty
    return func(*args, **kwargs)


def _run_on_meta(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    if "device" in kwargs:
        kwargs = {**kwargs, "device": _META}
    return func(*args, **kwargs)


def _to_meta(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.is_meta else meta_like(tensor)


def _indexed_by_numbers(func: Any, args: Sequence[Any]) -> bool:
    """Whether it is indexing by numbers, not by a mask, whose values decide the size."""
    if func is not torch.ops.aten.index.Tensor:
        return False
    return not any(index.dtype in _MASKS for index in args[1] if isinstance(index, torch.Tensor))


def _on_meta(operands: Iterable[Any]) -> Iterator[bool]:
    """For each tensor among the operands, whether it is on meta."""
    for operand in operands:
        if isinstance(operand, torch.Tensor):
            yield operand.is_meta
        elif isinstance(operand, list):
            yield from (part.is_meta for part in operand if isinstance(part, torch.Tensor))
