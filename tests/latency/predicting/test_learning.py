"""Learning finds the devices that made the times."""

from __future__ import annotations

import numpy as np
import pytest

from shufflenet_audit.latency.predicting.features import FEATURES, Numbers
from shufflenet_audit.latency.predicting.learning import Runs, learnt
from shufflenet_audit.latency.predicting.posterior import posterior, predicted
from shufflenet_audit.latency.predicting.prior import log_seconds, network_features


@pytest.fixture(scope="module")
def networks() -> Numbers:
    return np.array(list(network_features().values()))


@pytest.fixture(scope="module")
def seconds(networks: Numbers) -> Numbers:
    """Times of made-up devices: each has a pace, and rates of its own, and repeats to 3 %."""
    random = np.random.default_rng(0)
    mean = np.array(list(FEATURES.values())) - 9
    rates = mean + random.normal(size=(40, 1)) + 0.3 * random.normal(size=(40, len(mean)))
    logs = np.array([log_seconds(networks, each) for each in rates])
    return np.exp(logs + 0.03 * random.normal(size=logs.shape))


def test_a_new_device_is_predicted_and_its_intervals_hold(
    networks: Numbers, seconds: Numbers
) -> None:
    prior = learnt("made up", Runs(networks, tuple(range(len(networks))), seconds[:30]))
    errors, held = [], []
    for device in seconds[30:]:
        found = posterior(prior, networks[::4], device[::4])
        rest = np.delete(np.arange(len(networks)), np.s_[::4])
        median, low, high = predicted(found, networks[rest])
        errors += list(np.abs(median / device[rest] - 1))
        held += list((low <= device[rest]) & (device[rest] <= high))
    assert np.median(errors) < 0.08
    assert 0.8 < np.mean(held) < 0.99


def test_missing_times_are_no_times_of_zero(networks: Numbers, seconds: Numbers) -> None:
    holes = seconds[:12].copy()
    holes[::2, ::3] = np.nan
    families = tuple(range(len(networks)))
    whole, holed = (
        learnt("made up", Runs(networks, families, each)) for each in (seconds[:12], holes)
    )
    assert np.abs(whole.mean - holed.mean).max() < 0.5
    assert whole.paces == pytest.approx(holed.paces, abs=0.2)
