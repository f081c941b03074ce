"""What a whole recurrent layer makes: on meta, PyTorch would run it step by step to know that."""

from __future__ import annotations

from collections.abc import Sequence

from shufflenet_audit.trace.layout import Layout


def recurrent(  # noqa: PLR0913, PLR0917  (as PyTorch has it)
    x: Layout,
    hidden: Layout | Sequence[Layout],
    weights: Sequence[Layout],
    biased: bool,  # noqa: ARG001, FBT001  (see above)
    layers: int,
    dropout: float,  # noqa: ARG001  (see above)
    train: bool,  # noqa: ARG001, FBT001  (see above)
    both: bool,  # noqa: FBT001  (see above)
    batch_first: bool,  # noqa: FBT001  (see above)
) -> tuple[type, tuple[Layout, ...]] | None:
    """The hidden state of the last layer at each step, and the states of all at the last one."""
    states = (hidden,) if isinstance(hidden, Layout) else tuple(hidden)
    batch, steps = (0, 1) if batch_first else (1, 0)
    if len(x.shape) != _RANK or min(x.shape) == 0 or weights[0].shape[1:] != x.shape[2:]:
        return None
    ways, heads = layers * (1 + both), {each.shape[:2] for each in states}
    if (
        heads != {(ways, x.shape[batch])}
        or len({each.dtype for each in (x, *states, *weights)}) > 1
    ):
        return None
    made = Layout.dense((x.shape[steps], x.shape[batch], (1 + both) * states[0].shape[2]), x.dtype)
    last = tuple(Layout.dense(each.shape, each.dtype) for each in states)
    return tuple, (made.transposed() if batch_first else made, *last)


_RANK = 3
