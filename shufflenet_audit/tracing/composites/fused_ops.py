"""Keeps attention and recurrent layers one op each, which PyTorch on meta would decompose."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from shufflenet_audit.tracing.composites.attention import attention, multi_head_attention

_RECURRENT: Final = {
    function: getattr(torch.ops.aten, name)
    for name in ("lstm", "gru", "rnn_tanh", "rnn_relu")
    for function in (getattr(torch, name), getattr(torch.ops.aten, name).input)
}

_ATTENTION: Final = frozenset(
    {
        functional.scaled_dot_product_attention,
        torch.ops.aten.scaled_dot_product_attention,
        torch.ops.aten.scaled_dot_product_attention.default,
    }
)
"""Attention as models call it, and as an exported program does."""

NOT_DECOMPOSED: Final = frozenset(
    getattr(packet, name) for packet in _RECURRENT.values() for name in packet.overloads()
)
"""Composite ops that are recorded as one op."""


class FusedOps(TorchFunctionMode):
    """
    Runs attention as the fused kernel that a CPU would choose, and a recurrent layer as one op.

    While a function mode is active, PyTorch also does not use its fast paths for multi-head
    attention and encoder layers, which hide their ops from every dispatch mode.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run a function of torch."""
        kwargs = kwargs or {}
        if func in _ATTENTION:
            return attention(args, kwargs)
        if func is functional.multi_head_attention_forward:
            with self:
                return multi_head_attention(*args, **kwargs)
        if func in _RECURRENT:
            # Autograd would decompose it before the recorder sees it; no gradients are needed.
            with torch._C._AutoDispatchBelowAutograd():  # noqa: SLF001  (no public way)
                return _RECURRENT[func](*args, **kwargs)
        return func(*args, **kwargs)
