"""
A prior, learnt from runs: times of the same networks on many devices.

Expectation–maximisation: given the prior, each device has a posterior (see `posterior`); given all
of these, the prior is their mean and spread. It starts from the guesses in `FEATURES`, to which
what no timing tells is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shufflenet_audit.latency.predicting.features import FEATURES, Numbers
from shufflenet_audit.latency.predicting.prior import Prior, log_seconds, shares

Places = NDArray[np.intp]
Chosen = NDArray[np.bool_]

_ROUNDS: Final = 15
_MORE_ROUNDS: Final = 4
"""Rounds from a prior that is nearly right: the same without some networks."""
_STEPS: Final = 4
"""Steps to the most likely rates in each round, from those of the round before."""
_GUESSES: Final = 1.0
"""Devices that the guesses count for in the mean."""
_SPREAD: Final = 0.2
_TOGETHER: Final = 0.6
"""Variance of a log-rate, and correlation of two, that a feature has which no device shows."""
_SPREAD_COUNT: Final = 5.0
"""Devices that these two count for."""
_OWN: Final = 0.005
_OWN_COUNT: Final = 20.0
"""Variance of effects at each network before any is seen, and the devices that it counts for."""
_COMMON_COUNT: Final = 0.5
"""Devices that a common effect of zero counts for."""
_LEAST_NOISE: Final = 4e-4
"""Timings do not repeat better than to 2 %."""
_FIRST_PACE: Final = 0.7
"""Variance of the pace of devices, which moves all rates together, before any is seen."""
_FIRST_NOVELTY: Final = 0.03
_PARTS: Final = 5
"""Parts of the networks, each left out once to see how far off new networks are."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Times of the same networks on several devices."""

    networks: Numbers
    """Features, one network in a row."""
    families: tuple[int, ...]
    """Which networks are of one family: they are left out together."""
    seconds: Numbers
    """One device in a row, one network in a column; NaN where there is no time."""


def learnt(kind: str, runs: Runs) -> Prior:
    """The prior that these runs support."""
    prior = _improved(_start(kind, runs), runs, _ROUNDS)
    return replace(prior, novelty=_novelty(prior, runs), paces=_paces(runs))


def paces(networks: Numbers, seconds: Numbers) -> Numbers:
    """Log pace of devices: how many times slower they are than the guesses in `FEATURES`."""
    guessed = log_seconds(networks, np.array(list(FEATURES.values())))
    found: Numbers = np.nanmedian(np.log(seconds) - guessed, axis=-1)
    return found


def _paces(runs: Runs) -> tuple[float, float]:
    found = paces(runs.networks, runs.seconds)
    return float(found.min()), float(found.max())


def _start(kind: str, runs: Runs) -> Prior:
    size, count = len(FEATURES), len(runs.networks)
    mean = np.array(list(FEATURES.values())) + paces(runs.networks, runs.seconds).mean()
    covariance = _unseen(size, count)
    covariance[:size, :size] += _FIRST_PACE
    return Prior(
        kind=kind,
        mean=mean,
        covariance=covariance,
        networks=runs.networks,
        common=np.zeros(count),
        noise=0.01,
        novelty=_FIRST_NOVELTY,
        paces=(0.0, 0.0),
    )


def _unseen(size: int, count: int) -> Numbers:
    """Covariance of rates and effects that no device shows."""
    found = _OWN * np.eye(size + count)
    found[:size, :size] = _SPREAD * (_TOGETHER + (1 - _TOGETHER) * np.eye(size))
    return found


def _improved(prior: Prior, runs: Runs, rounds: int) -> Prior:
    guesses = _start(prior.kind, runs).mean
    rates = [prior.mean for _ in runs.seconds]
    for _ in range(rounds):
        devices = [_device(prior, *each) for each in zip(runs.seconds, rates, strict=True)]
        rates = [device.rates for device in devices]
        prior = _maximised(prior, devices, guesses)
    return prior


@dataclass(frozen=True, slots=True)
class _Device:
    """What the times of one device say, given the prior."""

    timed: Places
    rates: Numbers
    apart: Numbers
    """Log-rates less their mean, and the effects of its own."""
    covariance: Numbers
    """Of these."""
    noise: Numbers
    """Expected squares of the noise of each timing."""
    unexplained: Numbers
    """What is left of each timing."""


def _device(prior: Prior, seconds: Numbers, rates: Numbers) -> _Device:
    """The device with these times; `rates` are where to start from."""
    timed = np.flatnonzero(np.isfinite(seconds))
    networks, logs = prior.networks[timed], np.log(seconds[timed]) - prior.common[timed]
    effects = np.eye(len(prior.networks))[timed]
    for _ in range(_STEPS):
        jacobian = shares(networks, rates)
        residuals = logs - log_seconds(networks, rates) + jacobian @ (rates - prior.mean)
        observed = np.hstack([jacobian, effects])
        gain = prior.covariance @ observed.T
        inverse = np.linalg.inv(observed @ gain + prior.noise * np.eye(len(timed)))
        apart = gain @ (inverse @ residuals)
        step = prior.mean + apart[: len(rates)] - rates
        rates = rates + step / max(1.0, float(np.abs(step).max()))
    own = apart[len(rates) :][timed]
    noise = (prior.noise * inverse @ residuals) ** 2
    return _Device(
        timed=timed,
        rates=rates,
        apart=apart,
        covariance=prior.covariance - gain @ inverse @ gain.T,
        noise=noise + prior.noise - prior.noise**2 * np.diag(inverse),
        unexplained=logs - log_seconds(networks, rates) - own,
    )


def _maximised(prior: Prior, devices: Sequence[_Device], guesses: Numbers) -> Prior:
    count, size = len(devices), len(guesses)
    apart = np.array([device.apart for device in devices])
    shift = (apart[:, :size].sum(axis=0) + _GUESSES * (guesses - prior.mean)) / (count + _GUESSES)
    apart[:, :size] -= shift
    squares = apart.T @ apart + sum(device.covariance for device in devices)
    counts = np.full(len(squares), _OWN_COUNT)
    counts[:size] = _SPREAD_COUNT
    weight = np.maximum.outer(counts, counts)
    noise = np.concatenate([device.noise for device in devices]).mean()
    return replace(
        prior,
        mean=prior.mean + shift,
        covariance=(squares + weight * _unseen(size, len(prior.common))) / (count + weight),
        common=_common(prior, devices),
        noise=max(float(noise), _LEAST_NOISE),
    )


def _common(prior: Prior, devices: Sequence[_Device]) -> Numbers:
    """What is left of each network on all devices, less where few devices ran it."""
    total, seen = np.zeros(len(prior.common)), np.zeros(len(prior.common))
    for device in devices:
        total[device.timed] += device.unexplained
        seen[device.timed] += 1
    found: Numbers = (prior.common * seen + total) / (seen + _COMMON_COUNT)
    return found


def _novelty(prior: Prior, runs: Runs) -> float:
    """How much variance a network has that the table does not know: its networks left out tell."""
    families = sorted(set(runs.families))
    ratios = []
    for part in range(_PARTS):
        chosen = set(families[part::_PARTS])
        left: Chosen = np.array([family in chosen for family in runs.families], dtype=np.bool_)
        rest = np.flatnonzero(~left)
        kept = _only(prior, rest)
        told = replace(runs, networks=runs.networks[rest], seconds=runs.seconds[:, rest])
        ratios.append(_unexplained(_improved(kept, told, _MORE_ROUNDS), runs, left))
    squares, novel = np.sum(ratios, axis=0)
    return float(max(squares / novel, _OWN))


def _only(prior: Prior, at: Places) -> Prior:
    """The prior as it would know some of its networks only."""
    size = len(prior.mean)
    kept = np.concatenate([np.arange(size), size + at])
    return replace(
        prior,
        covariance=prior.covariance[np.ix_(kept, kept)],
        networks=prior.networks[at],
        common=prior.common[at],
    )


def _unexplained(prior: Prior, runs: Runs, left: Chosen) -> tuple[float, float]:
    """Squares of what is left of networks that the prior has not seen, and how new they are."""
    networks = runs.networks[left]
    likeness, novelty = prior.likeness(networks)
    novel = np.diag(novelty)
    squares, total = 0.0, 0.0
    for seconds in runs.seconds:
        device = _device(prior, seconds[~left], prior.mean)
        observed = np.hstack([shares(networks, device.rates), likeness])
        known = np.einsum("ij,jk,ik->i", observed, device.covariance, observed) + prior.noise
        effects = likeness @ (prior.common + device.apart[len(prior.mean) :])
        apart = np.log(seconds[left]) - log_seconds(networks, device.rates) - effects
        there = np.isfinite(apart)
        squares += float(np.minimum(apart**2 - known, _LARGEST_SQUARE)[there].sum())
        total += float(novel[there].sum())
    return squares, total


_LARGEST_SQUARE: Final = 1.0
"""A square beyond it says that a feature is missing, not how far networks usually are off."""
