"""Attention as one op, as on a CPU or GPU; on meta PyTorch would decompose it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Any

import torch
from torch.nn import functional

_FLASH = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default  # noqa: SLF001
_PARAMETERS = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale")
_RANK = 4


def attention(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """`scaled_dot_product_attention`, on meta as the fused kernel that a CPU would choose."""
    call = dict(zip(_PARAMETERS, args, strict=False)) | dict(kwargs)
    query, key, value = call["query"], call["key"], call["value"]
    if not _is_fused(query, key, value) or call.get("dropout_p") or call.get("enable_gqa"):
        return functional.scaled_dot_product_attention(*args, **kwargs)
    mask = call.get("attn_mask")
    if mask is not None:
        mask = _additive(mask, query.dtype)
    causal, scale = call.get("is_causal", False), call.get("scale")
    return _FLASH(query, key, value, 0.0, causal, attn_mask=mask, scale=scale)[0]


def _is_fused(*tensors: torch.Tensor) -> bool:
    """Whether a CPU would run the fused kernel: PyTorch's `use_flash_attention_cpp`."""
    return (
        any(x.is_meta for x in tensors)
        and all(x.dim() == _RANK and x.stride(-1) == 1 for x in tensors)
        and all(x.size(2) > 0 for x in tensors)
        and len({(x.size(0), x.size(1), x.size(3)) for x in tensors}) == 1
    )


def _additive(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """The mask to add to the scores; a boolean mask, which says what to keep, is converted."""
    if mask.dtype is not torch.bool:
        return mask
    zeros = torch.zeros_like(mask, dtype=dtype)
    return zeros.masked_fill_(mask.logical_not(), float("-inf"))


multi_head_attention = FunctionType(
    functional.multi_head_attention_forward.__code__,
    {**vars(functional), "has_torch_function": lambda _: False},
    argdefs=functional.multi_head_attention_forward.__defaults__,
)
"""`multi_head_attention_forward` without its own check for an active function mode."""
