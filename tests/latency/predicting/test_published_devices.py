"""The devices and priors that come with the program are whole, and say how far off they are."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from torch import nn

from shufflenet_audit import trace
from shufflenet_audit.latency.predicting.features import FEATURES
from shufflenet_audit.latency.predicting.prior import Prior, network_features, priors
from shufflenet_audit.latency.predicting.published_devices import published_devices


def test_names_are_readable_and_devices_many() -> None:
    names = list(published_devices())
    assert len(names) > 200
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)
    assert {"raspberry-pi-4", "snapdragon-855-plus", "gtx-1080ti-2017"} <= set(names)


@pytest.mark.parametrize("name", ["raspberry-pi-4", "jetson-nano-gpu", "snapdragon-820-2017"])
def test_a_device_says_where_it_comes_from_and_how_far_off_it_is(name: str) -> None:
    device = published_devices()[name]
    assert "https://" in device.source
    assert device.error is not None
    assert 0 < device.error < 1
    assert device.error == published_devices().summary(name).error
    assert device.coverage is not None
    assert 0 < device.coverage <= 1


def test_more_threads_are_faster_and_the_newer_board_is_faster() -> None:
    devices = published_devices()
    with torch.device("meta"):
        layers = nn.Sequential(nn.Conv2d(3, 64, 3), nn.Conv2d(64, 64, 3), nn.Conv2d(64, 256, 1))
        graph = trace(layers.eval(), torch.zeros(1, 3, 112, 112))
    one, four, newer = (
        devices[name].predict(graph).median
        for name in ("raspberry-pi-4", "raspberry-pi-4-4-threads", "raspberry-pi-5")
    )
    assert four < one
    assert newer < one


@pytest.mark.parametrize("prior", priors().values(), ids=lambda prior: str(prior.kind))
def test_a_prior_is_a_distribution(prior: Prior) -> None:
    size = len(FEATURES) + len(network_features())
    assert prior.covariance.shape == (size, size)
    assert np.linalg.eigvalsh(prior.covariance).min() > 0
    assert prior.paces[0] < prior.paces[1]
    _, novel = prior.likeness(prior.networks)
    assert np.diag(novel).max() < 0.05
