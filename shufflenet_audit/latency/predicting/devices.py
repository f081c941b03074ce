"""The devices that there are: this machine once measured, one's own, data sheets, published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

from shufflenet_audit.errors import FormatError, NotFoundError
from shufflenet_audit.latency.predicting.datasheet import DEVICES
from shufflenet_audit.latency.predicting.device import (
    Device,
    from_json,
    to_json,
)
from shufflenet_audit.latency.predicting.device_names import THIS, this_file
from shufflenet_audit.latency.predicting.fitted_device import FittedDevice
from shufflenet_audit.latency.predicting.fitted_files import FittedFiles
from shufflenet_audit.latency.predicting.predictor import Predictor
from shufflenet_audit.latency.predicting.published_devices import Summary, published_devices
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.text import contents, did_you_mean, human


class Devices(Mapping[str, Predictor]):
    """Devices of several origins by name; of one name the first counts. None is made in vain."""

    def __init__(self, *parts: Mapping[str, Predictor]) -> None:
        self._parts = parts

    def __getitem__(self, name: str) -> Predictor:
        for part in self._parts:
            if name in part:
                return part[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(chain.from_iterable(self._parts)))

    def __len__(self) -> int:
        return len(set(chain.from_iterable(self._parts)))


def devices(kept: Path) -> Devices:
    """All devices by name. Raises FormatError if the measured one is damaged."""
    file = this_file(kept)
    this = {THIS: from_json(contents(file, "a saved device"))} if file.is_file() else {}
    return Devices(this, FittedFiles(kept), DEVICES, published_devices())


def device(name: str, kept: Path) -> Predictor:
    """The device of that name. Raises NotFoundError and FormatError."""
    known = devices(kept)
    by_name = {each.lower(): each for each in known}
    if name.lower() in by_name:
        return known[by_name[name.lower()]]
    if name.lower() == THIS:
        message = "this machine has not been measured: do so with: audit devices measure"
        raise NotFoundError(message)
    hint = did_you_mean(name, known, otherwise=f"audit devices lists the {len(known)} there are")
    message = f"no device is called {name!r}: {hint}"
    raise NotFoundError(message)


def with_roof(latency: Latency, kept: Path, backend: str) -> Latency:
    """
    The latency with the roof of the machine at hand, where it was measured in the same way.

    `backend` names the one that machines are measured with.
    """
    try:
        this = devices(kept).get(THIS)
    except FormatError:  # a damaged record is told where a device is asked for, not after measuring
        return latency
    alike = this and latency.device in this.source and latency.threads == this.threads
    usual = latency.backend == backend and ("dtype", "float32") in latency.settings
    return replace(latency, roof=this.roof) if this and alike and usual else latency


def keep(measured: Device, kept: Path) -> Path:
    """Keep a measured device for later; where it is kept."""
    kept.mkdir(parents=True, exist_ok=True)
    file = this_file(kept)
    file.write_text(to_json(measured), encoding="utf-8")
    return file


def table(shown: Iterable[Predictor]) -> str:
    """Devices with what is known of them, as text."""
    return "\n".join(line for device in shown for line in _lines(device)) + "\n"


def listing(kept: Path) -> str:
    """All devices, those with timings of networks in a line each. Raises FormatError."""
    known = devices(kept)
    published = published_devices()
    others = [name for name in known if name not in published]
    lines = [_line(published.summary(name)) for name in published]
    note = f"{len(published)} devices from published timings; more: audit devices show NAME"
    return table(known[name] for name in others) + "\n".join(["", note, *lines]) + "\n"


def _line(summary: Summary) -> str:
    return (
        f"  {summary.name:36} {summary.kind:12} {summary.networks:3} networks,"
        f" off by {summary.error:.0%}"
    )


def _lines(shown: Predictor) -> Iterator[str]:
    how = "measured" if shown.measured else "not measured"
    yield f"{shown.name} ({how}, {shown.threads} thread{'s' if shown.threads > 1 else ''})"
    if isinstance(shown, FittedDevice):
        yield from _fit(shown)
    elif isinstance(shown, Device):
        yield from _rates(shown)
    yield f"  source: {shown.source}"


def _rates(shown: Device) -> Iterator[str]:
    yield f"  {human(shown.macs_per_second)} multiply–adds per second at best"
    for size, rate in shown.bandwidth:
        where = f", {human(size, 'B')} touched" if size else ""
        yield f"  {human(rate, 'B')}/s{where}"
    if shown.error is not None:
        yield f"  predictions off by up to {shown.error:.0%} on 8 of 10 networks left out of a fit"


def _fit(shown: FittedDevice) -> Iterator[str]:
    yield f"  like other devices of the kind {shown.kind}; {len(shown.timed)} networks were timed"
    if shown.error is not None:
        yield f"  predictions off by {shown.error:.0%} (median) on networks left out of the fit"
    if shown.coverage is not None:
        yield f"  90 % intervals held the time of {shown.coverage:.0%} of them"
    if shown.misfits:
        yield f"  timings that do not fit the others: {', '.join(shown.misfits)}"
