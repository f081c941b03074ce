"""A fitted device is kept as its timings, and comes back the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shufflenet_audit.errors import FormatError
from shufflenet_audit.latency.predicting.devices import device, devices
from shufflenet_audit.latency.predicting.fitted_device import fit_timings
from shufflenet_audit.latency.predicting.fitted_files import FittedFiles, from_json, keep, to_json
from shufflenet_audit.latency.predicting.posterior import predicted
from shufflenet_audit.latency.predicting.prior import network_features
from shufflenet_audit.latency.predicting.timings import Timed

TIMINGS = tuple(
    Timed(name, np.array(network_features()[name]), seconds)
    for name, seconds in (
        ("resnet18", 0.18), ("mobilenet", 0.12), ("shufflenet_v2", 0.04), ("alexnet", 0.22),
        ("squeezenet", 0.06),
    )
)  # fmt: skip


def test_what_is_kept_is_found_among_the_devices_and_predicts_the_same(tmp_path: Path) -> None:
    made = fit_timings(TIMINGS, "my-board", threads=2)
    keep(made, TIMINGS, tmp_path)
    found = FittedFiles(tmp_path)["my-board"]
    networks = np.array(list(network_features().values()))
    np.testing.assert_array_equal(
        predicted(found.posterior, networks), predicted(made.posterior, networks)
    )
    assert (found.name, found.threads, found.kind) == ("my-board", 2, made.kind)
    assert device("My-Board", tmp_path).name == "my-board"
    assert next(iter(devices(tmp_path))) == "my-board"


def test_five_timings_say_how_far_off_predictions_are() -> None:
    made = fit_timings(TIMINGS, "my-board")
    assert made.error is not None
    assert 0 < made.error < 0.5
    assert made.coverage is not None
    assert fit_timings(TIMINGS[:4], "my-board").error is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"features": [], "timings": []}', "nonsense"])
def test_a_damaged_file_is_refused_with_its_cure(text: str) -> None:
    with pytest.raises(FormatError, match="fit it again with: audit devices fit"):
        from_json(text)


def test_a_file_says_what_it_is_made_of() -> None:
    text = to_json(fit_timings(TIMINGS, "my-board"), TIMINGS)
    assert '"network": "resnet18"' in text
    assert from_json(text).timed == tuple(timing.network for timing in TIMINGS)


@pytest.mark.parametrize("name", ["", "../mine", "My Board", "a/b", "-a"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormatError, match="small letters, digits and hyphens"):
        keep(fit_timings(TIMINGS, name), TIMINGS, tmp_path)
