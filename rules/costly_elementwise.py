"""Rule G4."""

from __future__ import annotations

from collections.abc import Iterator

from shufflenet_audit.plugin import (
    Avoidable,
    CostGraph,
    Finding,
    Kind,
    Op,
    Scale,
    rule,
    thicknesses,
)

_LIGHT = (Kind.ELEMENTWISE, Kind.NORMALIZATION, Kind.DEPTHWISE_CONV)


def light_share(graph: CostGraph) -> float | None:
    """The share of the memory access in ops that compute little for each element."""
    total = graph.total.memory_access_fused
    light = sum(op.memory_access_fused for op in graph.of_kind(*_LIGHT))
    return light / total if total else None


@rule(
    "G4",
    "costly-elementwise",
    scale=Scale(
        light_share,
        "memory access (fused) of element-wise ops and depthwise convolutions",
        best=0.12,
        warn=0.16,
        fail=0.18,
    ),
)
def costly_elementwise(
    graph: CostGraph, *, max_ratio: float = 2.0, min_share: float = 0.001
) -> Iterator[Finding]:
    """
    Element-wise op, or depthwise convolution on a thick feature map, that moves much memory.

    ## Why it matters

    ReLU, Add and bias have few multiply–adds or none, and still read and write whole feature
    maps. A depthwise convolution is close to them: much memory for few multiply–adds. An
    inference runtime fuses an activation into the convolution before it, but not the second
    operand of an Add, not a depthwise convolution, and a batch norm only behind a convolution. A
    map is thick when it has many more elements than what enters and what leaves its block.

    ## Example

    ```python
    class Shortcut(nn.Module):
        def __init__(self):
            super().__init__()
            self.branch = nn.Conv2d(64, 64, kernel_size=1)

        def forward(self, x):
            return x + self.branch(x)

    model = Shortcut()
    x = torch.zeros(1, 64, 28, 28)
    ```

    ## Instead

    ```python
    class Split(nn.Module):
        def __init__(self):
            super().__init__()
            self.branch = nn.Conv2d(64, 64, kernel_size=1)

        def forward(self, x):
            kept, used = x.chunk(2, dim=1)
            return torch.cat((kept, self.branch(used)), dim=1)

    model = Split()
    x = torch.zeros(1, 128, 28, 28)
    ```

    ## Options

    - `max_ratio`: how many times what enters or leaves the block a map may be before it is thick.
    - `min_share`: an op that could save less than this share of the network's memory access is
      not shown.

    ## Metric

    The share of the network's memory access, in an inference runtime, that element-wise ops,
    normalisations that cannot be folded, and depthwise convolutions still have.

    ## Findings

    Adds and products of whole maps, element-wise ops and depthwise convolutions on thick maps,
    depthwise convolutions of stride 1 over all channels of a block, normalisations that cannot
    be folded, and element-wise ops that cannot be fused.

    ## References

    Guideline G4 of *ShuffleNet V2*, section 2, Table 4, <https://arxiv.org/abs/1807.11164>.
    """
    for op, thickness in thicknesses(graph):
        found = _finding(op, thickness, max_ratio)
        if found and found.avoidable.share(graph) >= min_share:
            yield found


def _finding(op: Op, thickness: float, max_ratio: float) -> Finding | None:
    match op.kind:
        case Kind.DEPTHWISE_CONV if thickness > max_ratio:
            return _thick_depthwise(op, thickness)
        case Kind.DEPTHWISE_CONV if thickness >= 1 and not _shrinks(op):
            return _whole_depthwise(op)
        case Kind.NORMALIZATION if op.memory_access_fused:
            return _found(op, *_normalization(op))
        case Kind.ELEMENTWISE if op.memory_access_fused or thickness > max_ratio:
            return _found(op, *_elementwise(op, thickness, max_ratio))
    return None


def _thick_depthwise(op: Op, thickness: float) -> Finding:
    width = op.convolution.c_in if op.convolution else 0
    fewer = max(round(width / thickness), 1)
    spared = 1 - fewer / width
    message = f"depthwise convolution on a thick map: {width} channels, {_times(thickness)}"
    instead = f"in a block of equal widths it has {fewer} channels and moves {spared:.0%} less"
    return _found(op, message, instead, spared)


def _shrinks(op: Op) -> bool:
    return op.output.elements < op.inputs[0].elements


def _whole_depthwise(op: Op) -> Finding:
    width = op.convolution.c_in if op.convolution else 0
    message = f"depthwise convolution over the whole map: {width} channels"
    return _found(op, message, f"split the channels: on {width // 2} of them it moves half", 0.5)


def _normalization(op: Op) -> tuple[str, str]:
    what = f"{_name(op)} of {op.output}"
    if op.cost and op.cost.foldable:
        return (
            f"{what} with no convolution before it to fold into",
            "put it behind a convolution: a runtime folds it into the weights",
        )
    return (
        f"{what} cannot be folded",
        "a batch norm behind a convolution or linear layer folds into its weights",
    )


def _elementwise(op: Op, thickness: float, max_ratio: float) -> tuple[str, str]:
    output = op.output
    sizes = [tensor.elements for tensor in op.inputs]
    if len(set(op.parents)) > 1 and sizes.count(output.elements) > 1:
        instead = "split the channels, work on one half and concatenate, with nothing to join"
        return f"{_name(op)} of {len(sizes)} maps of {output}", instead
    thin = "drop it, or place it where the map is thin"
    if thickness > max_ratio:
        return f"{_name(op)} on a thick map: {output}, {_times(thickness)}", thin
    if op.fused and not op.fused.writes:
        return f"{_name(op)} of {output} reads another tensor when fused", thin
    instead = "drop it, or place it right behind a convolution, where a runtime fuses it"
    return f"{_name(op)} of {output} has no convolution to fuse into", instead


def _found(op: Op, message: str, instead: str, spared: float = 1.0) -> Finding:
    avoidable = Avoidable.of(
        op,
        op.memory_access * spared,
        fused=op.memory_access_fused * spared,
        launches=int(spared == 1),
    )
    return Finding((op,), message, avoidable, instead)


def _times(thickness: float) -> str:
    return f"{thickness:.1f} times what enters or leaves the block"


def _name(op: Op) -> str:
    return "relu6" if op.module_class == "ReLU6" else _NAMES.get(op.operator, op.operator)


_NAMES = {
    "native_batch_norm": "batch norm",
    "native_batch_norm_legit_no_training": "batch norm",
    "native_layer_norm": "layer norm",
    "native_group_norm": "group norm",
    "fused_rms_norm": "RMS norm",
}
