"""A device that is known from a few timings of networks, and from what devices have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from shufflenet_audit.errors import FormatError, NotFoundError
from shufflenet_audit.latency.predicting.device import Rate, Work
from shufflenet_audit.latency.predicting.features import FEATURES, Numbers, features, op_features
from shufflenet_audit.latency.predicting.posterior import Posterior, posterior, predicted
from shufflenet_audit.latency.predicting.prior import Prior, priors
from shufflenet_audit.latency.predicting.timings import Timed, checked
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.op import Op
from shufflenet_audit.network.timings import Roof, Seconds
from shufflenet_audit.results.audit import Audit

UNTIMED: Final = "cpu"
"""The kind of a device of which nothing is known."""
_MISFIT: Final = 0.5
"""A timing that counts less than this does not fit the others."""
_JUDGEABLE: Final = 5
"""Timings from which on leaving one out says how far off predictions are."""


@dataclass(frozen=True, slots=True)
class FittedDevice:
    """A device as its timings show it. Two fits of the same timings are the same device."""

    name: str
    """What `--on` calls it."""
    source: str
    """Where its timings come from, in a sentence."""
    posterior: Posterior
    """Its rates, as its timings and the prior have them."""
    threads: int = 1
    """CPU threads that the rates are for."""
    error: float | None = None
    """Median relative error on networks left out of the fit; None where that was not measured."""
    coverage: float | None = None
    """Share of 90 % intervals that held the time of a network left out; None if not measured."""
    timed: tuple[str, ...] = ()
    """Names of the timed networks."""

    @property
    def kind(self) -> str:
        """Which devices it is like: `cpu` (one thread), `cpu-threads` or `gpu`."""
        return self.posterior.prior.kind

    @property
    def measured(self) -> bool:
        """Whether any network was timed on it."""
        return bool(len(self.posterior.timed))

    @property
    def fused(self) -> bool:
        """It runs networks as an inference runtime does."""
        return True

    @property
    def roof(self) -> Roof | None:
        """Not known: rates are those of networks, not of the best that the device does."""
        return None

    @property
    def misfits(self) -> tuple[str, ...]:
        """Names of the timings that do not fit the others; they count less, or nothing."""
        pairs = zip(self.timed, self.posterior.weights, strict=True)
        return tuple(name for name, weight in pairs if weight < _MISFIT)

    def predict(self, network: CostGraph | Audit) -> Seconds:
        """
        The time of a network: median, and the 90 % interval in which a timing would lie.

        Ops of unknown cost are left out. Raises FormatError where there are no others.
        """
        amounts = _amounts(network, "the network")
        (median,), (low,), (high,) = predicted(self.posterior, amounts[None])
        return Seconds(float(median), float(low), float(high))

    def likely(self, seconds: float) -> Seconds:
        """A part of a predicted time, with an interval as wide as its predictions were off."""
        error = self.error or 0.0
        return Seconds(seconds, seconds / (1 + error), seconds * (1 + error))

    def seconds(self, op: Op) -> float:
        """What a known op takes, as far as rates tell. Raises LookupError for an unknown one."""
        if not op.known:
            message = f"the cost of {op.name} ({op.target}) is not known"
            raise LookupError(message)
        return float(op_features(op) @ np.exp(self.posterior.rates))

    def rate(self, op: Op) -> Rate:
        """What each multiply–add and byte of an op costs on this device."""
        costs = op_features(op) * np.exp(self.posterior.rates)
        parts = {part: float(costs[columns].sum()) for part, columns in _PARTS.items()}
        work = Work.of(op, fused=True)
        return Rate(
            per_op=parts["kernels"],
            per_mac=_each(parts["macs"], work.macs),
            per_byte=_each(parts["bytes"] - parts["weight_bytes"], work.activations),
            per_weight_byte=_each(parts["weight_bytes"], work.weights),
            per_elementwise=_each(parts["ops"], work.elementwise),
        )


_PARTS: Final = {
    part: [at for at, name in enumerate(FEATURES) if name.endswith(part)]
    for part in ("kernels", "macs", "bytes", "weight_bytes", "ops")
}


def _each(cost: float, count: int) -> float:
    return cost / count if count else 0.0


def fit_device(
    timings: Iterable[tuple[CostGraph | Audit, float]] = (),
    *,
    name: str = "this device",
    kind: str | None = None,
) -> FittedDevice:
    """
    The device on which these networks took so many seconds, as in `fit_device([(audit, 0.02)])`.

    Any number of timings will do; without any it is a device of its kind that nobody has seen.
    `kind` is `cpu` (one thread), `cpu-threads` or `gpu`; unless given, the one that explains the
    timings best is taken. One timing in ten may be wrong: `misfits` names those that do not fit.
    Raises FormatError for times that cannot be, and NotFoundError for an unknown kind.
    """
    given = tuple(
        Timed(_label(network, at), _amounts(network, f"network {at}"), seconds)
        for at, (network, seconds) in enumerate(timings, start=1)
    )
    return fit_timings(given, name, kind=kind)


def fit_timings(
    timings: Sequence[Timed], name: str, *, kind: str | None = None, threads: int = 1
) -> FittedDevice:
    """The same for networks of which only the features are at hand."""
    source = f"fitted to {len(timings)} timing{'' if len(timings) == 1 else 's'}"
    found = fitted(timings, _chosen(kind), FittedDevice(name, source, _nothing(), threads))
    if len(timings) < _JUDGEABLE:
        return found
    error, coverage = left_out(found.posterior.prior, timings)
    return replace(found, error=error, coverage=coverage)


def left_out(prior: Prior, timings: Sequence[Timed]) -> tuple[float, float]:
    """Median relative error on each network left out of a fit, and how often its interval held."""
    errors, held = [], []
    for at, timing in enumerate(timings):
        others = (*timings[:at], *timings[at + 1 :])
        device = posterior(prior, _rows(others), np.array([each.seconds for each in others]))
        (median,), (low,), (high,) = predicted(device, timing.amounts[None])
        errors.append(abs(median / timing.seconds - 1))
        held.append(low <= timing.seconds <= high)
    return float(np.median(errors)), float(np.mean(held))


def fitted(
    timings: Sequence[Timed], kinds: Sequence[Prior], described: FittedDevice
) -> FittedDevice:
    """A device with that description, of the kind that explains these timings best."""
    checked(timings, kinds)
    amounts = _rows(timings)
    seconds = np.array([timing.seconds for timing in timings])
    found = max((posterior(kind, amounts, seconds) for kind in kinds), key=_evidence)
    return FittedDevice(
        name=described.name,
        source=described.source,
        posterior=found,
        threads=described.threads,
        error=described.error,
        coverage=described.coverage,
        timed=tuple(timing.network for timing in timings),
    )


def _rows(timings: Sequence[Timed]) -> Numbers:
    return np.array([timing.amounts for timing in timings]).reshape(-1, len(FEATURES))


def _evidence(found: Posterior) -> tuple[float, bool]:
    """How well a kind explains the timings; without any, the usual kind is taken."""
    return found.evidence, found.prior.kind == UNTIMED


def _nothing() -> Posterior:
    return posterior(priors()[UNTIMED], np.zeros((0, len(FEATURES))), np.zeros(0))


def _chosen(kind: str | None) -> tuple[Prior, ...]:
    known = priors()
    if kind is None:
        return tuple(known.values())
    if kind not in known:
        message = f"no kind of device is called {kind!r}: there are {', '.join(known)}"
        raise NotFoundError(message)
    return (known[kind],)


def _amounts(network: CostGraph | Audit, what: str) -> Numbers:
    found = features(network)
    if not found.any():
        message = f"{what} has no op of known cost: there is nothing that could take time"
        raise FormatError(message)
    return found


def _label(network: CostGraph | Audit, at: int) -> str:
    return network.model.name if isinstance(network, Audit) else f"network {at}"
