"""
Traces every model of torchvision and timm, and compares each count with one made without us.

    python benchmarks/coverage.py                       all of them, in two processes
    python benchmarks/coverage.py --library timm --every 8

Results are appended to a file; a second run goes on where the first was stopped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click
import torch
from networks import Network, networks
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from torch.utils.flop_counter import FlopCounterMode

from shufflenet_audit.tracing.trace import Traced, traced

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one network. `reference` is None where there is nothing to compare with."""

    library: str
    name: str
    captured: bool
    on: str = ""
    ops: int = 0
    unknown: tuple[str, ...] = ()
    macs: int = 0
    reference: int | None = None
    params: int = 0
    stated_params: int | None = None
    seconds: float = 0.0
    error: str = ""

    @property
    def difference(self) -> float | None:
        """How far the count is from the reference, as a share of it."""
        return (self.macs - self.reference) / self.reference if self.reference else None

    @property
    def agrees(self) -> bool:
        """Within 1 % of the reference (stated to a million), with as many parameters."""
        if self.reference is None:
            return True
        near = abs(self.macs - self.reference) <= max(0.01 * self.reference, 0.5e6)
        return near and self.stated_params in {None, self.params}


def _rows(left: Sequence[Network], processes: int) -> Iterator[Row]:
    """A row for each network, as they are done. Processes are replaced, so memory comes back."""
    context = get_context("spawn")  # torch's threads do not survive a fork
    for at in range(0, len(left), _AT_ONCE):
        with ProcessPoolExecutor(processes, context) as pool:
            part = [pool.submit(row, network) for network in left[at : at + _AT_ONCE]]
            yield from (future.result() for future in as_completed(part))


def row(network: Network) -> Row:
    """Trace one network."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    try:
        model = network.on_meta()
        inputs = network.inputs(model)
        started = time.perf_counter()
        run = traced(model, inputs, {}, build=network.build)
        seconds = time.perf_counter() - started
        reference = network.macs if network.library == "torchvision" else _counted(run, inputs)
    except Exception as error:  # noqa: BLE001  (whatever a network raises is the result)
        return Row(network.library, network.name, captured=False, error=repr(error)[:500])
    return Row(
        network.library,
        network.name,
        captured=True,
        on=run.on,
        ops=len(run.graph),
        unknown=tuple(sorted({op.target for op in run.graph.unknown})),
        macs=run.graph.total.macs,
        reference=reference,
        params=run.graph.params,
        stated_params=network.params,
        seconds=round(seconds, 3),
    )


def _counted(run: Traced, inputs: Sequence[Any]) -> int:
    """PyTorch's own count of the same run; right where no fast path hides ops from it."""
    torch.backends.mha.set_fastpath_enabled(False)
    model = run.model.eval().requires_grad_(
        requires_grad=False
    )  # else its module tracker fails on some
    if run.on == "meta":
        model = model.to("meta")
        inputs = [each.to("meta") for each in inputs]
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(*inputs)
    return counter.get_total_flops() // 2


def _table(rows: Iterable[Row], console: Console) -> None:
    table = Table("network", "captured", "ops", "unknown", "MACs", "difference", "seconds")
    for each in rows:
        difference = "" if each.difference is None else f"{each.difference:+.2%}"
        table.add_row(
            f"{each.library}/{each.name}",
            each.on if each.captured else each.error,
            str(each.ops),
            " ".join(each.unknown),
            f"{each.macs / 1e9:.3f} G",
            difference if each.agrees else f"[red]{difference}[/]",
            f"{each.seconds:.2f}",
        )
    console.print(table)


def _summary(rows: Sequence[Row], console: Console) -> None:
    for library in sorted({each.library for each in rows}):
        own = [each for each in rows if each.library == library]
        compared = [each for each in own if each.reference is not None]
        console.print(
            f"{library}: {sum(each.captured for each in own)} of {len(own)} captured, "
            f"{sum(each.on == 'real' for each in own)} of them on real tensors; "
            f"{sum(bool(each.unknown) for each in own)} with unknown ops; "
            f"{sum(each.agrees for each in compared)} of {len(compared)} agree within 1 %; "
            f"{sum(each.seconds for each in own):.0f} s"
        )


@click.command()
@click.option("--library", multiple=True, default=("torchvision", "timm"))
@click.option("--every", default=1, help="Only every n-th network of each library.")
@click.option("--name", multiple=True, help="Only these networks.")
@click.option("--processes", default=2)
@click.option("--results", type=Path, default=Path("coverage.jsonl"))
@click.option("--all", "show_all", is_flag=True, help="Print every row, not only those to look at.")
def main(  # noqa: PLR0913, PLR0917  (a command has options)
    library: Sequence[str],
    every: int,
    name: Sequence[str],
    processes: int,
    results: Path,
    *,
    show_all: bool,
) -> None:
    """Trace every model of torchvision and timm."""
    console = Console()
    chosen = [each for part in library for each in list(networks(part))[::every]]
    chosen = [each for each in chosen if not name or each.name in name]
    done = _read(results)
    left = [each for each in chosen if (each.library, each.name) not in done]
    with Progress(console=console) as progress, results.open("a", encoding="utf-8") as file:
        bar = progress.add_task("networks", total=len(left))
        for made in _rows(left, processes):
            done[made.library, made.name] = made
            print(json.dumps(asdict(made)), file=file, flush=True)
            progress.advance(bar)
    rows = [done[each.library, each.name] for each in chosen]
    bad = [each for each in rows if not each.captured or each.unknown or not each.agrees]
    _table(rows if show_all else bad, console)
    _summary(rows, console)


def _read(results: Path) -> dict[tuple[str, str], Row]:
    if not results.exists():
        return {}
    found = map(json.loads, results.read_text(encoding="utf-8").splitlines())
    rows = [Row(**{**each, "unknown": tuple(each["unknown"])}) for each in found]
    return {(each.library, each.name): each for each in rows}


if __name__ == "__main__":
    main()
