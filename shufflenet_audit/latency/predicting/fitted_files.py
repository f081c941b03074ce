"""Devices that a user has fitted, kept as the timings that they were fitted to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from shufflenet_audit.errors import FormatError
from shufflenet_audit.latency.predicting.device_names import fitted_folder
from shufflenet_audit.latency.predicting.features import FEATURES
from shufflenet_audit.latency.predicting.fitted_device import FittedDevice, fit_timings
from shufflenet_audit.latency.predicting.timings import Timed
from shufflenet_audit.text import contents

_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VERSION: Final = 1


class FittedFiles(Mapping[str, FittedDevice]):
    """The devices in a folder by name; each is read when it is looked up."""

    def __init__(self, kept: Path) -> None:
        self._folder = fitted_folder(kept)

    def __getitem__(self, name: str) -> FittedDevice:
        if name not in list(self):
            raise KeyError(name)
        return from_json(contents(self._folder / f"{name}.json", "a fitted device"))

    def __iter__(self) -> Iterator[str]:
        return (file.stem for file in sorted(self._folder.glob("*.json")))

    def __len__(self) -> int:
        return len(list(iter(self)))


def keep(device: FittedDevice, timings: Sequence[Timed], kept: Path) -> Path:
    """Keep the timings of a fitted device; where they are kept. Raises FormatError."""
    if not _NAME.fullmatch(device.name):
        message = f"{device.name!r} is no name for a device: use small letters, digits and hyphens"
        raise FormatError(message)
    folder = fitted_folder(kept)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{device.name}.json"
    file.write_text(to_json(device, timings), encoding="utf-8")
    return file


def to_json(device: FittedDevice, timings: Sequence[Timed]) -> str:
    """A fitted device as JSON text: its kind, and the timings with the work of their networks."""
    saved = {
        "version": _VERSION,
        "name": device.name,
        "kind": device.kind,
        "threads": device.threads,
        "features": list(FEATURES),
        "timings": [
            {"network": each.network, "seconds": each.seconds, "amounts": each.amounts.tolist()}
            for each in timings
        ],
    }
    return json.dumps(saved, indent=1) + "\n"


def from_json(text: str) -> FittedDevice:
    """The device that was saved as this text. Raises FormatError."""
    try:
        saved: dict[str, Any] = json.loads(text)
        _check_features(saved["features"])
        timings = tuple(
            Timed(each["network"], np.array(each["amounts"], dtype=float), float(each["seconds"]))
            for each in saved["timings"]
        )
        return fit_timings(timings, saved["name"], kind=saved["kind"], threads=saved["threads"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"not a fitted device: {error}; fit it again with: audit devices fit"
        raise FormatError(message) from error


def _check_features(names: list[str]) -> None:
    if names != list(FEATURES):
        message = "another version of the program kept it"
        raise ValueError(message)
