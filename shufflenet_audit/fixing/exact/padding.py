"""A pad with zeros becomes the padding of the convolution or pooling behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch.fx import Node

from shufflenet_audit.fixing.program import Program, args, calls, shape
from shufflenet_audit.fixing.rewrite import Match, Misfit, Rewrite

aten = torch.ops.aten

_PADDING_AT: Mapping[Any, int] = {
    aten.convolution.default: 4,
    aten.max_pool2d.default: 3,
    aten.avg_pool2d.default: 3,
}
"""Which argument is the padding."""
_SPATIAL = 2


def find(program: Program) -> Iterator[Match | Misfit]:
    """Pads that only convolutions and poolings read, which can pad both sides alike."""
    for node in program.nodes():
        if not calls(node, aten.constant_pad_nd.default) or not any(args(node)[1]):
            continue
        sides = _sides(node)
        readers = list(node.users)
        if sides is None or not readers or not all(_is_windowed(user, node) for user in readers):
            continue
        if all(_fits(node, user, sides) for user in readers):
            yield _match(program, node, readers, sides)
        else:
            reason = "one side gets more zeros than the other, which no convolution or pooling does"
            yield Misfit((node, *readers), reason)


def _match(
    program: Program, node: Node, readers: Sequence[Node], sides: Sequence[tuple[int, int]]
) -> Match:
    def apply() -> None:
        for user in readers:
            with program.before(user, [node, user]):
                before = args(user)[1 : _PADDING_AT[user.target]]
                given = (args(node)[0], *before, *_padded(user, sides))
                new = program.call(user.target, *given, kwargs=user.kwargs)
            program.replace(user, new)

    return Match((node, *readers), "the op behind a pad pads on its own", apply)


def _padded(user: Node, sides: Sequence[tuple[int, int]]) -> list[Any]:
    """The arguments from the padding on."""
    at = _PADDING_AT[user.target]
    own = _own_padding(user)
    return [
        [mine + left for mine, (left, _) in zip(own, sides, strict=True)],
        *args(user)[at + 1 :],
    ]


def _own_padding(user: Node) -> list[int]:
    at = _PADDING_AT[user.target]
    given: Any = args(user)[at] if len(args(user)) > at else [0]
    rank = len(shape(user)) - 2
    return _spread(given, rank)


def _sides(node: Node) -> list[tuple[int, int]] | None:
    """Zeros before and behind, for each dimension after the channels."""
    widths: Any = args(node)[1]
    filler = args(node)[2] if len(args(node)) > 2 else 0  # noqa: PLR2004  (its position)
    rank = len(shape(node))
    pairs = [(widths[at], widths[at + 1]) for at in range(0, len(widths), 2)]
    pairs = [(0, 0)] * (rank - len(pairs)) + pairs[::-1]
    if filler != 0 or any(map(any, pairs[:_SPATIAL])) or any(min(pair) < 0 for pair in pairs):
        return None
    return pairs[_SPATIAL:]


def _is_windowed(user: Node, node: Node) -> bool:
    return (
        calls(user, *_PADDING_AT) and args(user)[0] is node and len(shape(user)) == len(shape(node))
    )


def _fits(node: Node, user: Node, sides: Sequence[tuple[int, int]]) -> bool:
    """Whether as many zeros on both sides as there are on the first give the same windows."""
    if user.target is aten.convolution.default:
        return not args(user)[6] and _same_sizes(user, sides, _kernel_of_convolution(user))
    kernel, stride, dilation = _window(user)
    if any(2 * (own + left) > size for own, (left, _), size
           in zip(_own_padding(user), sides, kernel, strict=True)):  # fmt: skip
        return False
    even = all(left == right for left, right in sides)
    if user.target is aten.avg_pool2d.default:
        return even and not any(_own_padding(user)) and _counts_zeros(user)
    reads_no_negative = calls(args(node)[0], aten.relu.default)
    return (
        reads_no_negative
        and _is_floored(user)
        and _same_sizes(user, sides, (kernel, stride, dilation))
    )


def _counts_zeros(user: Node) -> bool:
    """Whether the mean is over the zeros, too, in windows that are whole."""
    rest = (*args(user)[4:], *(False, True, None)[len(args(user)[4:]) :])
    return rest[0] is False and rest[1] is True


def _is_floored(user: Node) -> bool:
    return len(args(user)) < 6 or not args(user)[5]  # noqa: PLR2004  (ceil_mode)


def _window(user: Node) -> tuple[list[int], list[int], list[int]]:
    rank = len(shape(user)) - 2
    given: Any = args(user)
    kernel = _spread(given[1], rank)
    stride = list(given[2]) if len(given) > 2 and given[2] else kernel  # noqa: PLR2004  (its position)
    dilation = [1]
    if user.target is aten.max_pool2d.default and len(given) > 4:  # noqa: PLR2004  (its position)
        dilation = list(given[4])
    return kernel, _spread(stride, rank), _spread(dilation, rank)


def _kernel_of_convolution(user: Node) -> tuple[list[int], list[int], list[int]]:
    _, weight, _, stride, _, dilation, *_ = args(user)
    kernel = list(shape(weight)[2:])
    rank = len(kernel)
    return kernel, _spread(stride, rank), _spread(dilation, rank)


def _spread(numbers: Any, rank: int) -> list[int]:
    return list(numbers) * (rank if len(numbers) == 1 else 1)


def _same_sizes(
    user: Node, sides: Sequence[tuple[int, int]], window: tuple[list[int], list[int], list[int]]
) -> bool:
    """Windows start at the same places; so they are the same if there are as many of them."""
    before = shape(args(user)[0])[2:]
    numbers = zip(before, shape(user)[2:], sides, *window, _own_padding(user), strict=True)
    return all(
        (size - left - right + 2 * (own + left) - dilation * (kernel - 1) - 1) // stride + 1
        == count
        for size, count, (left, right), kernel, stride, dilation, own in numbers
    )


REWRITE = Rewrite(
    "padding-taken-in",
    "A convolution pads with the same zeros; a maximum over numbers that are not negative is the"
    " same with zeros as without.",
    find,
)
