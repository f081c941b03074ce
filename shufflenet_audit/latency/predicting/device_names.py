"""Names of the devices that there are, found without importing what predicts for them."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Final

from shufflenet_audit.latency.predicting.datasheet import DEVICES

THIS: Final = "this"
"""The machine at hand."""


def folder() -> Path:
    """Where measured and fitted devices are kept: the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "shufflenet-audit"


def this_file(kept: Path) -> Path:
    """The file of the machine at hand, there or not."""
    return kept / f"{THIS}.json"


def fitted_folder(kept: Path) -> Path:
    """Where devices that the user fitted are kept."""
    return kept / "devices"


def names(kept: Path) -> tuple[str, ...]:
    """All names: this machine once measured, the user's own, data sheets, published timings."""
    this = (THIS,) if this_file(kept).is_file() else ()
    own = (file.stem for file in sorted(fitted_folder(kept).glob("*.json")))
    text = (files(__package__) / "devices.json").read_text(encoding="utf-8")
    return tuple(dict.fromkeys((*this, *own, *DEVICES, *json.loads(text)["devices"])))
