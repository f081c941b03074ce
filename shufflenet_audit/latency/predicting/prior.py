"""
What is known of devices before one is timed: how the table of published times has them.

A kind of device (`cpu`, one thread; `cpu-threads`; `gpu`) is a normal distribution of log-rates,
and of effects: what the rates do not explain at the networks of the table. Effects are carried to
other networks by how alike these are in where their time goes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from shufflenet_audit.latency.predicting.features import Numbers

ALIKE: Final = 0.3
"""
How far apart two networks may be that behave alike, as the distance of the square roots of their
shares of time. Tried: 0.08, 0.15, 0.3, 0.5, 1; with networks left out 0.3 was best.
"""
_SAME: Final = 0.02
"""Noise in the likeness of networks, beside a variance of one: it keeps the equations solvable."""


@dataclass(frozen=True, slots=True)
class Prior:
    """A kind of device, as learnt from the devices of a table."""

    kind: str
    """`cpu` (one thread), `cpu-threads` or `gpu`."""
    mean: Numbers
    """Of the log-rates, in log seconds per unit of each feature."""
    covariance: Numbers
    """
    Of the log-rates, and behind them of the effects that a device has of its own at each network
    of the table: what rates do not explain.
    """
    networks: Numbers
    """Features of the networks of the table, one in a row."""
    common: Numbers
    """The effect that each of these networks has on all devices, in log seconds."""
    noise: float
    """Variance of the log of a timing around all this."""
    novelty: float
    """Variance of the effect of a network that is unlike all of the table."""
    paces: tuple[float, float]
    """Log pace of the fastest and of the slowest device of the table."""

    def likeness(self, networks: Numbers) -> tuple[Numbers, Numbers]:
        """
        How alike networks are to those of the table: their effects as a mixture of the known ones.

        The weights of the mixture, one network in a row; and a covariance of what is new in them,
        which is 0 for a network of the table, and 1 for one unlike all of it.
        """
        known, new = shares(self.networks, self.mean), shares(networks, self.mean)
        between, among = _alike(new, known), _alike(known, known)
        among += _SAME * np.eye(len(among))
        weights = np.linalg.solve(among, between.T).T.astype(np.float64)
        novel = _alike(new, new) - weights @ between.T
        return weights, 0.5 * novel + 0.5 * novel.T


def log_seconds(networks: Numbers, rates: Numbers) -> Numbers:
    """The log times of networks that follow from log-rates alone."""
    found: Numbers = np.log(networks @ np.exp(rates))
    return found


def shares(networks: Numbers, rates: Numbers) -> Numbers:
    """Which share of the time of each network each feature takes."""
    parts = networks * np.exp(rates)
    found: Numbers = parts / parts.sum(axis=1, keepdims=True)
    return found


def _alike(first: Numbers, second: Numbers) -> Numbers:
    apart = np.sqrt(first)[:, None] - np.sqrt(second)[None]
    found: Numbers = np.exp(-(apart**2).sum(axis=-1) / (2 * ALIKE**2))
    return found


@cache
def priors() -> Mapping[str, Prior]:
    """The priors that come with the program, by kind of device."""
    networks = np.array(list(network_features().values()))
    return {kind: _prior(kind, networks, one) for kind, one in _saved()["kinds"].items()}


def network_features() -> Mapping[str, list[float]]:
    """Features of the networks that the priors have learnt from, by name."""
    found: Mapping[str, list[float]] = _saved()["networks"]
    return found


@cache
def _saved() -> Mapping[str, Any]:
    text = (files(__package__) / "prior.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


def as_data(prior: Prior) -> dict[str, Any]:
    """A prior as numbers to save, without the networks, which all kinds share."""
    return {
        "mean": _rounded(prior.mean),
        "covariance": [_rounded(row[: at + 1]) for at, row in enumerate(prior.covariance)],
        "common": _rounded(prior.common),
        "noise": _rounded(np.array([prior.noise]))[0],
        "novelty": _rounded(np.array([prior.novelty]))[0],
        "paces": _rounded(np.array(prior.paces)),
    }


def _prior(kind: str, networks: Numbers, saved: Mapping[str, Any]) -> Prior:
    fastest, slowest = saved["paces"]
    return Prior(
        kind=kind,
        mean=np.array(saved["mean"]),
        covariance=_symmetric(saved["covariance"]),
        networks=networks,
        common=np.array(saved["common"]),
        noise=saved["noise"],
        novelty=saved["novelty"],
        paces=(fastest, slowest),
    )


def _symmetric(rows: list[list[float]]) -> Numbers:
    full = np.zeros((len(rows), len(rows)))
    for at, row in enumerate(rows):
        full[at, : at + 1] = full[: at + 1, at] = row
    return full


def _rounded(numbers: Numbers) -> list[float]:
    """Five digits: more than the table has, and the same on every machine."""
    return [float(f"{number:.5g}") for number in numbers]
