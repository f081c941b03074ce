"""Timings of networks that a device is fitted to, and those that cannot be true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isfinite, log
from typing import Final

import numpy as np

from shufflenet_audit.errors import FormatError
from shufflenet_audit.latency.predicting.features import Numbers
from shufflenet_audit.latency.predicting.learning import paces
from shufflenet_audit.latency.predicting.prior import Prior

_SLOWER: Final = log(10)
"""
How much slower than the slowest device of the table one may be. That one is a 1 GHz chip without
vector units; milliseconds taken for seconds make a phone twenty times slower still.
"""
_FASTER: Final = log(3000)
"""How much faster than the fastest: data-centre GPUs at large batches are a thousand times so."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A network and its time."""

    network: str
    """What to call it in messages."""
    amounts: Numbers
    """Its features."""
    seconds: float
    """Its time for one run."""


def checked(timings: Sequence[Timed], kinds: Sequence[Prior]) -> None:
    """Raise FormatError for a time that is not one, and for times in another unit."""
    for timing in timings:
        if not (isfinite(timing.seconds) and timing.seconds > 0):
            message = (
                f"the time of {timing.network} is {timing.seconds}: times are positive numbers of"
                " seconds; leave out what was not measured"
            )
            raise FormatError(message)
    if timings:
        _check_unit(timings, kinds)


def _check_unit(timings: Sequence[Timed], kinds: Sequence[Prior]) -> None:
    amounts = np.array([timing.amounts for timing in timings])
    pace = float(paces(amounts, np.array([timing.seconds for timing in timings])))
    fastest = min(kind.paces[0] for kind in kinds)
    slowest = max(kind.paces[1] for kind in kinds)
    if pace > slowest + _SLOWER:
        message = (
            f"{_about(pace - slowest)} times slower than any device known: are these milliseconds"
            " where seconds are meant?"
        )
        raise FormatError(message)
    if pace < fastest - _FASTER:
        message = (
            f"{_about(fastest - pace)} times faster than any device known: are these seconds where"
            " milliseconds are meant?"
        )
        raise FormatError(message)


def _about(logarithm: float) -> str:
    """A ratio with two digits that count."""
    return f"{float(f'{exp(logarithm):.2g}'):,.0f}"
