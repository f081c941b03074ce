"""Runs ops for the recorder: on meta where it can, and once for equal shapes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch.utils._pytree import tree_map_only

from shufflenet_audit.trace.layout import Layout, layout_of
from shufflenet_audit.trace.schema import Schema

_META = torch.device("meta")
_LARGE = 2**20
_MASKS = frozenset({torch.bool, torch.uint8})


class NeedsValuesError(Exception):
    """The model looks at the values of a tensor, and the trace has only its shape."""


_Outcome = tuple[type | None, tuple[Layout, ...]]


class Kernels:
    """
    Runs ops, and remembers for pure ones on meta what came out for which shapes.

    So the repeated blocks of a network cost their meta kernels, many of which are Python, once.
    """

    def __init__(self, *, meta: bool) -> None:
        self._meta = meta
        self._outcomes: dict[Any, _Outcome | None] = {}

    def run(
        self, func: Any, facts: Schema, operands: tuple[Sequence[Any], Mapping[str, Any]], key: Any
    ) -> Any:
        """The result of an op. A mixture of real and meta tensors runs on meta."""
        args, kwargs = operands
        kinds = set(_devices(args)) | set(_devices(kwargs.values()))
        if True not in kinds:
            return self._run_for_real(func, args, kwargs, is_source=not kinds)
        if facts.needs_values and not _indexed_by_numbers(func, args):
            message = f"{facts.op} needs the values of a tensor"
            raise NeedsValuesError(message)
        if kinds == {True, False}:
            args, kwargs = _all_on_meta(args), _all_on_meta(kwargs)
        if "device" in kwargs:
            kwargs = {**kwargs, "device": _META}
        return self._remembered(func, args, kwargs, key) if facts.pure else func(*args, **kwargs)

    def _run_for_real(
        self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], *, is_source: bool
    ) -> Any:
        """What the model makes of constants is computed, unless it is large."""
        if self._meta and is_source and "device" in kwargs:
            sketch = func(*args, **{**kwargs, "device": _META})
            if isinstance(sketch, torch.Tensor) and sketch.numel() > _LARGE:
                return sketch
        return func(*args, **kwargs)

    def _remembered(
        self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], key: Any
    ) -> Any:
        try:
            outcome = self._outcomes.get(key)
        except TypeError:  # an argument that cannot be hashed
            return func(*args, **kwargs)
        if outcome is None:
            outcome = self._outcomes[key] = _foretold(func, args)
        if outcome is not None:
            container, layouts = outcome
            made = [layout.empty() for layout in layouts]
            return made[0] if container is None else container(made)
        result = func(*args, **kwargs)
        if isinstance(result, torch.Tensor):
            self._outcomes[key] = (None, (layout_of(result),))
        elif isinstance(result, list | tuple) and all(map(torch.is_tensor, result)):
            self._outcomes[key] = (type(result), tuple(map(layout_of, result)))
        return result


def _foretold(func: Any, args: Sequence[Any]) -> _Outcome | None:
    """
    What a batch norm at inference makes: its input's like, and two empty statistics.

    Its meta kernel is a long decomposition in Python, as slow as all the rest of a network.
    """
    if func is not torch.ops.aten.native_batch_norm.default or args[5]:
        return None
    x = layout_of(args[0])
    if x.stride is None or not args[0].is_contiguous():
        return None
    empty = Layout((0,), (1,), x.dtype)
    return tuple, (x, empty, empty)


def on_meta(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor laid out alike, without values."""
    return layout_of(tensor).empty()


def _indexed_by_numbers(func: Any, args: Sequence[Any]) -> bool:
    """Whether it is a look-up by numbers: one by a mask gives as many elements as are true."""
    if func is not torch.ops.aten.index.Tensor:
        return False
    return not any(each.dtype in _MASKS for each in args[1] if isinstance(each, torch.Tensor))


def _devices(operands: Iterable[Any]) -> Iterator[bool]:
    """For each tensor among the operands, whether it is on meta."""
    for operand in operands:
        if isinstance(operand, torch.Tensor):
            yield operand.is_meta
        elif isinstance(operand, list):
            yield from (each.is_meta for each in operand if isinstance(each, torch.Tensor))


def _all_on_meta(operands: Any) -> Any:
    return tree_map_only(torch.Tensor, _moved, operands)


def _moved(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.is_meta else on_meta(tensor)
