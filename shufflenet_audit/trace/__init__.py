"""A PyTorch module becomes a graph of costed ops, by running it once on tensors without values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shufflenet_audit.graph import CostGraph

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    import torch


def trace(model: torch.nn.Module, *args: Any, **kwargs: Any) -> CostGraph:
    """
    The costed graph of a model run on these inputs.

    The model is run in evaluation mode, on meta tensors: no weight is allocated or changed. One
    that needs the values of its tensors is run on real ones. Raises TraceError when it raises.
    """
    from shufflenet_audit.trace.run import traced  # noqa: PLC0415  (see the top)

    return traced(model, args, kwargs).graph
