"""
Runs small models whose multiply–adds were worked out by hand, and torchvision's, through counters.

    python benchmarks/peers.py                 per tool: right, silently (near) zero, crashed
    python benchmarks/peers.py --cases         and what each gives for each case
    python benchmarks/peers.py --tool thop     only this tool; repeatable
    python benchmarks/peers.py --reconcile     what each prints, beside what we say it prints

Each count is made in a process of its own, since some tools leave patches behind.
"""

from __future__ import annotations

import sys
from collections import Counter as TallyCounter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from io import StringIO
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click
import torch
from counters import COUNTERS, Counter
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import nn
from torchvision.models import get_model, get_model_weights

from shufflenet_audit import trace

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from micro_cases import CASES

conventions = import_module("shufflenet_audit.reports.reconcile.conventions")
CONVENTIONS, reconciled = conventions.CONVENTIONS, conventions.reconciled

NETWORKS = (
    "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "googlenet", "mnasnet1_0",
    "mobilenet_v2", "mobilenet_v3_large", "regnet_y_400mf", "resnet50", "resnext50_32x4d",
    "shufflenet_v2_x1_0", "swin_t", "vgg16", "vit_b_16",
)  # fmt: skip
"""vit_b_16 is shown, but not among those that are summed up: its attention decides alone."""

_SECONDS = 60
_NEAR, _LOOSE, _NOTHING = 0.01, 0.02, 0.02


@dataclass(frozen=True, slots=True)
class Task:
    """A model, its inputs, and how many multiply–adds it has."""

    name: str
    build: Callable[[], nn.Module]
    inputs: Callable[[], Sequence[Any]]
    macs: float


@dataclass(frozen=True, slots=True)
class Count:
    """What a tool gave, in multiply–adds, or how it failed."""

    task: Task
    macs: float | None
    error: str = ""

    def within(self, share: float) -> bool:
        """Whether it is that near to the truth."""
        return self.macs is not None and abs(self.macs - self.task.macs) <= share * self.task.macs

    @property
    def silent(self) -> bool:
        """Whether work is there, and (nearly) none was counted, with no error."""
        return self.macs is not None and self.macs < _NOTHING * self.task.macs

    def __str__(self) -> str:
        if self.macs is None:
            return self.error
        mark = (
            " " if self.within(0) else "≈" if self.within(_LOOSE) else "0" if self.silent else "✗"
        )
        return f"{self.macs:,.0f} {mark}"


def micro_tasks() -> tuple[Task, ...]:
    return tuple(Task(each.name, each.build, each.inputs, each.macs) for each in CASES)


def network_tasks() -> tuple[Task, ...]:
    def task(name: str) -> Task:
        giga = get_model_weights(name).DEFAULT.meta["_ops"]
        return Task(
            name,
            lambda: get_model(name),
            lambda: [torch.zeros(1, 3, size(name), size(name))],
            giga * 1e9,
        )

    return tuple(map(task, NETWORKS))


def size(name: str) -> int:
    """The side of the images that `_ops` was stated for."""
    size = get_model_weights(name).DEFAULT.transforms().crop_size
    return int(size[0])


def counted(counter: Counter, task: Task) -> Count:
    """What the tool gives for this model, in a process of its own."""
    here, there = get_context("fork").Pipe(duplex=False)
    process = get_context("fork").Process(target=_answer, args=(there, counter, task))
    process.start()
    there.close()
    try:
        if not here.poll(_SECONDS):
            return Count(task, None, f"no answer in {_SECONDS} s")
        answer = here.recv()
    except EOFError:
        return Count(task, None, "its process died")
    finally:
        process.kill()
        process.join()
    return Count(task, None, answer) if isinstance(answer, str) else Count(task, answer)


def _answer(there: Connection, counter: Counter, task: Task) -> None:
    torch.set_num_threads(1)  # threads do not outlive a fork
    sys.stdout = sys.stderr = StringIO()
    try:
        there.send(counter.printed(task.build(), task.inputs()) / counter.per_mac)
    except Exception as error:  # noqa: BLE001  (whatever a tool raises is a result)
        there.send(f"crash: {type(error).__name__}")


def summary(results: dict[str, list[Count]], share: float) -> Table:
    """How often each tool is right, per tool."""
    rows = Table("", "exactly", f"within {share:.0%}", "silently (near) zero", "crashed", "of")
    for name, counts in results.items():
        sums = (
            sum(each.within(0) for each in counts),
            sum(each.within(share) for each in counts),
            sum(each.silent for each in counts),
            sum(each.macs is None for each in counts),
            len(counts),
        )
        rows.add_row(name, *map(str, sums))
    return rows


def detail(tasks: Iterable[Task], results: dict[str, list[Count]]) -> Table:
    """What each tool gives for each model."""
    rows = Table("", "truth", *results)
    for at, task in enumerate(tasks):
        rows.add_row(task.name, f"{task.macs:,.0f}", *(str(each[at]) for each in results.values()))
    return rows


@click.command()
@click.option("--tool", "only", multiple=True, type=click.Choice([c.name for c in COUNTERS]))
@click.option("--cases", is_flag=True, help="Show what each tool gives for each micro case.")
@click.option("--reconcile", is_flag=True, help="Compare what each prints with what we say.")
def main(only: tuple[str, ...], *, cases: bool, reconcile: bool) -> None:
    """Compare counters with counts worked out by hand, and with torchvision's own."""
    console = Console(width=None if sys.stdout.isatty() else 200)
    chosen = [each for each in COUNTERS if not only or each.name in only]
    for each in chosen:
        known = each.version or f"unavailable: pip install {each.distribution}"
        console.print(f"{each.name}: {known}", highlight=False)
    usable = [each for each in chosen if each.version]
    if reconcile:
        _reconcile(console, usable)
        return
    for title, tasks, share in (
        (f"{len(CASES)} micro cases, multiply–adds worked out by hand", micro_tasks(), _LOOSE),
        ("torchvision's networks, multiply–adds as its own meta['_ops']", network_tasks(), _NEAR),
    ):
        results = {each.name: _all(each, tasks) for each in usable}
        console.print(
            f"\n{title}\n(blank exact, ≈ within {_LOOSE:.0%}, 0 silently (near) zero, ✗ wrong)"
        )
        if cases or tasks[0].name in NETWORKS:
            console.print(detail(tasks, results))
        summed = {
            name: [c for c in counts if c.task.name != "vit_b_16"]
            for name, counts in results.items()
        }
        console.print(summary(summed, share))


def _reconcile(console: Console, counters: Sequence[Counter]) -> None:
    """Show where a tool does not print what our conventions say of it."""
    tasks = (*micro_tasks(), *network_tasks())
    graphs = {task.name: trace(task.build(), *task.inputs()) for task in tasks}
    rows = Table("", "as said", "unavailable, as said", "otherwise", "the tool fails")
    odd = Table("", "model", "we say", "it gives")
    for convention in CONVENTIONS:
        for counter in (
            each
            for each in counters
            if each.name in {convention.tool, f"{convention.tool} (aten)"}
            and each.name != "ptflops"
        ):
            seen = TallyCounter[str]()
            for count in _all(counter, tasks):
                [said] = reconciled(graphs[count.task.name], [convention])
                given = None if count.macs is None else count.macs * counter.per_mac
                fate = _fate(said.figure, given)
                seen[fate] += 1
                if fate == "otherwise":
                    odd.add_row(counter.name, count.task.name, f"{said.figure:,}", f"{given:,.0f}")
            fates = ("as said", "unavailable", "otherwise", "fails")
            rows.add_row(counter.name, *(str(seen[fate]) for fate in fates))
    console.print(odd, rows)


def _fate(said: int | None, given: float | None) -> str:
    if given is None:
        return "fails"
    if said is None:
        return "unavailable"
    return "as said" if said == given else "otherwise"


def _all(counter: Counter, tasks: Sequence[Task]) -> list[Count]:
    with suppress(ImportError):
        import_module(counter.distribution)  # once, so that the processes do not each do it
    shown = track(tasks, counter.name, console=Console(stderr=True), transient=True)
    return [counted(counter, task) for task in shown]


if __name__ == "__main__":
    main()
