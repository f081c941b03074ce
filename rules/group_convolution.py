"""Rule G2: group convolutions move more memory than dense ones."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod, sqrt

from shufflenet_audit.plugin import (
    CONVOLUTIONS,
    MIN_SHARE,
    Avoidable,
    Convolution,
    CostGraph,
    Finding,
    Kind,
    Op,
    Scale,
    as_many,
    rule,
)

BEST, WARN, FAIL = 0.0, 0.02, 0.05
"""
Shares of the memory access, measured on the networks of which the paper says whether they keep G2.

ShuffleNet V2 and MobileNet V2 keep it (0 %), ShuffleNet V1 with 3 groups does not (13.0 % to
14.1 %). With only 2 groups it would save 9.3 %, and Table 2 of the paper has 2 groups 30 % slower
than one on the GPU (2451 to 1725 batches/s): fail is midway between that and none, 9.3 / 2 = 4.7 %.
Warn is two fifths of fail.
"""


def excess(graph: CostGraph) -> float | None:
    """The share of the memory access that dense equivalents would save."""
    if not any(graph.of_kind(*CONVOLUTIONS)):
        return None
    saved = sum(
        _saved(shape, shape.c_in / sqrt(shape.groups), shape.c_out / sqrt(shape.groups))
        for _, shape in _grouped(graph)
    )
    return saved / graph.total.memory_access_fused


@rule(
    "G2",
    "group-convolution",
    scale=Scale(
        excess,
        "memory access (fused) that dense convolutions would save",
        best=BEST,
        warn=WARN,
        fail=FAIL,
    ),
)
def group_convolution(graph: CostGraph, *, min_share: float = MIN_SHARE) -> Iterator[Finding]:
    """
    Group convolution, which moves more memory than a dense one with as many multiply–adds.

    ## Why it matters

    Groups make a convolution cheap in multiply–adds, and networks spend what they save on more
    channels. Each channel is a feature map that has to be moved: a convolution of h·w places with
    B multiply–adds and g groups moves h·w·c1 + B·g/c1 + B/(h·w) elements, which grows with g.
    Depthwise convolutions are not meant here: they are judged by G4.

    ## Example

    ```python
    model = nn.Sequential(nn.Conv2d(240, 240, kernel_size=1, groups=3))
    x = torch.zeros(1, 240, 28, 28)
    ```

    ## Instead

    ```python
    model = nn.Sequential(nn.Conv2d(139, 138, kernel_size=1))  # as many multiply–adds
    x = torch.zeros(1, 139, 28, 28)
    ```

    ## Options

    - `min_share`: a layer that could save less than this share of the network is not shown.

    ## Metric

    What dense convolutions with the same multiply–adds would save, as a share of the network's
    memory access in an inference runtime. They are narrower by √g on both sides, as in Table 2
    of the paper.

    ## References

    Guideline G2 of *ShuffleNet V2*, section 2, equation 2, <https://arxiv.org/abs/1807.11164>.
    """
    for op, shape in _grouped(graph):
        c_in, c_out = _dense_widths(shape)
        avoidable = Avoidable.of(op, _saved(shape, c_in, c_out))
        if avoidable.share(graph) < min_share:
            continue
        yield Finding(
            (op,),
            f"{shape.groups} groups, {shape.c_in} channels in, {shape.c_out} out",
            avoidable,
            f"{c_in}→{c_out} without groups has"
            f" {as_many(c_in * c_out * shape.groups / (shape.c_in * shape.c_out))}"
            f" multiply–adds and moves {avoidable.memory_access / op.memory_access:.0%} less",
        )


def _grouped(graph: CostGraph) -> Iterator[tuple[Op, Convolution]]:
    for op in graph.of_kind(Kind.GROUP_CONV):
        if op.convolution:
            yield op, op.convolution


def _dense_widths(shape: Convolution) -> tuple[int, int]:
    """Whole widths in the same proportion that have as many multiply–adds without groups."""
    product = shape.c_in * shape.c_out / shape.groups
    if shape.c_in <= shape.c_out:  # the wider side makes up for the rounding of the other
        c_in = max(round(shape.c_in / sqrt(shape.groups)), 1)
        return c_in, round(product / c_in)
    c_out = max(round(shape.c_out / sqrt(shape.groups)), 1)
    return round(product / c_out), c_out


def _saved(shape: Convolution, c_in: float, c_out: float) -> float:
    """Elements that are not moved with these widths and no groups."""
    maps = shape.positions_in * (shape.c_in - c_in) + shape.positions * (shape.c_out - c_out)
    weights = shape.c_in * shape.c_out / shape.groups - c_in * c_out
    return maps + weights * prod(shape.kernel)
