"""Rule G4."""

from __future__ import annotations

from collections.abc import Iterator

from shufflenet_audit.plugin import Avoidable, Block, CostGraph, Finding, Kind, Op, Scale, rule

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
def costly_elementwise(graph: CostGraph, *, min_share: float = 0.001) -> Iterator[Finding]:
    """
    Element-wise op, or depthwise convolution on a thick feature map, that moves much memory.

    ## Why it matters

    ReLU, Add and bias have few multiply–adds or none, and still read and write whole feature
    maps. A depthwise convolution is close to them: much memory for few multiply–adds. An
    inference runtime fuses an activation into the convolution before it, but not the second
    operand of an Add, and not a depthwise convolution. A map is thick when it has more elements
    than what enters and what leaves its block.

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

    - `min_share`: an op that could save less than this share of the network is not shown.

    ## Metric

    The share of the network's memory access, in an inference runtime, that element-wise ops,
    normalisations that cannot be folded, and depthwise convolutions still have.

    ## References

    Guideline G4 of *ShuffleNet V2*, section 2, Table 4, <https://arxiv.org/abs/1807.11164>.
    """
    for block in graph.blocks():
        thin = _thin(graph, block)
        for op in (graph[name] for name in block.ops):
            found = _finding(op, thin)
            if found and found.avoidable.share(graph) >= min_share:
                yield found


def _finding(op: Op, thin: int) -> Finding | None:
    if op.kind is Kind.ELEMENTWISE and _joins(op):
        return _add(op)
    elements = op.outputs[0].elements if op.outputs else 0
    widest = max((elements, *(tensor.elements for tensor in op.inputs)))
    if op.kind is Kind.DEPTHWISE_CONV and widest > thin:
        return _thick_depthwise(op, widest, thin)
    if op.kind is Kind.ELEMENTWISE and elements > thin:
        return _thick_activation(op, elements, thin)
    return None


def _joins(op: Op) -> bool:
    """Whether it combines two feature maps of the same size."""
    sizes = [tensor.elements for tensor in op.inputs]
    return len(set(op.parents)) > 1 and sizes.count(op.outputs[0].elements) > 1


def _add(op: Op) -> Finding:
    reads = op.fused.reads if op.fused else op.reads
    return Finding(
        (op,),
        f"{_name(op)} of {len(op.inputs)} maps of {op.outputs[0]}",
        Avoidable.of(op, op.memory_access, fused=reads, launches=1),
        "split the channels, work on one half and concatenate: no Add",
    )


def _thick_depthwise(op: Op, widest: int, thin: int) -> Finding:
    spared = 1 - thin / widest
    width = op.convolution.c_in if op.convolution else 0
    return Finding(
        (op,),
        f"depthwise convolution on a thick map: {width} channels,"
        f" {widest / thin:.1f} times what enters or leaves the block",
        Avoidable.of(op, op.memory_access * spared, fused=op.memory_access_fused * spared),
        f"a block of equal widths runs it on {max(round(width * thin / widest), 1)} channels",
    )


def _thick_activation(op: Op, elements: int, thin: int) -> Finding:
    left = op.fused.reads if op.fused else op.reads
    return Finding(
        (op,),
        f"{_name(op)} on a thick map: {op.outputs[0]},"
        f" {elements / thin:.1f} times what enters or leaves the block",
        Avoidable.of(op, op.memory_access, fused=left, launches=1),
        "drop it, or place it where the map is thin",
    )


def _thin(graph: CostGraph, block: Block) -> int:
    """Elements of the larger of what enters and what leaves a block."""
    inside = set(block.ops)
    ops = [graph[name] for name in block.ops]
    entering = [
        tensor.elements
        for op in ops
        for parent, tensor in zip(op.parents, op.inputs, strict=True)
        if parent not in inside
    ]
    leaving = [tensor.elements for tensor in ops[-1].outputs]
    return max((*entering, sum(leaving), 1))


def _name(op: Op) -> str:
    return op.target.split(".")[1].strip("_")
