"""
How far off predicted latency is: devices, and networks, that were left out of what it learnt from.

python benchmarks/published.py PATH_TO_PUBLISHED [--docs docs]

Devices are left out in five parts, all with the same chip together; networks in five parts, with
their integer versions. Of a device that was left out, k networks are timed (drawn three times), and
all others predicted. With `--docs` the table and the picture of `docs/prediction.md` are written.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import log10
from pathlib import Path
from typing import Final

import numpy as np
from published_errors import (
    COUNTS,
    USUAL,
    Prediction,
    both_left_out,
    devices_left_out,
    kind_left_out,
)
from published_table import KINDS, Table, read

from shufflenet_audit.latency.predicting.published_devices import published_devices

_CALLED: Final = {"cpu": "CPU, 1 thread", "cpu-threads": "CPU, threads", "gpu": "GPU (Vulkan)"}
_SETTINGS: Final[Mapping[str, Callable[[Table, str], Iterator[Prediction]]]] = {
    "devices": devices_left_out,
    "devices and networks": both_left_out,
    "devices and their kind": kind_left_out,
}
_HEADER: Final = (
    "| left out | runs on | k | median error | within ±10 % | ±20 % | 90 % interval holds |"
    " multiply–adds alone | memory access alone |\n|---|---|---|---|---|---|---|---|---|"
)
_PICTURED_SETTING: Final = "devices"
_POOR: Final = 0.2
_SHOWN: Final = 5
_PICTURED: Final = 700
"""Dots in each part of the picture, spread evenly over all."""
_BEGIN, _END = "<!-- measured: benchmarks/published.py -->", "<!-- end -->"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("published", type=Path)
    parser.add_argument("--docs", type=Path)
    given = parser.parse_args()
    table = read(given.published)
    lines, pictured = [_HEADER], {}
    print(_HEADER)
    for left, kind, found in _measured(table):
        rows = list(_rows(left, kind, found))
        print("\n".join(rows), flush=True)
        lines += rows
        if left == _PICTURED_SETTING:
            pictured[_CALLED[kind]] = [each for each in found if each.timed == _SHOWN]
    lines += ["", *_repeats(table), "", *_poor()]
    print("\n".join(lines[-8:]))
    if given.docs:
        _write(given.docs / "prediction.md", lines)
        picture = given.docs / "images" / "prediction.svg"
        picture.write_text(_picture(pictured), encoding="utf-8")


def _measured(table: Table) -> Iterator[tuple[str, str, Sequence[Prediction]]]:
    """What is left out, the kind of device, and predictions."""
    for left, predictions in _SETTINGS.items():
        for kind in KINDS:
            if kind != USUAL or predictions is not kind_left_out:
                yield left, kind, tuple(predictions(table, kind))


def _rows(left: str, kind: str, found: Sequence[Prediction]) -> Iterator[str]:
    for count in COUNTS:
        yield _row((left, _CALLED[kind], count), [each for each in found if each.timed == count])
        if count == _SHOWN:
            floats = [p for p in found if p.timed == count and not p.network.endswith("_int8")]
            if len(floats) < sum(each.timed == count for each in found):
                yield _row((left, f"{_CALLED[kind]}, float networks", count), floats)


def _row(labels: tuple[str, str, int], found: Sequence[Prediction]) -> str:
    errors = np.array([each.error for each in found])
    simple = [_median(abs(p.by_macs / p.measured - 1) for p in found),
              _median(abs(p.by_memory / p.measured - 1) for p in found)]  # fmt: skip
    left, kind, count = labels
    return (
        f"| {left} | {kind} | {count} | {_percent(float(np.median(errors)))} |"
        f" {np.mean(errors <= 0.1):.0%} | {np.mean(errors <= _POOR):.0%} |"
        f" {np.mean([each.covered for each in found]):.0%} | {simple[0]} | {simple[1]} |"
    ).replace("%", " %")


def _median(errors: Iterable[float]) -> str:
    found = np.median(list(errors))
    return "–" if np.isnan(found) else f"{found:.0%}"


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _repeats(table: Table) -> Iterator[str]:
    yield "| runs on | rows | slowest ÷ fastest: median | 9 of 10 below | left out |"
    yield "|---|---|---|---|---|"
    for kind in KINDS:
        ratios = np.array([row.repeats for run in table.runs if run.kind == kind
                           for row in run.rows.values()])  # fmt: skip
        median, most = np.percentile(ratios, (50, 90))
        yield (
            f"| {_CALLED[kind]} | {len(ratios):,} | {median:.2f} | {most:.2f} |"
            f" {np.mean(ratios > 1.25):.0%} |"
        ).replace("%", " %")


def _poor() -> Iterator[str]:
    """Devices whose predictions are far off, by name."""
    devices = published_devices()
    errors = sorted(((devices.summary(name).error, name) for name in devices), reverse=True)
    poor = [f"`{name}` {error:.0%}".replace("%", " %") for error, name in errors if error > _POOR]
    yield f"{len(poor)} of {len(devices)} devices: {', '.join(poor)}."


def _write(page: Path, lines: Sequence[str]) -> None:
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    middle = "\n".join(lines)
    page.write_text(f"{before}{_BEGIN}\n\n{middle}\n\n{_END}{after}", encoding="utf-8")


_SIDE, _MARGIN, _LOW, _HIGH = 280, 46, -3.5, 2.0


def _picture(parts: Mapping[str, Sequence[Prediction]]) -> str:
    """Predicted against measured, one dot a network of a device; both scales are logarithmic."""
    width, height = len(parts) * (_SIDE + _MARGIN) + _MARGIN, _SIDE + 2 * _MARGIN
    body = "\n".join(_part(at, *each) for at, each in enumerate(parts.items()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' font-family="sans-serif" font-size="11">\n'
        f"<title>Predicted against measured time, {_SHOWN} networks timed on each device</title>\n"
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _part(at: int, title: str, found: Sequence[Prediction]) -> str:
    left, step = _MARGIN + at * (_SIDE + _MARGIN), max(1, len(found) // _PICTURED)
    dots = "".join(f'<circle cx="{_at(p.measured):.1f}" cy="{_SIDE - _at(p.median):.1f}" r="1.6"/>'
                   for p in found[::step])  # fmt: skip
    ticks = "".join(_tick(power) for power in range(-3, 3))
    return (
        f'<g transform="translate({left},{_MARGIN})">'
        f'<text x="{_SIDE / 2}" y="-14" text-anchor="middle" font-size="13">{title}</text>'
        f'<path d="M0 {_SIDE}L{_SIDE} 0M0 0V{_SIDE}H{_SIDE}" fill="none" stroke="#999"/>{ticks}'
        f'<g fill="#1664a8" fill-opacity="0.45">{dots}</g>'
        f'<text x="{_SIDE / 2}" y="{_SIDE + 34}" text-anchor="middle">measured, seconds</text>'
        f'<text transform="translate(-34,{_SIDE / 2}) rotate(-90)" text-anchor="middle">'
        "predicted, seconds</text></g>"
    )


def _tick(power: int) -> str:
    place = _at(10.0**power)
    label = f"{10.0**power:g}"
    return (
        f'<text x="{place:.0f}" y="{_SIDE + 15}" text-anchor="middle">{label}</text>'
        f'<text x="-5" y="{_SIDE - place + 4:.0f}" text-anchor="end">{label}</text>'
    )


def _at(seconds: float) -> float:
    return (log10(seconds) - _LOW) / (_HIGH - _LOW) * _SIDE


if __name__ == "__main__":
    main()
