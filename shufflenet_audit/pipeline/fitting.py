"""A device fitted to a file of timings, each of a model that is loaded and costed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shufflenet_audit.errors import AuditError, FormatError
from shufflenet_audit.latency.predicting.features import features
from shufflenet_audit.latency.predicting.fitted_device import FittedDevice, fit_timings
from shufflenet_audit.latency.predicting.times_file import TimesRow, rows
from shufflenet_audit.latency.predicting.timings import Timed
from shufflenet_audit.network.graph import CostGraph


@dataclass(frozen=True, slots=True)
class Fit:
    """A device, and the timings that it was fitted to."""

    device: FittedDevice
    """The device."""
    timings: tuple[Timed, ...]
    """The networks that were timed on it."""


def fit(file: Path, name: str, kind: str | None = None) -> Fit:
    """The device of that name with the timings in a file. Raises AuditError."""
    found = rows(file)
    threads = _threads(file, found)
    timings = tuple(_timed(file, row) for row in found)
    return Fit(fit_timings(timings, name, kind=kind, threads=threads), timings)


def _threads(file: Path, found: Sequence[TimesRow]) -> int:
    """How many threads ran the networks: one device has one number of them."""
    said = sorted({row.threads for row in found if row.threads is not None})
    if len(said) > 1:
        message = (
            f"{file} has times with {' and '.join(map(str, said))} threads: fit a device for each"
        )
        raise FormatError(message)
    return said[0] if said else 1


def _timed(file: Path, row: TimesRow) -> Timed:
    try:
        amounts = features(_network(row))
    except AuditError as error:
        message = f"{file}:{row.line}: {error}"
        raise type(error)(message) from error
    if not amounts.any():
        message = f"{file}:{row.line}: {row.model} has no op of known cost: leave out the line"
        raise FormatError(message)
    return Timed(row.model, amounts, row.seconds)


def _network(row: TimesRow) -> CostGraph:
    from shufflenet_audit.loading import InputSpec, Request, load  # noqa: PLC0415  (it needs torch)
    from shufflenet_audit.pipeline.audit import network  # noqa: PLC0415
    from shufflenet_audit.pipeline.times import sized  # noqa: PLC0415

    path = Path(row.model)
    if path.suffix == ".json" and path.is_file():
        return _saved(path)
    inputs = (InputSpec.parse(row.input),) if row.input else ()
    loaded = load(Request(row.model, {}, inputs))
    return network(sized(loaded, row.batch))[0]


def _saved(path: Path) -> CostGraph:
    from shufflenet_audit.results.audit import Audit  # noqa: PLC0415  (few rows name one)
    from shufflenet_audit.text import contents  # noqa: PLC0415

    return Audit.from_json(contents(path, "a saved audit")).graph
