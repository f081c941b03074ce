"""Runs ops for the recorder: on meta where it can, and once for equal shapes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch.utils._pytree import tree_map_only

from shufflenet_audit.tracing.meta.layout import layout_of
from shufflenet_audit.tracing.meta.shape_rules import (
    Outcome,
    foretold,
    in_place,
)
from shufflenet_audit.tracing.op_schema import Schema

_META = torch.device("meta")
_LARGE = 2**20
_MASKS = frozenset({torch.bool, torch.uint8})


class NeedsValuesError(Exception):
    """The model looks at the values of a tensor, and the trace has only its shape."""


class Arguments(NamedTuple):
    """What an op is run on; `layouts` are its positional arguments, each tensor a layout."""

    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    layouts: Sequence[Any]
    key: tuple[Any, ...]


class Kernels:
    """
    Runs ops, and remembers for pure ones on meta what came out for which shapes.

    So the repeated blocks of a network cost their meta kernels, many of which are Python, once.
    """

    def __init__(self, *, meta: bool) -> None:
        self._meta = meta
        self._outcomes: dict[Any, Outcome | None] = {}

    def run(self, func: Any, facts: Schema, given: Arguments) -> Any:
        """The result of an op. A mixture of real and meta tensors runs on meta."""
        args, kwargs = given.args, given.kwargs
        if not self._meta:
            return func(*args, **kwargs)
        devices = set(_devices(args)) | set(_devices(kwargs.values()))
        if True not in devices:
            return _run_for_real(func, args, kwargs, is_source=not devices)
        if facts.needs_values and not _indexed_by_numbers(func, args):
            message = f"{facts.op} needs the values of a tensor"
            raise NeedsValuesError(message)
        if in_place(func):
            return args[0]
        if False in devices:
            args, kwargs = tree_map_only(torch.Tensor, _moved, (args, kwargs))
            given = given._replace(args=args, kwargs=kwargs)
        return self._remembered(func, given) if facts.pure else _on_meta(func, args, kwargs)

    def _remembered(self, func: Any, given: Arguments) -> Any:
        try:
            outcome = self._outcomes.get(given.key)
        except TypeError:  # an argument that cannot be hashed
            return _on_meta(func, given.args, given.kwargs)
        if outcome is None and not given.kwargs:
            outcome = self._outcomes[given.key] = foretold(func, given.layouts)
        if outcome is not None:
            container, layouts = outcome
            made = [layout.empty() for layout in layouts]
            return made[0] if container is None else container(made)
        result = _on_meta(func, given.args, given.kwargs)
        if isinstance(result, torch.Tensor):
            self._outcomes[given.key] = (None, (layout_of(result),))
        elif isinstance(result, list | tuple) and all(map(torch.is_tensor, result)):
            self._outcomes[given.key] = (type(result), tuple(map(layout_of, result)))
        return result


def on_meta(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor laid out alike, without values."""
    return layout_of(tensor).empty()


def _run_for_real(
    func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], *, is_source: bool
) -> Any:
    """What the model makes of constants is computed, unless it is large."""
    if is_source and "device" in kwargs:
        sketch = func(*args, **{**kwargs, "device": _META})
        if isinstance(sketch, torch.Tensor) and sketch.numel() > _LARGE:
            return sketch
    return func(*args, **kwargs)


def _on_meta(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    if "device" in kwargs:
        kwargs = {**kwargs, "device": _META}
    return func(*args, **kwargs)


def _moved(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.is_meta else on_meta(tensor)


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
