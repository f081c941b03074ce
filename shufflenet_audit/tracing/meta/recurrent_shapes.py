"""What a whole recurrent layer makes: on meta, PyTorch would run it step by step to know that."""

from __future__ import annotations

from collections.abc import Sequence

from shufflenet_audit.tracing.meta.layout import Layout


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
    if len(x.shape) != _RANK or min(x.shape) == 0:
        return None
    dtypes = {each.dtype for each in (x, *states, *weights)}
    ways, heads = layers * (1 + both), {each.shape[:2] for each in states}
    width = (1 + both) * states[0].shape[2]
    widths = [x.shape[2]] * (1 + both) + [width] * (ways - 1 - both)
    if len(dtypes) > 1 or heads != {(ways, x.shape[batch])} or not _fit(weights, widths, states):
        return None
    made = Layout.dense((x.shape[steps], x.shape[batch], width), x.dtype)
    last = tuple(Layout.dense(each.shape, each.dtype) for each in states)
    return tuple, (made.transposed() if batch_first else made, *last)


_RANK = 3


def _fit(weights: Sequence[Layout], widths: Sequence[int], states: Sequence[Layout]) -> bool:
    """Whether the two matrices of each layer and direction take these widths and these states."""
    of_each = len(weights) // len(widths)
    return all(
        given.shape[1:] == (width,)
        and kept.shape[1:] == states[0].shape[2:]
        and given.shape[:1] == kept.shape[:1]
        and given.shape[0] % states[-1].shape[2] == 0
        for given, kept, width in zip(weights[::of_each], weights[1::of_each], widths, strict=True)
    )
