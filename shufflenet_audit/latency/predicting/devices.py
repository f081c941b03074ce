"""The devices that there are: data sheets, and this machine once it has been measured."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from shufflenet_audit.errors import FormatError, NotFoundError
from shufflenet_audit.latency.predicting.datasheet import DEVICES
from shufflenet_audit.latency.predicting.device import (
    Device,
    from_json,
    to_json,
)
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.text import contents, human, named

THIS = "this"


def folder() -> Path:
    """Where a measured device is kept: the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "shufflenet-audit"


def devices(kept: Path) -> dict[str, Device]:
    """All devices by name. Raises FormatError if the measured one is damaged."""
    file = _file(kept)
    own = {THIS: from_json(contents(file, "a saved device"))} if file.is_file() else {}
    return {**own, **DEVICES}


def device(name: str, kept: Path) -> Device:
    """The device of that name. Raises NotFoundError and FormatError."""
    known = devices(kept)
    if name.lower() == THIS and THIS not in known:
        message = "this machine has not been measured: do so with: audit devices measure"
        raise NotFoundError(message)
    return named(known, name, "device")


def with_roof(latency: Latency, kept: Path) -> Latency:
    """The latency with the roof of the machine at hand, where it was measured in the same way."""
    try:
        this = devices(kept).get(THIS)
    except FormatError:  # a damaged record is told where a device is asked for, not after measuring
        return latency
    alike = this and latency.device in this.source and latency.threads == this.threads
    usual = latency.backend == "eager" and ("dtype", "float32") in latency.settings
    return replace(latency, roof=this.roof) if this and alike and usual else latency


def keep(measured: Device, kept: Path) -> Path:
    """Keep a measured device for later; where it is kept."""
    kept.mkdir(parents=True, exist_ok=True)
    file = _file(kept)
    file.write_text(to_json(measured), encoding="utf-8")
    return file


def table(shown: Iterable[Device]) -> str:
    """Devices with what is known of them, as text."""
    return "\n".join(line for device in shown for line in _lines(device)) + "\n"


def _lines(shown: Device) -> Iterator[str]:
    how = "measured" if shown.measured else "not measured"
    yield f"{shown.name} ({how}, {shown.threads} thread{'s' if shown.threads > 1 else ''})"
    yield f"  {human(shown.macs_per_second)} multiply–adds per second at best"
    for size, rate in shown.bandwidth:
        where = f", {human(size, 'B')} touched" if size else ""
        yield f"  {human(rate, 'B')}/s{where}"
    if shown.error is not None:
        yield f"  predictions off by up to {shown.error:.0%} on 8 of 10 networks left out of a fit"
    yield f"  source: {shown.source}"


def _file(kept: Path) -> Path:
    return kept / f"{THIS}.json"
