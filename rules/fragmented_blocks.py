"""Rule G3: many small operators in a block use a parallel device badly."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod, sqrt

from shufflenet_audit.plugin import (
    Avoidable,
    Block,
    CostGraph,
    Finding,
    Kind,
    Op,
    Scale,
    Unit,
    counted,
    rule,
)

BEST, WARN, FAIL = 3.0, 4.5, 5.25
"""
Fragments per block, measured on the networks of which the paper says whether they keep G3.

MobileNet V2, ResNet-50 and ShuffleNet V2 keep it (2.1, 3.2 and 3.4 to 3.5), ShuffleNet V1 with 3
groups and NASNet-A's cell do not (6.9 and 21.2). Fail is midway between the two:
(3.53 + 6.93) / 2 = 5.23, and warn midway between those that keep it and fail: (3.53 + 5.25) / 2 =
4.39, rounded up to half a fragment. Best is a bottleneck: two 1×1 convolutions around another one.
"""

MAX_FRAGMENTS = 5
"""The largest whole number below `FAIL`: a block of more fragments would fail on its own."""


def fragments_per_block(graph: CostGraph) -> float | None:
    """Fragments in the block of a fragment, averaged over all fragments."""
    fragments = [block.fragments for block in graph.blocks()]
    return sum(count * count for count in fragments) / sum(fragments) if any(fragments) else None


@rule(
    "G3",
    "fragmented-blocks",
    scale=Scale(
        fragments_per_block,
        "convolutions and poolings in a block, groups counted one by one",
        Unit.FRAGMENTS,
        best=BEST,
        warn=WARN,
        fail=FAIL,
    ),
)
def fragmented_blocks(graph: CostGraph, *, max_fragments: int = MAX_FRAGMENTS) -> Iterator[Finding]:
    """
    Building block of many small convolutions and poolings.

    ## Why it matters

    A block of many small operators uses a parallel device badly: each has to be launched, waits
    for the one before it, and is too small to fill the device. NASNet-A has 13 operators in a
    block, ResNet 2 or 3. A block here is the part of the graph between two consecutive ops that
    every path runs through; a convolution with g groups (not depthwise) is g fragments.

    ## Example

    ```python
    model = nn.Sequential(nn.Conv2d(54, 54, kernel_size=1, groups=9))
    x = torch.zeros(1, 54, 28, 28)
    ```

    ## Instead

    ```python
    model = nn.Sequential(nn.Conv2d(18, 18, kernel_size=1))  # as many multiply–adds
    x = torch.zeros(1, 18, 28, 28)
    ```

    ## Options

    - `max_fragments`: how many fragments a block may have before it is a finding.

    ## Metric

    The number of fragments in the block of a fragment, averaged over all fragments: a block counts
    for as much as it holds, so that a few small ones do not hide a large one.

    ## References

    Guideline G3 of *ShuffleNet V2*, section 2, Table 3, <https://arxiv.org/abs/1807.11164>.
    """
    for block in graph.blocks():
        if block.fragments <= max_fragments:
            continue
        ops = tuple(graph[name] for name in block.ops)
        fragments = tuple(op for op in ops if op.fragments)
        merged = tuple(_merged(fragments))
        launches = sum(count for _, count in merged) or block.fragments - 1
        yield Finding(
            fragments,
            f"{block.fragments} fragments on {counted(block.branches, 'path')},"
            f" {counted(block.depth, 'kernel')} deep",
            Avoidable(launches=launches),
            "; ".join(text for text, _ in merged) or _single(block, fragments),
        )


def _merged(fragments: tuple[Op, ...]) -> Iterator[tuple[str, int]]:
    """Ops that could be merged into one, in words, and how many launches that saves."""
    grouped = [op for op in fragments if op.kind is Kind.GROUP_CONV]
    if grouped:
        saved = sum(op.fragments - 1 for op in grouped)
        count = f"{len(grouped)} group convolutions" if len(grouped) > 1 else "group convolution"
        yield f"make the {count} dense and narrower (see G2): {saved} fragments fewer", saved
    siblings: dict[tuple[object, ...], list[Op]] = {}
    for op in fragments:
        shape = op.convolution
        if shape and shape.groups == 1:
            siblings.setdefault((op.parents[:1], shape.kernel, shape.stride), []).append(op)
    for (_, kernel, *_), ops in siblings.items():
        if len(ops) > 1:
            size = "×".join(map(str, kernel)) if isinstance(kernel, tuple) else ""
            yield f"merge {len(ops)} {size} convolutions of the same input into one", len(ops) - 1


def _single(block: Block, fragments: tuple[Op, ...]) -> str:
    """The dense convolution that has as many multiply–adds as the whole block, in words."""
    last = next((op.convolution for op in reversed(fragments) if op.convolution), None)
    if last is None:
        return ""
    kernel = max((op.convolution.kernel for op in fragments if op.convolution), key=prod)
    width = round(sqrt(block.macs / (last.positions * prod(kernel))))
    size = "×".join(map(str, kernel))
    return f"one {size} convolution {width}→{width} would have as many multiply–adds as all of it"
