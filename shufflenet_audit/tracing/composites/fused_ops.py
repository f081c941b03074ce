"""Keeps attention one op, and a recurrent layer, which PyTorch would take apart before it runs."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from shufflenet_audit.tracing.composites.attention import attention, multi_head_attention

_RECURRENT: Final = {
    asked: getattr(torch.ops.aten, name)
    for name in ("lstm", "gru", "rnn_tanh", "rnn_relu")
    for asked in (getattr(torch, name), getattr(torch.ops.aten, name).input)
}

_ATTENTION: Final = frozenset(
    {
        functional.scaled_dot_product_attention,
        torch.ops.aten.scaled_dot_product_attention,
        torch.ops.aten.scaled_dot_product_attention.default,
    }
)
"""Attention as models call it, and as an exported program does."""

WHOLE: Final = frozenset(
    getattr(packet, name) for packet in _RECURRENT.values() for name in packet.overloads()
)
"""Ops that PyTorch would take apart, and the trace does not."""


class FusedOps(TorchFunctionMode):
    """
    Runs attention as the fused kernel that a CPU would choose, and recurrent layers whole.

    While a function mode is active, PyTorch also leaves its fast paths for multi-head attention
    and encoder layers alone, which hide their work from every dispatch mode.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run a function of torch, these as one op."""
        kwargs = kwargs or {}
        if func in _ATTENTION:
            return attention(args, kwargs)
        if func is functional.multi_head_attention_forward:
            with self:
                return multi_head_attention(*args, **kwargs)
        if func in _RECURRENT:
            # Autograd would take it apart on its way to the recorder; nothing is differentiated.
            with torch._C._AutoDispatchBelowAutograd():  # noqa: SLF001  (no public way)
                return _RECURRENT[func](*args, **kwargs)
        return func(*args, **kwargs)
