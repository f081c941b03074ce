"""Rule D1."""

from __future__ import annotations

from collections.abc import Iterator

from shufflenet_audit.plugin import Avoidable, CostGraph, Finding, Kind, Op, Scale, Severity, rule

_MOVES = (Kind.DATA, Kind.SHUFFLE)


def moved_share(graph: CostGraph) -> float | None:
    """The share of the memory access in ops that only move data."""
    total = graph.total.memory_access_fused
    moved = sum(op.memory_access_fused for op in graph.of_kind(*_MOVES))
    return moved / total if total else None


@rule(
    "D1",
    "data-movement",
    scale=Scale(
        moved_share, "memory access (fused) of ops that only move data", warn=0.10, fail=0.20
    ),
    severity=Severity.WARNING,
)
def data_movement(graph: CostGraph, *, min_share: float = 0.001) -> Iterator[Finding]:
    """
    Shuffles, concatenations and copies, which compute nothing and move whole feature maps.

    ## Why it matters

    ShuffleNet V1's lesson: a channel shuffle is no multiply–add at all and still takes 5 % of the
    time on a GPU. A concatenation copies what its inputs' makers could have written in place; a
    chain of them, as in a dense block, copies the same channels again and again; a concatenation
    and a shuffle behind it are two passes where one would do.

    ## Example

    ```python
    model = nn.Sequential(nn.Conv2d(32, 32, kernel_size=1), nn.ChannelShuffle(2))
    x = torch.zeros(1, 32, 28, 28)
    ```

    ## Instead

    ```python
    model = nn.Sequential(nn.Conv2d(32, 32, kernel_size=1))  # with its filters in shuffled order
    x = torch.zeros(1, 32, 28, 28)
    ```

    ## Options

    - `min_share`: an op that moves less than this share of the network's memory is not shown.

    ## Metric

    The share of the network's memory access, in an inference runtime, of ops of kind `data` and
    `shuffle`.

    ## References

    *ShuffleNet V2*, Figure 2 and section 3, <https://arxiv.org/abs/1807.11164>.
    """
    for op in graph.of_kind(*_MOVES):
        avoidable = Avoidable.of(op, op.memory_access, fused=op.memory_access_fused, launches=1)
        if avoidable.share(graph) >= min_share:
            yield Finding((op,), *_words(graph, op, avoidable))


def _words(graph: CostGraph, op: Op, avoidable: Avoidable) -> tuple[str, Avoidable, str]:
    if op.kind is Kind.SHUFFLE:
        before = _moving_parents(graph, op)
        if before:
            return (
                f"channel shuffle of {op.outputs[0]} right behind {_name(before[0])}",
                avoidable,
                "one op can concatenate and shuffle, or the next 1×1 filters take the order up",
            )
        return (
            f"channel shuffle of {op.outputs[0]}",
            avoidable,
            "put the order of the channels into the filters of the convolution before it",
        )
    again = sum(
        parent.outputs[0].elements for parent in _moving_parents(graph, op) if parent.outputs
    )
    size = op.outputs[0].elements
    if again and size:
        return (
            f"{_name(op)} to {op.outputs[0]}: {min(again / size, 1):.0%} of it was moved before",
            avoidable,
            "set the memory aside once and let each op write to its own part",
        )
    return (
        f"{_name(op)} to {op.outputs[0]}",
        avoidable,
        "let the ops before it write where the result is read",
    )


def _moving_parents(graph: CostGraph, op: Op) -> list[Op]:
    makers = {maker.name: maker for maker in map(graph.maker, graph.parents(op))}
    return [maker for maker in makers.values() if maker.kind in _MOVES]


def _name(op: Op) -> str:
    return op.target.split(".")[1].strip("_")
