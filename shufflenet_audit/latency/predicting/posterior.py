"""
What timings say of a device: log-rates and effects, conditioned on log times.

The log time of a network is the log of a sum of rates times amounts, plus effects. It is linearised
at the most likely rates (Gauss–Newton, which is Laplace's approximation at its end); there all is
normal, and rates and predictions follow from one linear solve.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from shufflenet_audit.latency.predicting.features import Numbers
from shufflenet_audit.latency.predicting.prior import Prior, log_seconds, shares

_STEPS: Final = 12
_LARGEST_STEP: Final = 1.0
"""A factor of e per step: a linearisation does not hold further."""
_UNUSUAL: Final = 3.0
"""Standard deviations of a timing from what the others say, beyond which it counts less."""
_LEAST_WEIGHT: Final = 1e-4
_SCALE_COUNT: Final = 4.0
"""
Timings that the usual spread of the table counts for, when the spread of a device is learnt. Tried:
2, 4, 8; fewer make no difference for devices like those of the table, and hold on others.
"""
_INTERVAL: Final = 0.9
_QUARTER: Final = 0.3186  # a quarter of all standard normal numbers are smaller, sign aside
_MOST_MISFITS: Final = 1 / 3
"""Share of timings that may be doubted: with more, nobody knows which are right."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """A device as a prior and timings have it."""

    prior: Prior
    """What is expected of a device before it is timed."""
    rates: Numbers
    """The most likely log-rates."""
    timed: Numbers
    """Features of the timed networks, one in a row."""
    residuals: Numbers
    """Log times of the timed networks, less what the prior expects, linearised at `rates`."""
    joint: Numbers
    """Covariance of the log times of the timed networks under the prior."""
    weights: Numbers
    """How much each timing counts: 1, or less if it does not fit."""
    spread: float
    """Variance of this device's timings over that of the table's."""
    evidence: float
    """Log density of the timings under the prior."""


def posterior(prior: Prior, timed: Numbers, seconds: Numbers) -> Posterior:
    """The device that these networks took so many seconds on; without any, the prior."""
    weights = np.ones(len(seconds))
    if not len(seconds):
        return Posterior(prior, prior.mean, timed, weights, np.zeros((0, 0)), weights, 1.0, 0.0)
    timings = _Timings(prior, timed, np.log(seconds), *prior.likeness(timed))
    found = _likeliest(timings, prior.mean, weights)
    for _ in range(int(_MOST_MISFITS * len(seconds))):
        weights = _doubted(found)
        if (weights == found.weights).all():
            break
        found = _likeliest(timings, found.rates, weights)
    return found


@dataclass(frozen=True, slots=True)
class _Timings:
    """Log times, and how the effects of their networks depend on those of the table."""

    prior: Prior
    networks: Numbers
    logs: Numbers
    likeness: Numbers
    novel: Numbers


def _likeliest(timings: _Timings, rates: Numbers, weights: Numbers) -> Posterior:
    """The most likely rates, from some to start with, when timings count that much."""
    prior, networks = timings.prior, timings.networks
    logs = timings.logs - timings.likeness @ prior.common
    noise = prior.noise + (prior.noise + prior.novelty) * (1 / weights - 1)
    unseen = prior.novelty * timings.novel + np.diag(noise)
    for _ in range(_STEPS):
        jacobian = shares(networks, rates)
        residuals = logs - log_seconds(networks, rates) + jacobian @ (rates - prior.mean)
        observed = np.hstack([jacobian, timings.likeness])
        joint = observed @ prior.covariance @ observed.T + unseen
        gain = prior.covariance[: len(rates)] @ observed.T
        step = prior.mean + gain @ np.linalg.solve(joint, residuals) - rates
        rates = rates + step / max(1.0, float(np.abs(step).max()) / _LARGEST_STEP)
    fit = float(residuals @ np.linalg.solve(joint, residuals))
    spread = (_SCALE_COUNT + fit) / (_SCALE_COUNT + len(weights))
    evidence = -0.5 * (fit + float(np.linalg.slogdet(joint)[1]))
    return Posterior(prior, rates, networks, residuals, joint, weights, spread, evidence)


def _doubted(device: Posterior) -> Numbers:
    """
    The weights, with a lower one for the timing that fits the others worst, if it fits badly.

    The distance is in standard deviations of a leave-one-out prediction, and taken relative to that
    of the others: on a device unlike those of the table all are far, and none is wrong for that.
    One at a time, as a wrong timing makes its neighbours look wrong too.
    """
    inverse = np.linalg.inv(device.joint)
    apart = np.abs(inverse @ device.residuals) / np.sqrt(np.diag(inverse))
    apart[device.weights < 1] = 0.0
    usual = max(1.0, float(np.quantile(apart[device.weights == 1], 0.25)) / _QUARTER)
    worst = int(np.argmax(apart))
    weights = device.weights.copy()
    if apart[worst] > _UNUSUAL * usual:
        weights[worst] = max(_LEAST_WEIGHT, (_UNUSUAL * usual / apart[worst]) ** 2 / 10)
    return weights


def predicted(device: Posterior, networks: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """The median time of each network in seconds, and its 90 % interval."""
    center, deviation = log_prediction(device, networks)
    degrees = _SCALE_COUNT + len(device.timed)
    reach = deviation * _quantile((1 + _INTERVAL) / 2, degrees)
    return np.exp(center), np.exp(center - reach), np.exp(center + reach)


def log_prediction(device: Posterior, networks: Numbers) -> tuple[Numbers, Numbers]:
    """Mean and standard deviation of the log time of each network."""
    prior, new = device.prior, len(networks)
    likeness, novel = prior.likeness(np.vstack([networks, device.timed]))
    observed = np.hstack([shares(np.vstack([networks, device.timed]), device.rates), likeness])
    every = observed @ prior.covariance @ observed.T + prior.novelty * novel
    variance = np.diag(every)[:new] + prior.noise
    center = log_seconds(networks, device.rates) + likeness[:new] @ prior.common
    if len(device.timed):
        crossed = every[:new, new:]
        told = np.linalg.solve(device.joint, np.column_stack([device.residuals, crossed.T]))
        jacobian = observed[:new, : len(device.rates)]
        center = center + crossed @ told[:, 0] - jacobian @ (device.rates - prior.mean)
        variance = variance - np.einsum("ij,ji->i", crossed, told[:, 1:])
    return center, np.sqrt(np.maximum(variance, prior.noise / 2) * device.spread)


def _quantile(probability: float, degrees: float) -> float:
    """
    Student's t quantile by the expansion of Cornish and Fisher (Abramowitz and Stegun 26.7.5).

    With 4 degrees of freedom it is right to 1 % at the 95th percentile, with 8 to 0.1 %.
    """
    z = NormalDist().inv_cdf(probability)
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / degrees + second / degrees**2
