"""
Learns what devices have in common from the published table, and stores it with the program.

python benchmarks/learn_prior.py PATH_TO_PUBLISHED

Writes `prior.json` (what a device is before it is timed) and `devices.json` (the times of all
devices of the table with 15 networks or more, and those of the two papers) into
`shufflenet_audit/latency/predicting/`. The same table gives the same bytes. Each device has the
error of predictions of a network left out of its fit, with a prior from devices with other chips.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from device_names import names
from numpy.typing import NDArray
from paper_table import TABLE_8_SOURCE, TABLES_SOURCE, Speed, phone_speeds, speeds
from published_errors import parted
from published_table import KINDS, SOURCE, Run, Table, read

import shufflenet_audit.latency.predicting
from shufflenet_audit.latency.predicting.features import FEATURES, Numbers
from shufflenet_audit.latency.predicting.learning import learnt
from shufflenet_audit.latency.predicting.posterior import posterior, predicted
from shufflenet_audit.latency.predicting.prior import Prior, as_data

FOLDER: Final = Path(shufflenet_audit.latency.predicting.__path__[0])
LEAST_NETWORKS: Final = 15
"""Networks that a run must have for its device to come with the program."""
LEAST_TRUSTED: Final = 5
"""How many of these must repeat well."""
_DIGITS: Final = "{:.5g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("published", type=Path)
    table = read(parser.parse_args().published)
    priors = {kind: learnt(kind, table.learnable(table.of_kind(kind))) for kind in KINDS}
    _write("prior.json", _prior_data(table, priors))
    devices = dict(sorted(_table_devices(table)))
    sets, paper = _paper(priors)
    sources = {"ncnn": SOURCE, "v2": TABLES_SOURCE, "v1": TABLE_8_SOURCE}
    _write("devices.json", {"sources": sources, "sets": sets, "devices": devices | paper})
    print(f"{len(devices)} devices of the table, {len(paper)} of the papers")


def _write(name: str, data: Mapping[str, Any]) -> None:
    """One line for each entry of the second level, so that a change of a few shows as few."""
    file = FOLDER / name
    parts = (_entry(key, value) for key, value in data.items())
    file.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    print(f"{file.name}: {file.stat().st_size / 1e3:.0f} kB")


def _entry(key: str, value: Any) -> str:
    compact = {"separators": (",", ":"), "ensure_ascii": False}
    if not isinstance(value, Mapping):
        return f" {json.dumps(key)}: {json.dumps(value, **compact)}"
    lines = (f"  {json.dumps(name)}: {json.dumps(each, **compact)}"
             for name, each in value.items())  # fmt: skip
    return f" {json.dumps(key)}: {{\n" + ",\n".join(lines) + "\n }"


def _prior_data(table: Table, priors: Mapping[str, Prior]) -> dict[str, Any]:
    return {
        "source": SOURCE,
        "made_by": "benchmarks/learn_prior.py",
        "features": list(FEATURES),
        "networks": dict(zip(table.networks, table.features.tolist(), strict=True)),
        "kinds": {kind: as_data(prior) for kind, prior in priors.items()},
    }


def _table_devices(table: Table) -> Iterator[tuple[str, dict[str, Any]]]:
    named = dict(zip(map(id, table.runs), names(table.runs).values(), strict=True))
    for kind in KINDS:
        asked = {id(run) for run in table.runs if run.kind == kind and _is_shown(table, run)}
        for others, left in parted(tuple(run for run in table.runs if run.kind == kind)):
            able = {id(run) for run in table.of_kind(kind)}
            prior = learnt(kind, table.learnable(tuple(r for r in others if id(r) in able)))
            for run in left:
                if id(run) in asked:
                    yield named[id(run)], _device(table, run, prior)


def _is_shown(table: Table, run: Run) -> bool:
    trusted = int(np.isfinite(table.seconds((run,))).sum())
    return len(run.rows) >= LEAST_NETWORKS and trusted >= LEAST_TRUSTED


def _device(table: Table, run: Run, prior: Prior) -> dict[str, Any]:
    (seconds,) = table.seconds((run,))
    error, coverage = _left_out(prior, (table.features, seconds), np.array(table.families))
    return {
        "device": run.device,
        "set": "ncnn",
        "kind": run.kind,
        "threads": run.threads,
        "error": error,
        "coverage": coverage,
        "milliseconds": [_number(each * 1e3) for each in seconds],
    }


def _left_out(
    prior: Prior, timings: tuple[Numbers, Numbers], families: NDArray[np.int_]
) -> tuple[float, float]:
    """Median error on networks left out, each with its family, and how often the interval held."""
    features, seconds = timings
    errors, held = [], []
    for at in np.flatnonzero(np.isfinite(seconds)):
        others = np.flatnonzero(np.isfinite(seconds) & (families != families[at]))
        device = posterior(prior, features[others], seconds[others])
        (median,), (low,), (high,) = predicted(device, features[at : at + 1])
        errors.append(abs(median / seconds[at] - 1))
        held.append(low <= seconds[at] <= high)
    return round(float(np.median(errors)), 3), round(float(np.mean(held)), 3)


def _paper(priors: Mapping[str, Prior]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Networks and devices of the papers; the priors have seen neither."""
    tables, phone = tuple(speeds()), tuple(phone_speeds())
    kinds = {"GPU": "gpu", "ARM": "cpu", "820": "cpu"}
    described = {
        "gtx-1080ti-2017": ("GPU", "v2", "NVIDIA GTX 1080Ti, cuDNN 7"),
        "snapdragon-810-2017": ("ARM", "v2", "Snapdragon 810, one thread"),
        "snapdragon-820-2017": ("820", "v1", "Snapdragon 820, one thread"),
    }
    sets: dict[str, Any] = {"v2": _features(tables), "v1": _features(phone)}
    devices = {}
    for name, (platform, source, device) in described.items():
        own = {each.network: each for each in (*tables, *phone) if each.platform == platform}
        milliseconds = [own[label].milliseconds if label in own else None for label in sets[source]]
        amounts = np.array([each.amounts for each in own.values()])
        seconds = np.array([each.milliseconds / 1e3 for each in own.values()])
        kind = kinds[platform]
        error, coverage = _left_out(priors[kind], (amounts, seconds), np.arange(len(seconds)))
        devices[name] = {
            "device": device,
            "set": source,
            "kind": kind,
            "threads": 1,
            "error": error,
            "coverage": coverage,
            "milliseconds": [each and _number(each) for each in milliseconds],
        }
    return sets, devices


def _features(found: Sequence[Speed]) -> dict[str, list[float]]:
    return {each.network: [_rounded(x) for x in each.amounts] for each in found}


def _number(milliseconds: float) -> float | None:
    return _rounded(milliseconds) if np.isfinite(milliseconds) else None


def _rounded(number: float) -> float:
    return float(_DIGITS.format(number))


if __name__ == "__main__":
    main()
