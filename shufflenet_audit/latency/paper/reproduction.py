"""The paper's experiments on this machine: relative speeds, next to the printed ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

import torch

from shufflenet_audit.latency.backend import (
    Backend,
    Clock,
    Session,
    Settings,
)
from shufflenet_audit.latency.measuring.machine import set_up
from shufflenet_audit.latency.measuring.measurement import CLOCK
from shufflenet_audit.latency.measuring.rounds import interleaved
from shufflenet_audit.latency.measuring.spread import seconds
from shufflenet_audit.latency.measuring.task import Subject, task
from shufflenet_audit.latency.paper.experiments import (
    SIZE,
    Case,
    Experiment,
)
from shufflenet_audit.network.timings import Seconds

_WIDTH = 21
_FEWEST = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """The speed of a case relative to the first of its column."""

    case: Case
    """The network."""
    here: Seconds
    """The ratio on this machine, with its interval."""
    paper: float
    """The ratio in the paper."""


@dataclass(frozen=True, slots=True)
class Column:
    """The cells of a column, which ran in turn."""

    name: str
    """The machine of the paper and the size of the networks."""
    cells: tuple[Cell, ...]
    """The cells from the first row to the last."""
    rounds: int = _FEWEST
    """How many times each ran."""

    @property
    def conclusive(self) -> bool:
        """Whether it ran often enough for an interval of 95 %."""
        return self.rounds >= _FEWEST


def columns(made: Experiment) -> tuple[str, ...]:
    """The names of the columns of a table, in its order."""
    return tuple(dict.fromkeys(case.column for case in made.cases))


def column(
    cases: Sequence[Case], runtime: Backend, settings: Settings, clock: Clock = CLOCK
) -> Column:
    """One column of a table, measured. Raises AuditError."""
    with set_up(settings.threads):
        runs = [_session(case, runtime, settings, clock).whole for case in cases]
        times = interleaved(runs, clock, settings)
    first = times[0]
    cells = (
        Cell(case, seconds([a / b for a, b in zip(first, times_of_case, strict=True)]),
             case.speed / cases[0].speed)
        for case, times_of_case in zip(cases, times, strict=True)
    )  # fmt: skip
    return Column(cases[0].column, tuple(cells), len(first))


def verdict(made: Experiment, measured: Sequence[Column]) -> str:
    """One sentence: whether the guideline holds here, in how many columns, and how strongly."""
    last = [part.cells[-1] for part in measured]
    conclusive = [part.cells[-1] for part in measured if part.conclusive]
    agreeing = sum(_agrees(made, cell) for cell in conclusive)
    holds = _holds(agreeing, sum(_contradicts(made, cell) for cell in conclusive), len(last))
    here, paper = (
        median(ratios) for ratios in ([c.here.median for c in last], [c.paper for c in last])
    )
    return (
        f"{made.guideline} ({made.claim}) {holds}, in {agreeing} of {len(last)} columns:"
        f" {last[0].case.label} runs at {here:.2f} times the speed of"
        f" {measured[0].cells[0].case.label}, {paper:.2f} in the paper (medians)"
    )


def _holds(agreeing: int, contrary: int, of: int) -> str:
    if agreeing == of:
        return "holds here"
    if agreeing > of / 2:
        return "mostly holds here"
    if contrary > agreeing:
        return "does not hold here"
    return "holds here in part" if agreeing else "makes no difference that can be seen here"


def text(made: Experiment, measured: Sequence[Column]) -> str:
    """A table of relative speeds: each column here with its interval, and in the paper."""
    lines = [f"{made.name}: speed relative to the first row, here (interval) and in the paper", ""]
    for _, side in groupby(measured, key=lambda part: part.name.partition(" ")[0]):
        lines.extend((*_grid(list(side)), ""))
    return (
        "\n".join((*lines, verdict(made, measured), *(f"note: {note}" for note in notes(measured))))
        + "\n"
    )


def notes(measured: Sequence[Column]) -> tuple[str, ...]:
    """What differs from the paper, and what did not run often enough."""
    texts = [cell.case.note for part in measured for cell in part.cells if cell.case.note]
    texts += [
        f"{part.name} ran only {part.rounds} times, too few for an interval: set a longer --seconds"
        for part in measured
        if not part.conclusive
    ]
    return tuple(dict.fromkeys(texts))


def _grid(measured: Sequence[Column]) -> Iterator[str]:
    labels = [cell.case.label for cell in measured[0].cells]
    width = max(map(len, labels))
    yield "  ".join([" " * width, *(f"{part.name:>{_WIDTH}}" for part in measured)]).rstrip()
    for row, label in enumerate(labels):
        cells = (_shown(part.cells[row]) for part in measured)
        yield "  ".join([f"{label:<{width}}", *(f"{cell:>{_WIDTH}}" for cell in cells)])


def _session(case: Case, runtime: Backend, settings: Settings, clock: Clock) -> Session:
    x = torch.rand((1, case.channels, SIZE, SIZE), generator=torch.Generator().manual_seed(0))
    return runtime.prepare(task(Subject(case.build().eval(), (x,)), settings, clock))


def _agrees(made: Experiment, cell: Cell) -> bool:
    return cell.here.low > 1 if made.faster else cell.here.high < 1


def _contradicts(made: Experiment, cell: Cell) -> bool:
    return cell.here.high < 1 if made.faster else cell.here.low > 1


def _shown(cell: Cell) -> str:
    here = cell.here
    return f"{here.median:.2f} ({here.low:.2f}–{here.high:.2f}) {cell.paper:.2f}"
