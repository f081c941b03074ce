"""How pooling and resampling tie sizes: channels stay, places change."""

from __future__ import annotations

from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.relations.step import Outcome, Step
from shufflenet_audit.fixing.widths.sizes import NotUnderstoodError, Sizes


def pooling(step: Step, sizes: Sizes) -> Outcome:
    """Pooling over places, channel by channel; those of the maxima have the same shape."""
    x = step.args[0]
    rank = _spatial_rank(step)
    kept = x.forms[: len(x) - rank]
    places = tuple(
        window(form, (size, made), sizes, moves=2)
        for form, size, made in zip(
            x.forms[-rank:], x.sizes[-rank:], step.made[0][-rank:], strict=True
        )
    )
    return Outcome(((*kept, *places),) * len(step.made))


def resampling(step: Step, sizes: Sizes) -> Outcome:
    """Another number of places for each channel."""
    return pooling(step, sizes)


def window(form: Form, recorded: tuple[int, int], sizes: Sizes, *, moves: int) -> Form:
    """
    How many places a window that `moves` by so many finds, from `recorded` (before, after).

    Where the places are a width themselves (a convolution over channels), only a window that moves
    by one is understood: it takes off a constant.
    """
    before, after = recorded
    if sizes.is_fixed(form):
        return Form.of(after)
    if moves != 1:
        message = "it slides over channels in steps"
        raise NotUnderstoodError(message)
    return form + Form.of(after - before)


def _spatial_rank(step: Step) -> int:
    digits = [each for each in step.op if each.isdigit()]
    return int(digits[-1])
