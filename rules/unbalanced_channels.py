"""Rule G1."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from shufflenet_audit.plugin import Avoidable, Convolution, CostGraph, Finding, Op, Scale, rule

_ROUNDING = 0.02


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
        excess, "memory access (fused) that equal channel widths would save", warn=0.015, fail=0.03
    ),
)
def unbalanced_channels(
    graph: CostGraph, *, max_ratio: float = 2.0, min_share: float = 0.001
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
            f" {_compared(width * width / (shape.c_in * shape.c_out))} multiply–adds and moves"
            f" {avoidable.memory_access / op.memory_access:.0%} less",
        )


def _pointwise(graph: CostGraph) -> Iterator[tuple[Op, Convolution]]:
    for op in graph.known:
        if op.convolution and op.convolution.pointwise and op.convolution.positions:
            yield op, op.convolution


def _equal_width(shape: Convolution) -> int:
    """The width, a multiple of the groups, at which both sides equal cost the same."""
    return max(round(sqrt(shape.c_in * shape.c_out) / shape.groups), 1) * shape.groups


def _compared(share: float) -> str:
    """How many multiply–adds are left when only whole channels can be had."""
    if round(abs(share - 1), 2) <= _ROUNDING:
        return "as many"
    return f"{share - 1:.0%} more" if share > 1 else f"{1 - share:.0%} fewer"


def _saved(shape: Convolution, width: float) -> float:
    """Elements that are not moved if both widths are that one."""
    now = shape.positions_in * shape.c_in + shape.positions * shape.c_out
    weights = (shape.c_in * shape.c_out - width * width) / shape.groups
    return now - (shape.positions_in + shape.positions) * width + weights
