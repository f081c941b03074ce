"""Rule G4: element-wise ops and depthwise convolutions move much memory for little work."""

from __future__ import annotations

from collections.abc import Iterator

from shufflenet_audit.plugin import (
    MIN_SHARE,
    Avoidable,
    CostGraph,
    Finding,
    Kind,
    Op,
    Scale,
    rule,
    thicknesses,
)

BEST, WARN, FAIL = 0.12, 0.16, 0.18
"""
Shares of the memory access, measured on the networks of which the paper says whether they keep G4.

ShuffleNet V2 keeps it (11.8 % to 13.7 %), ShuffleNet V1 with 3 groups and MobileNet V2 do not
(23.3 % to 36.8 %). Fail is midway between the two: (13.7 + 23.3) / 2 = 18.5 %, and warn midway
between those that keep it and fail: (13.7 + 18) / 2 = 15.8 %. Best is the least of ShuffleNet V2.
"""

MAX_RATIO = 2.0
"""A map with more than twice the elements of the larger of its block's input and output is thick:
it is larger than both together. The depthwise convolutions of ShuffleNet V1 and V2 and MobileNet V1
are on maps of at most 2 times, those of MobileNet V2 of up to 6 times."""

_WHOLE = 1.0
"""From this thickness on a map has all channels of the block's input or output."""

_HALF = 0.5
"""The part of the channels that a branch works on after a split, as in ShuffleNet V2's unit."""

_LIGHT = (Kind.ELEMENTWISE, Kind.NORMALIZATION, Kind.DEPTHWISE_CONV)
"""Kinds with few operations for each element that they move."""


def light_share(graph: CostGraph) -> float | None:
    """Share of the memory access in ops that compute little for each element, from 0 to 1."""
    return graph.fused_share(*_LIGHT)


@rule(
    "G4",
    "costly-elementwise",
    scale=Scale(
        light_share,
        "memory access (fused) of element-wise ops and depthwise convolutions",
        best=BEST,
        warn=WARN,
        fail=FAIL,
    ),
)
def costly_elementwise(
    graph: CostGraph, *, max_ratio: float = MAX_RATIO, min_share: float = MIN_SHARE
) -> Iterator[Finding]:
    """
    Element-wise op, or depthwise convolution on a thick feature map, that moves much memory.

    ## Why it matters

    ReLU, Add and bias have few multiply–adds or none, and still read and write whole feature
    maps. A depthwise convolution is close to them: much memory for few multiply–adds. An
    inference runtime fuses an activation into the convolution before it, but not the second
    operand of an Add, not a depthwise convolution, and a batch norm only after a convolution. A
    map is thick when it has many more elements than the input and the output of its block.

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

    - `max_ratio`: how many times the input or output of the block a map may be before it is thick.
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
        finding = _finding(op, thickness, max_ratio)
        if finding and finding.avoidable.share(graph) >= min_share:
            yield finding


def _finding(op: Op, thickness: float, max_ratio: float) -> Finding | None:
    match op.kind:
        case Kind.DEPTHWISE_CONV if thickness > max_ratio:
            return _thick_depthwise(op, thickness)
        case Kind.DEPTHWISE_CONV if thickness >= _WHOLE and not _shrinks(op):
            return _whole_depthwise(op)
        case Kind.NORMALIZATION if op.memory_access_fused:
            return _saving(op, *_normalization(op))
        case Kind.ELEMENTWISE if op.memory_access_fused or thickness > max_ratio:
            return _saving(op, *_elementwise(op, thickness, max_ratio))
    return None


def _thick_depthwise(op: Op, thickness: float) -> Finding:
    width = op.convolution.c_in if op.convolution else 0
    fewer = max(round(width / thickness), 1)
    spared = 1 - fewer / width
    message = f"depthwise convolution on a thick map: {width} channels, {_times(thickness)}"
    instead = f"in a block of equal widths it has {fewer} channels and moves {spared:.0%} less"
    return _saving(op, message, instead, spared)


def _shrinks(op: Op) -> bool:
    return op.output.elements < op.inputs[0].elements


def _whole_depthwise(op: Op) -> Finding:
    width = op.convolution.c_in if op.convolution else 0
    message = f"depthwise convolution over the whole map: {width} channels"
    return _saving(op, message, f"split the channels: on {width // 2} of them it moves half", _HALF)


def _normalization(op: Op) -> tuple[str, str]:
    what = f"{_name(op)} of {op.output}"
    if op.cost and op.cost.foldable:
        return (
            f"{what} with no convolution before it to fold into",
            "put it after a convolution: a runtime folds it into the weights",
        )
    return (
        f"{what} cannot be folded",
        "a batch norm after a convolution or linear layer folds into its weights",
    )


def _elementwise(op: Op, thickness: float, max_ratio: float) -> tuple[str, str]:
    output = op.output
    sizes = [tensor.elements for tensor in op.inputs]
    if len(set(op.parents)) > 1 and sizes.count(output.elements) > 1:
        instead = "split the channels, work on one half and concatenate, with nothing to join"
        return f"{_name(op)} of {len(sizes)} maps of {output}", instead
    thin = "drop it, or move it to where the map is thin"
    if thickness > max_ratio:
        return f"{_name(op)} on a thick map: {output}, {_times(thickness)}", thin
    if op.fused and not op.fused.writes:
        return f"{_name(op)} of {output} reads another tensor when fused", thin
    instead = "drop it, or place it right after a convolution, where a runtime fuses it"
    return f"{_name(op)} of {output} has no convolution to fuse into", instead


def _saving(op: Op, message: str, instead: str, spared: float = 1.0) -> Finding:
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
