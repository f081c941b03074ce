"""
Writing and reading a saved audit, beside the json module alone on the same data.

    python benchmarks/saved.py [--ops 100000] [--rounds 5] [--other PATH]

`--other` is a second checkout of this repository: its code takes turns with the code here, each in
a process of its own that is kept for all rounds. Times are those of the processor, since others may
use the machine.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

_HERE: Final = Path(__file__).parents[1]
_WHAT: Final = ("write", "read", "json.dumps", "json.loads")


@click.command()
@click.option("--ops", default=100_000, help="Ops in the network.")
@click.option("--rounds", default=5, help="How often each is timed.")
@click.option("--other", type=click.Path(path_type=Path), help="A second checkout.")
def main(ops: int, rounds: int, other: Path | None) -> None:
    """Print the median seconds of each, and how they compare."""
    checkouts = [_HERE, *([other.resolve()] if other else [])]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = Path(folder) / "audit.json"
        _alone(stack, _HERE).submit(_save, ops, file).result()
        pools = {checkout: _alone(stack, checkout) for checkout in checkouts}
        times: dict[Path, list[dict[str, float]]] = {each: [] for each in checkouts}
        for _ in range(rounds):
            for checkout, pool in pools.items():
                times[checkout].append(pool.submit(_timed, file).result())
    Console().print(_table(times))


def _alone(stack: ExitStack, checkout: Path) -> ProcessPoolExecutor:
    pool = ProcessPoolExecutor(1, get_context("spawn"), _use, (str(checkout),))
    return stack.enter_context(pool)


def _use(checkout: str) -> None:
    """Import the program from there."""
    sys.path.insert(0, checkout)
    import shufflenet_audit  # noqa: PLC0415  (whose code it is, is what differs)

    assert str(shufflenet_audit.__file__).startswith(checkout)


def _save(ops: int, file: Path) -> None:
    import torch  # noqa: PLC0415  (who times does not need it)
    from torch import nn  # noqa: PLC0415

    from shufflenet_audit import audit  # noqa: PLC0415

    with torch.device("meta"):
        four = (nn.Conv2d(4, 4, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Sigmoid())
        model = nn.Sequential(*(four[at % 4] for at in range(ops)))
    made = json.loads(audit(model, torch.zeros(1, 4, 8, 8)).to_json())
    made["totals"].pop("peak_memory", None)  # a program that is older does not know it
    file.write_text(json.dumps(made))


def _timed(file: Path) -> dict[str, float]:
    from shufflenet_audit import Audit  # noqa: PLC0415  (see `_use`)

    text = file.read_text()
    read, audit = _seconds(lambda: Audit.from_json(text))
    audit.graph.blocks()  # they are found once, and are no part of writing
    write, _ = _seconds(audit.to_json)
    loads, plain = _seconds(lambda: json.loads(text))
    dumps, _ = _seconds(lambda: json.dumps(plain))
    return dict(zip(_WHAT, (write, read, dumps, loads), strict=True))


def _seconds(run: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    made = run()
    return time.process_time() - started, made


def _table(times: dict[Path, list[dict[str, float]]]) -> Table:
    table = Table("checkout", *_WHAT, "write ÷ dumps", "read ÷ loads")
    for checkout, rounds in times.items():
        write, read, dumps, loads = (median(each[what] for each in rounds) for what in _WHAT)
        cells = (f"{each:.2f} s" for each in (write, read, dumps, loads))
        table.add_row(checkout.name, *cells, f"{write / dumps:.2f}", f"{read / loads:.2f}")
    return table


if __name__ == "__main__":
    main()
