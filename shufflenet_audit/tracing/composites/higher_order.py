"""Decomposes ops that take functions, such as `torch.cond`, into the ops that these run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch._ops import HigherOrderOperator

from shufflenet_audit.errors import TraceError
from shufflenet_audit.tracing.meta.kernels import NeedsValuesError

_DENSE = torch._C.DispatchKey.CompositeExplicitAutograd  # noqa: SLF001  (no public name)


def eager_kernel(func: HigherOrderOperator) -> Callable[..., Any]:
    """What an op that takes functions does in eager mode. Raises TraceError for an unknown op."""
    if func is torch.ops.higher_order.cond:
        return _branch
    dense = func.py_kernels.get(_DENSE)
    if func is torch.ops.higher_order.flex_attention and dense is not None:
        return dense
    message = f"torch.ops.higher_order.{func.name()} cannot be traced: call its functions directly"
    raise TraceError(message)


def _branch(
    condition: Any, if_true: Callable[..., Any], if_false: Callable[..., Any], operands: Any
) -> Any:
    if isinstance(condition, torch.Tensor) and condition.is_meta:
        message = "torch.cond needs the value of a tensor"
        raise NeedsValuesError(message)
    return (if_true if condition else if_false)(*operands)
