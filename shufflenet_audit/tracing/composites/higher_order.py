"""Ops that are made of other ops: taken apart, so that those are written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch._ops import HigherOrderOperator

from shufflenet_audit.errors import TraceError
from shufflenet_audit.tracing.meta.kernels import NeedsValuesError

_DENSE = torch._C.DispatchKey.CompositeExplicitAutograd  # noqa: SLF001  (no public name)


def unrolled(func: HigherOrderOperator) -> Callable[..., Any]:
    """What an op on functions (a branch, attention by formula) does in eager mode."""
    if func is torch.ops.higher_order.cond:
        return _branch
    dense = func.py_kernels.get(_DENSE)
    if func is torch.ops.higher_order.flex_attention and dense is not None:
        return dense
    message = f"torch.ops.higher_order.{func.name()} cannot be traced: run what it is given plainly"
    raise TraceError(message)


def _branch(chosen: Any, then: Callable[..., Any], other: Callable[..., Any], given: Any) -> Any:
    if isinstance(chosen, torch.Tensor) and chosen.is_meta:
        message = "torch.cond needs the value of a tensor"
        raise NeedsValuesError(message)
    return (then if chosen else other)(*given)
