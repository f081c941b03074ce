"""Which ops PyTorch hides in its fused kernels for attention, at inference without gradients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from shufflenet_audit.plugin import CostGraph, Kind, Op

_PACKED = 3


def fused_attention(graph: CostGraph) -> frozenset[str]:
    """The modules that `_native_multi_head_attention` runs (torch/nn/modules/activation.py)."""
    modules = defaultdict(list)
    for op in graph:
        if op.module_class == "MultiheadAttention":
            modules[op.module].append(op)
    return frozenset(module for module, ops in modules.items() if _fits(ops))


def fused_layers(graph: CostGraph, attention: frozenset[str]) -> frozenset[str]:
    """The modules that `_transformer_encoder_layer_fwd` runs (torch/nn/modules/transformer.py)."""
    layers = {op.module for op in graph if op.module_class == "TransformerEncoderLayer"}
    return frozenset(layer for layer in layers if inside(layer) + "self_attn" in attention)


def inside(module: str) -> str:
    """How the paths of the modules inside this one begin."""
    return f"{module}." if module else ""


def _fits(ops: Sequence[Op]) -> bool:
    """Self-attention with packed weights and biases, batch first, an even number of heads."""
    packed = [op for op in ops if op.known and op.macs and _reads(op, "in_proj_weight")]
    depths = [op.inputs[0].shape[-1] for op in ops if op.kind in {Kind.ATTENTION, Kind.MATMUL}]
    if len(packed) != 1 or not depths or any(_reads(op, "bias_k") for op in ops):
        return False
    width = packed[0].inputs[0].shape[-1]
    return (
        packed[0].outputs[0].shape[-1] == _PACKED * width
        and any(_reads(op, "in_proj_bias") for op in ops)
        and ops[0].target.startswith("aten.transpose")
        and width // depths[0] % 2 == 0
    )


def _reads(op: Op, parameter: str) -> bool:
    return any(name.rpartition(".")[2] == parameter for name in op.parameters)
