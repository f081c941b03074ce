"""Rule G1: equal channel widths move the least memory."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from shufflenet_audit.plugin import (
    MIN_SHARE,
    Avoidable,
    Convolution,
    CostGraph,
    Finding,
    Op,
    Scale,
    as_many,
    rule,
)

BEST, WARN, FAIL = 0.0, 0.015, 0.03
"""
Shares of the memory access, measured on the networks of which the paper says whether they keep G1.

ShuffleNet V2 keeps it (0.1 % to 0.6 %), ShuffleNet V1 with 3 groups and MobileNet V2 do not (5.6 %
to 10.6 %). Fail is midway between the two: (0.6 + 5.6) / 2 = 3.1 %, and warn half of it. At best
all widths are equal.
"""

MAX_RATIO = 2.0
"""
Table 1 of the paper: from 1:1 to 1:2 speed drops by 12 % on the GPU (1480 to 1296 batches/s) and
by 4 % on ARM (76.2 to 72.9 images/s), to 1:6 by 41 % and 9 %. With the same multiply–adds a ratio r
moves (1 + r) / 2√r times as many elements of feature maps: 1.06 for 2, 1.43 for 6.
"""


def excess(graph: CostGraph) -> float | None:
    """The share of the memory access that equal widths would save, over all 1×1 layers."""
    layers = list(_pointwise(graph))
    if not layers:
        return None
    saved = sum(max(_saved(shape, sqrt(shape.c_in * shape.c_out)), 0) for _, shape in layers)
    return saved / graph.total.memory_access_fused


@rule(
    "G1",
    "unbalanced-channels",
    scale=Scale(
        excess,
        "memory access (fused) that equal channel widths would save",
        best=BEST,
        warn=WARN,
        fail=FAIL,
    ),
)
def unbalanced_channels(
    graph: CostGraph, *, max_ratio: float = MAX_RATIO, min_share: float = MIN_SHARE
) -> Iterator[Finding]:
    """
    Pointwise convolution or linear layer with very different input and output widths.

    ## Why it matters

    With a fixed number of multiply–adds, a 1×1 convolution moves the least memory when it has as
    many output as input channels. For h·w places and widths c1 and c2 it moves
    h·w·(c1 + c2) + c1·c2 elements, at least 2·√(h·w·B) + B/(h·w) where B = h·w·c1·c2 are its
    multiply–adds, and equality holds for c1 = c2. Bottlenecks (wide–narrow–wide) and inverted
    bottlenecks (narrow–wide–narrow) pay for the difference twice in each block. A linear layer
    is a 1×1 convolution over its rows.

    ## Example

    ```python
    model = nn.Sequential(nn.Conv2d(24, 240, kernel_size=1))
    x = torch.zeros(1, 24, 28, 28)
    ```

    ## Instead

    ```python
    model = nn.Sequential(nn.Conv2d(76, 76, kernel_size=1))  # as many multiply–adds
    x = torch.zeros(1, 76, 28, 28)
    ```

    ## Options

    - `max_ratio`: how far apart the widths may be before a layer is a finding.
    - `min_share`: a layer that could save less than this share of the network is not shown.

    ## Metric

    What equal widths would save over all pointwise convolutions and linear layers, grouped or
    not, as a share of the network's memory access in an inference runtime.

    ## References

    Guideline G1 of *ShuffleNet V2*, section 2, equation 1, <https://arxiv.org/abs/1807.11164>.
    """
    for op, shape in _pointwise(graph):
        ratio = max(shape.c_in, shape.c_out) / min(shape.c_in, shape.c_out)
        if ratio <= max_ratio:
            continue
        width = _equal_width(shape)
        saved = _saved(shape, width)  # below zero where a stride leaves few places to the wide side
        avoidable = Avoidable.of(op, saved)
        if saved <= 0 or avoidable.share(graph) < min_share:
            continue
        yield Finding(
            (op,),
            f"{shape.c_in} channels in, {shape.c_out} out: {ratio:.1f} times apart",
            avoidable,
            f"{shape.c_in}→{shape.c_out}: {width}→{width} has"
            f" {as_many(width * width / (shape.c_in * shape.c_out))} multiply–adds and moves"
            f" {avoidable.memory_access / op.memory_access:.0%} less",
        )


def _pointwise(graph: CostGraph) -> Iterator[tuple[Op, Convolution]]:
    for op in graph.known:
        if op.convolution and op.convolution.pointwise and op.convolution.positions:
            yield op, op.convolution


def _equal_width(shape: Convolution) -> int:
    """The width with as many multiply–adds if both sides have it: a multiple of the groups."""
    return max(round(sqrt(shape.c_in * shape.c_out) / shape.groups), 1) * shape.groups


def _saved(shape: Convolution, width: float) -> float:
    """Elements that are not moved if both widths are `width`."""
    now = shape.positions_in * shape.c_in + shape.positions * shape.c_out
    weights = (shape.c_in * shape.c_out - width * width) / shape.groups
    return now - (shape.positions_in + shape.positions) * width + weights
