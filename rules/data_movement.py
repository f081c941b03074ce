"""Rule D1: ops that only move data compute nothing."""

from __future__ import annotations

from collections.abc import Iterator, Set

from shufflenet_audit.plugin import (
    MIN_SHARE,
    Avoidable,
    CostGraph,
    Finding,
    Kind,
    Op,
    Scale,
    Severity,
    rule,
)

BEST, WARN, FAIL = 0.0, 0.10, 0.20
"""
Shares of the memory access, measured on the networks of the paper, which states no limit for them.

ShuffleNet V1 with one group has no shuffles (5.2 %), with 3 groups it has (14.8 % to 16.1 %), and
the paper speaks of the time that they take: warn is midway between the two, (5.2 + 14.8) / 2 =
10 %. Twice that would fail, and gives the score 50; but ShuffleNet V2 itself has 26 % to 34 %, and
the paper calls it good: so the rule is of severity warning and never fails.
"""

_MOVES = (Kind.DATA, Kind.SHUFFLE)


def moved_share(graph: CostGraph) -> float | None:
    """Share of the memory access in ops that only move data, from 0 to 1."""
    return graph.fused_share(*_MOVES)


@rule(
    "D1",
    "data-movement",
    scale=Scale(
        moved_share,
        "memory access (fused) of ops that only move data",
        best=BEST,
        warn=WARN,
        fail=FAIL,
    ),
    severity=Severity.WARNING,
)
def data_movement(graph: CostGraph, *, min_share: float = MIN_SHARE) -> Iterator[Finding]:
    """
    Shuffles, concatenations and copies, which compute nothing and move whole feature maps.

    ## Why it matters

    ShuffleNet V1 shows it: a channel shuffle has no multiply–adds and still takes 5 % of the time
    on a GPU. A concatenation copies what the ops before it could have written in place; a
    chain of them, as in a dense block, copies the same channels again and again; a concatenation
    and a shuffle after it are two passes where one would do.

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
    copied: set[str] = set()
    for op in graph.of_kind(*_MOVES):
        before = _moved_before(graph, op, copied)
        copied.update(_maker(graph, parent) for parent in op.parents)
        avoidable = Avoidable.of(op, op.memory_access, fused=op.memory_access_fused, launches=1)
        if avoidable.share(graph) >= min_share:
            message, instead = _shuffle(graph, op) if op.kind is Kind.SHUFFLE else _copy(op, before)
            yield Finding((op,), message, avoidable, instead)


def _moved_before(graph: CostGraph, op: Op, copied: Set[str]) -> int:
    """Elements of its inputs that another op which only moves data produced or has copied."""
    makers = [_maker(graph, parent) for parent in op.parents]
    return sum(
        tensor.elements
        for maker, tensor in zip(makers, op.inputs, strict=True)
        if maker in copied or (maker in graph and graph[maker].kind in _MOVES)
    )


def _maker(graph: CostGraph, name: str) -> str:
    """The op or input that owns the memory of this name: views are followed."""
    while name in graph and not graph[name].launched and graph[name].parents:
        name = graph[name].parents[0]
    return name


def _shuffle(graph: CostGraph, op: Op) -> tuple[str, str]:
    shuffled = next((child for child in graph.children(op) if not child.launched), op)
    message = f"channel shuffle of {shuffled.output}"
    makers = [graph[name] for parent in op.parents if (name := _maker(graph, parent)) in graph]
    before = next((_name(maker) for maker in makers if maker.kind in _MOVES), "")
    if before:
        return f"{message} right behind a {before}", _RELABEL
    place, instead = _between(graph, op)
    return message + place, instead


def _between(graph: CostGraph, op: Op) -> tuple[str, str]:
    """Which filters can take up the order of the channels: only dense ones see all channels."""
    source = _source(graph, op)
    if source and _is_dense(source):
        return "", "exact: reorder the filters of the convolution before it"
    readers = list(_readers(graph, op))
    if readers and all(map(_is_dense, readers)):
        return "", "exact: reorder the input channels of the filters of the convolution behind it"
    if source and readers and all(reader.convolution for reader in (source, *readers)):
        return " between group convolutions", (
            "none known: each group of the convolution behind it reads channels of several groups"
            " before it, which no order of filters can do"
        )
    return "", _RELABEL


def _source(graph: CostGraph, op: Op) -> Op | None:
    """
    The convolution whose channels it moves, through ops that work on each channel alone.

    None where anything else reads a map on the way: it would see the new order too.
    """
    while len(op.parents) == 1 and op.parents[0] in graph:
        op = graph[op.parents[0]]
        if len(graph.children(op)) > 1 or op.name in graph.outputs or _is_part(op):
            return None
        if op.launched and not _is_per_channel(op):
            return op if op.convolution else None
    return None


def _readers(graph: CostGraph, op: Op) -> Iterator[Op]:
    """The ops that read its channels, through those that work on each channel alone."""
    waiting = [op]
    while waiting:
        for child in graph.children(waiting.pop()):
            if not _is_part(child) and (not child.launched or _is_per_channel(child)):
                waiting.append(child)
            else:
                yield child


def _is_part(op: Op) -> bool:
    """Whether it is a view of some of the channels: which ones, depends on their order."""
    return not op.launched and op.output.elements != op.inputs[0].elements


def _is_per_channel(op: Op) -> bool:
    single = len(op.parents) == 1 and op.kind in (Kind.ELEMENTWISE, Kind.POOLING)
    return single or op.foldable or op.kind is Kind.DEPTHWISE_CONV


def _is_dense(op: Op) -> bool:
    return op.convolution is not None and op.convolution.groups == 1


def _copy(op: Op, moved: int) -> tuple[str, str]:
    message = f"{_name(op)} to {op.output}"
    if moved and _name(op) == "concat":
        return (
            f"{message}: {moved / op.output.elements:.0%} of it was moved before",
            "allocate the memory once, and let each op write to its own part",
        )
    return message, _INSTEAD.get(_name(op), "do without it, or do it where the map is smaller")


def _name(op: Op) -> str:
    return _NAMES.get(op.operator, op.operator.replace("_", " "))


_RELABEL = "`audit fix` tells whether the channels around it can be relabelled so that it goes"
_NAMES = {"cat": "concat", "clone": "copy", "to_copy": "conversion", "constant_pad_nd": "padding"}
_INSTEAD = {
    "concat": "let the ops before it write where the result is read",
    "copy": "keep one order of dimensions throughout, so that a reshape copies nothing",
    "conversion": "keep one dtype throughout",
    "padding": "let the op after it pad",
}
