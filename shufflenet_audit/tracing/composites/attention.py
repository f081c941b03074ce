"""Attention as one op: on meta PyTorch would take it apart, on a CPU or GPU it does not."""

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
    if not _fits(query, key, value) or call.get("dropout_p") or call.get("enable_gqa"):
        return functional.scaled_dot_product_attention(*args, **kwargs)
    mask = call.get("attn_mask")
    if mask is not None:
        mask = _additive(mask, query.dtype)
    causal, scale = call.get("is_causal", False), call.get("scale")
    return _FLASH(query, key, value, 0.0, causal, attn_mask=mask, scale=scale)[0]


def _fits(*tensors: torch.Tensor) -> bool:
    """Whether a CPU would run the fused kernel: PyTorch's `use_flash_attention_cpp`."""
    return (
        any(each.is_meta for each in tensors)
        and all(each.dim() == _RANK and each.stride(-1) == 1 for each in tensors)
        and all(each.size(2) > 0 for each in tensors)
        and len({(each.size(0), each.size(1), each.size(3)) for each in tensors}) == 1
    )


def _additive(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """A mask to add, as PyTorch makes it of one that says what to keep."""
    if mask.dtype is not torch.bool:
        return mask
    zeros = torch.zeros_like(mask, dtype=dtype)
    return zeros.masked_fill_(mask.logical_not(), float("-inf"))


multi_head_attention = FunctionType(
    functional.multi_head_attention_forward.__code__,
    {**vars(functional), "has_torch_function": lambda _: False},
    argdefs=functional.multi_head_attention_forward.__defaults__,
)
"""`multi_head_attention_forward` that does not ask again whether a function mode is active."""
