"""The paper's experiments as they came out here: as text with charts, as Markdown, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from statistics import median
from typing import Any, Final

from shufflenet_audit.latency.paper import figure2
from shufflenet_audit.latency.paper.experiments import Experiment
from shufflenet_audit.latency.paper.reproduction import (
    Cell,
    Column,
    notes,
    text,
    verdict,
)
from shufflenet_audit.network.breakdown import by_category, chart
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.text import bar

_BAR: Final = 24
VERSION: Final = 1
"""Of the JSON form."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the paper, measured."""

    made: Experiment
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What was repeated, on which machine and how; the networks of Figure 2 by their names."""

    machine: str
    backend: str
    threads: int
    tables: tuple[Table, ...] = ()
    figure: Mapping[str, Latency] | None = None


def plain(found: Reproduction) -> str:
    """As text: each table with a chart and a sentence, and the figure."""
    tables = (f"{text(each.made, each.columns)}\n{''.join(_charts(each))}" for each in found.tables)
    figure = (figure2.text(found.figure),) if found.figure else ()
    return "\n".join((f"on {_how(found)}\n", *tables, *figure))


def markdown(found: Reproduction) -> str:
    """As Markdown: tables, charts as text, and a sentence for each guideline."""
    return "\n".join(_markdown(found)) + "\n"


def document(found: Reproduction) -> str:
    """As JSON."""
    whole = {
        "version": VERSION,
        "machine": found.machine,
        "backend": found.backend,
        "threads": found.threads,
        "tables": [_table(each) for each in found.tables],
        "figure2": [_network(*each) for each in (found.figure or {}).items()],
    }
    return json.dumps(whole, indent=1) + "\n"


FORMS: Final = {"text": plain, "markdown": markdown, "json": document}
"""By name."""


def _how(found: Reproduction) -> str:
    threads = "1 thread" if found.threads == 1 else f"{found.threads} threads"
    return f"{found.machine}, {threads}, {found.backend}"


def _sides(table: Table) -> Iterator[tuple[str, list[Column]]]:
    """The columns of each of the paper's machines."""
    for name, side in groupby(table.columns, key=lambda column: column.name.partition(" ")[0]):
        yield name, list(side)


def _charts(table: Table) -> Iterator[str]:
    for name, side in _sides(table):
        yield f"speed here, and on the paper's {name} (medians of its columns)\n\n"
        yield f"{_chart(side)}\n\n"


def _chart(side: Sequence[Column]) -> str:
    """Two bars for each row: the speed here and in the paper."""
    rows = list(zip(*(column.cells for column in side), strict=True))
    speeds = [_speeds(row) for row in rows]
    most = max((speed for pair in speeds for speed in pair), default=1.0)
    labels = [row[0].case.label for row in rows]
    width = max(map(len, labels), default=0)
    lines = []
    for label, pair in zip(labels, speeds, strict=True):
        for speed, (shown, whose) in zip(pair, ((label, "here"), ("", "paper")), strict=True):
            drawn = bar(speed / most, _BAR)
            lines.append(f"{shown:<{width}}  {whose:<5}  {drawn:<{_BAR}}  {speed:.2f}")
    return "\n".join(lines)


def _speeds(row: Iterable[Cell]) -> tuple[float, float]:
    cells = list(row)
    return median(cell.here.median for cell in cells), median(cell.paper for cell in cells)


def _markdown(found: Reproduction) -> Iterator[str]:
    yield from ("# The experiments of ShuffleNet V2, repeated", "", f"On {_how(found)}.")
    for table in found.tables:
        made = table.made
        yield from ("", f"## Table {made.name[-1]}: {made.guideline}, {made.claim}", "")
        yield from (f"**{verdict(made, table.columns)}.**", "")
        yield "Speed relative to the first row, here (interval), and in the paper."
        for name, side in _sides(table):
            yield from ("", *_grid(side), "")
            yield f"Here, and on the paper's {name} (medians of the columns):"
            yield from ("", "```text", _chart(side), "```")
        yield from (line for note in notes(table.columns) for line in ("", note))
    for name, latency in (found.figure or {}).items():
        yield from ("", f"## Figure 2: {name}", "", *_shares(name, latency), "")
        yield from ("```text", chart(by_category(latency)), "```")


def _grid(side: Sequence[Column]) -> Iterator[str]:
    titles = ["", *(title for column in side for title in (column.name, "paper"))]
    yield _row(titles)
    yield _row(["---", *("---:" for _ in titles[1:])])
    for row in zip(*(column.cells for column in side), strict=True):
        cells = (text for cell in row for text in (_here(cell), f"{cell.paper:.2f}"))
        yield _row([row[0].case.label, *cells])


def _here(cell: Cell) -> str:
    here = cell.here
    return f"{here.median:.2f} ({here.low:.2f}–{here.high:.2f})"


def _shares(name: str, latency: Latency) -> Iterator[str]:
    paper = figure2.printed(name)
    yield _row(["", "here", *paper])
    yield _row(["---", *("---:" for _ in range(len(paper) + 1))])
    for part in by_category(latency):
        theirs = ("" if part.within else figure2.share(each, part.name) for each in paper.values())
        yield _row([part.name, f"{part.share:.1%}", *theirs])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(table: Table) -> dict[str, Any]:
    made = table.made
    return {
        "name": made.name,
        "guideline": made.guideline,
        "claim": made.claim,
        "verdict": verdict(made, table.columns),
        "columns": [
            {"name": column.name, "cells": [_cell(cell) for cell in column.cells]}
            for column in table.columns
        ],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    case = cell.case
    return {
        "row": case.label,
        "channels": case.channels,
        "note": case.note,
        "here": asdict(cell.here),
        "paper": cell.paper,
    }


def _network(name: str, latency: Latency) -> dict[str, Any]:
    return {
        "network": name,
        "total": asdict(latency.total),
        "notes": list(latency.notes),
        "here": [asdict(part) for part in by_category(latency)],
        "paper": figure2.printed(name),
    }
