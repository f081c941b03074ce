"""The paper's experiments on this machine: relative speeds, beside those that it printed."""

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
    """The speed of a case relative to the first of its column: here, and in the paper."""

    case: Case
    here: Seconds
    paper: float


@dataclass(frozen=True, slots=True)
class Column:
    """
    The cells of a column, which ran in turn, so many times.

    Fewer than six runs give no interval of 95 %: then nothing follows from it.
    """

    name: str
    cells: tuple[Cell, ...]
    rounds: int = _FEWEST

    @property
    def told(self) -> bool:
        """Whether it ran often enough to tell anything apart."""
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
        Cell(case, seconds([a / b for a, b in zip(first, own, strict=True)]),
             case.speed / cases[0].speed)
        for case, own in zip(cases, times, strict=True)
    )  # fmt: skip
    return Column(cases[0].column, tuple(cells), len(first))


def verdict(made: Experiment, measured: Sequence[Column]) -> str:
    """One sentence: whether the guideline holds here, in how many columns, and how strongly."""
    last = [part.cells[-1] for part in measured]
    told = [part.cells[-1] for part in measured if part.told]
    agreeing = sum(_agrees(made, cell) for cell in told)
    holds = _holds(agreeing, sum(_contradicts(made, cell) for cell in told), len(last))
    here, paper = (
        median(each) for each in ([c.here.median for c in last], [c.paper for c in last])
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
    """What could not be built as the paper says, and what did not run often enough."""
    said = [cell.case.note for part in measured for cell in part.cells if cell.case.note]
    said += [
        f"{part.name} ran {part.rounds} times only, too few to tell: give it more --seconds"
        for part in measured
        if not part.told
    ]
    return tuple(dict.fromkeys(said))


def _grid(measured: Sequence[Column]) -> Iterator[str]:
    labels = [cell.case.label for cell in measured[0].cells]
    width = max(map(len, labels))
    yield "  ".join([" " * width, *(f"{part.name:>{_WIDTH}}" for part in measured)]).rstrip()
    for at, label in enumerate(labels):
        cells = (_shown(part.cells[at]) for part in measured)
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
