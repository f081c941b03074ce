"""
Devices that come with the program, fitted to published times.

`devices.json` has the times, in milliseconds, and how far off predictions are on a network that was
left out. A device is fitted when it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from shufflenet_audit.latency.predicting.fitted_device import FittedDevice, fitted
from shufflenet_audit.latency.predicting.posterior import posterior
from shufflenet_audit.latency.predicting.prior import network_features, priors
from shufflenet_audit.latency.predicting.timings import Timed

TABLE: Final = "ncnn"
"""The set of networks that the priors have learnt from: its features are with them."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A device in a line."""

    name: str
    """What `--on` calls it."""
    kind: str
    """`cpu` (one thread), `cpu-threads` or `gpu`."""
    networks: int
    """How many were timed on it."""
    error: float
    """Median relative error on networks left out of its fit."""
    coverage: float
    """Share of 90 % intervals that held the time of a network left out."""


class PublishedDevices(Mapping[str, FittedDevice]):
    """The devices by name; each is fitted when it is looked up."""

    def __init__(self, saved: Mapping[str, Any]) -> None:
        self._devices = saved["devices"]
        self._sources = saved["sources"]
        self._sets = {TABLE: network_features(), **saved["sets"]}

    def __getitem__(self, name: str) -> FittedDevice:
        saved = self._devices[name]
        prior = priors()[saved["kind"]]
        networks = self._sets[saved["set"]]
        timings = tuple(
            Timed(network, np.array(amounts), milliseconds / 1e3)
            for (network, amounts), milliseconds in zip(
                networks.items(), saved["milliseconds"], strict=True
            )
            if milliseconds is not None
        )
        unfitted = posterior(prior, np.zeros((0, len(prior.mean))), np.zeros(0))
        source = f"{saved['device']}: {len(timings)} networks, {self._sources[saved['set']]}"
        described = FittedDevice(
            name, source, unfitted, saved["threads"], saved["error"], saved["coverage"]
        )
        return fitted(timings, (prior,), described)

    def __iter__(self) -> Iterator[str]:
        return iter(self._devices)

    def __len__(self) -> int:
        return len(self._devices)

    def summary(self, name: str) -> Summary:
        """What there is to know of a device without fitting it."""
        saved = self._devices[name]
        timed = sum(each is not None for each in saved["milliseconds"])
        return Summary(name, saved["kind"], timed, saved["error"], saved["coverage"])


@cache
def published_devices() -> PublishedDevices:
    """The devices that come with the program."""
    text = (files(__package__) / "devices.json").read_text(encoding="utf-8")
    return PublishedDevices(json.loads(text))
