"""Shape rule of a recurrent layer, which PyTorch on meta would run step by step."""

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
    bidirectional: bool,  # noqa: FBT001  (see above)
    batch_first: bool,  # noqa: FBT001  (see above)
) -> tuple[type, tuple[Layout, ...]] | None:
    """The output of the last layer at each step, and the states of all layers at the last step."""
    states = (hidden,) if isinstance(hidden, Layout) else tuple(hidden)
    batch, steps = (0, 1) if batch_first else (1, 0)
    if len(x.shape) != _RANK or min(x.shape) == 0:
        return None
    dtypes = {layout.dtype for layout in (x, *states, *weights)}
    runs, heads = layers * (1 + bidirectional), {state.shape[:2] for state in states}
    width = (1 + bidirectional) * states[0].shape[2]
    widths = [x.shape[2]] * (1 + bidirectional) + [width] * (runs - 1 - bidirectional)
    if (
        len(dtypes) > 1
        or heads != {(runs, x.shape[batch])}
        or not _weights_fit(weights, widths, states)
    ):
        return None
    output = Layout.dense((x.shape[steps], x.shape[batch], width), x.dtype)
    last = tuple(Layout.dense(state.shape, state.dtype) for state in states)
    return tuple, (output.transposed() if batch_first else output, *last)


_RANK = 3


def _weights_fit(
    weights: Sequence[Layout], widths: Sequence[int], states: Sequence[Layout]
) -> bool:
    """Whether the matrices of each layer and direction fit the widths of inputs and states."""
    per_run = len(weights) // len(widths)
    return all(
        for_input.shape[1:] == (width,)
        and for_state.shape[1:] == states[0].shape[2:]
        and for_input.shape[:1] == for_state.shape[:1]
        and for_input.shape[0] % states[-1].shape[2] == 0
        for for_input, for_state, width in zip(
            weights[::per_run], weights[1::per_run], widths, strict=True
        )
    )
