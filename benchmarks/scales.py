"""
The reference networks and 60 torchvision classifiers on the scale of each rule.

    python benchmarks/scales.py [--rule G1] [--count 60]

One table per rule, the best network first. The lines `best`, `warn` and `fail` stand where the
scale has them, so that a threshold can be seen among the networks that it divides. Reference
networks, which have verdicts in the paper, are marked with a star.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Final, NamedTuple

import click
import torch
from networks import Network, networks
from rich.console import Console
from rich.table import Table

from shufflenet_audit import Audit, Verdict, audit
from shufflenet_audit.checking.guideline import Guideline, Metric, Unit
from shufflenet_audit.zoo import names, resolve

_COUNT: Final = 60
"""Torchvision networks: evenly spread over the alphabet, so that each family has its share."""
_COLORS: Final = {Verdict.PASS: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}


class Row(NamedTuple):
    """A network on the scale of a rule."""

    network: str
    guideline: Guideline
    value: float


@click.command()
@click.option("--rule", "codes", multiple=True, help="Show these rules only, as in G1.")
@click.option("--count", default=_COUNT, show_default=True, help="How many torchvision networks.")
def main(codes: tuple[str, ...], count: int) -> None:
    """Audit the networks, and print a table for each rule."""
    audits = dict(_audits(count))
    first = next(iter(audits.values()))
    console = Console()
    for guideline in first.guidelines:
        if not codes or guideline.code in codes:
            console.print(_table(guideline, audits))


def _audits(count: int) -> Iterator[tuple[str, Audit]]:
    """The reference networks, then those of torchvision."""
    for name in names():
        yield f"{name} *", _reference(name)
    library = [network for network in networks("torchvision") if _is_classifier(network)]
    step = max(len(library) / count, 1.0)
    for index in range(min(count, len(library))):
        network = library[int(index * step)]
        model = network.on_meta()
        yield network.name, audit(model, *network.inputs(model))


def _reference(name: str) -> Audit:
    resolved = resolve(name)
    if resolved is None:
        message = f"no reference network is called {name}"
        raise LookupError(message)
    network, arguments = resolved
    module, function = network.factory.split(":")
    with torch.device("meta"):
        model = getattr(import_module(module), function)(**arguments)
    return audit(model, torch.zeros(network.input_shape, device="meta"))


def _is_classifier(network: Network) -> bool:
    from torchvision import models  # noqa: PLC0415  (it takes seconds)

    return network.name in models.list_models(module=models)


def _table(guideline: Guideline, audits: dict[str, Audit]) -> Table:
    title = f"{guideline.code} {guideline.name}"
    found = [(name, made.guideline(guideline.code)) for name, made in audits.items()]
    rows = [
        Row(name, each, each.metric.value)
        for name, each in found
        if each.metric is not None and each.metric.value is not None
    ]
    metric = next(row.guideline.metric for row in rows)
    assert metric is not None
    table = Table(title=f"{title}: {metric.meaning}", caption=_caption(found))
    for column, justify in (("network", "left"), ("metric", "right"), ("score", "right")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]  # a literal, in a loop
    table.add_column("verdict")
    for cells, style in _lines(rows, metric):
        table.add_row(*cells, style=style)
    return table


def _lines(rows: Iterable[Row], metric: Metric) -> Iterator[tuple[Sequence[str], str]]:
    """Networks and marks of the scale in the order of their values; a mark before its equals."""
    marks = [(getattr(metric, name), name) for name in ("best", "warn", "fail")]
    for row in sorted(rows, key=lambda row: (row.value, row.network)):
        while marks and marks[0][0] <= row.value:
            yield _mark(metric, *marks.pop(0)), "bold"
        shown = (row.network, str(row.guideline.metric), str(row.guideline.score))
        yield (*shown, row.guideline.verdict), _COLORS[row.guideline.verdict]
    yield from ((_mark(metric, *mark), "bold") for mark in marks)


def _mark(metric: Metric, value: float, name: str) -> tuple[str, str, str, str]:
    shown = f"{100 * value:g}%" if metric.unit is Unit.SHARE else f"{value:g}"
    return f"── {name} ──", shown, str(replace(metric, value=value).score), ""


def _caption(found: Sequence[tuple[str, Guideline]]) -> str:
    """How many networks have each verdict, and of how many the guideline does not speak."""
    verdicts = [guideline.verdict for _, guideline in found]
    counts = (f"{verdicts.count(verdict)} {verdict}" for verdict in Verdict if verdict in verdicts)
    return ", ".join(counts).replace("_", " ")


if __name__ == "__main__":
    main()
