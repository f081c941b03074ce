"""
Time from a module to its costed graph, beside the tools that people use for it.

    python benchmarks/trace.py                 fourteen networks, four tools; then growth
    python benchmarks/trace.py --rounds 9 --network resnet50

The tools take turns in every round, and the table shows medians, so a busy machine slows all of
them alike. fvcore counts on real tensors; all else runs on meta tensors.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from math import log2
from statistics import median
from typing import Any, Final

import click
import torch
from networks import Network
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from shufflenet_audit import trace
from shufflenet_audit.checking.check import guidelines
from shufflenet_audit.discovery import rules

_NETWORKS: Final = (
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "googlenet",
    "mnasnet1_0",
    "mobilenet_v2",
    "mobilenet_v3_large",
    "regnet_y_400mf",
    "resnet50",
    "shufflenet_v2_x1_0",
    "squeezenet1_1",
    "swin_t",
    "vit_b_16",
)
_TARGETS: Final = {"FlopCounterMode": 1.0, "fvcore": 0.6, "torch.export": 0.1}
_SIZES: Final = (200, 2_000, 20_000)


@click.command()
@click.option("--network", multiple=True, default=_NETWORKS)
@click.option("--rounds", default=7)
def main(network: Sequence[str], rounds: int) -> None:
    """Time the trace of torchvision networks beside other tools, and its growth."""
    warnings.simplefilter("ignore")
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    torch.backends.mha.set_fastpath_enabled(False)  # FlopCounterMode cannot see through it
    console = Console()
    times = {name: _times(name, rounds) for name in track(network, console=console)}
    console.print(_table(times))
    console.print(_growth())


def _times(name: str, rounds: int) -> dict[str, float]:
    """Median milliseconds of each tool."""
    network = Network("torchvision", name)
    real, sketch = network.build(), network.build().to("meta")
    (x,) = network.inputs(real)
    tools: Mapping[str, Callable[[], Any]] = {
        "ours": lambda: trace(sketch, x),
        "FlopCounterMode": lambda: _flop_counter(sketch, x.to("meta")),
        "fvcore": lambda: _fvcore(real, x),
        "torch.export": lambda: torch.export.export(sketch, (x.to("meta"),), strict=False),
    }
    spent: dict[str, list[float]] = {tool: [] for tool in tools}
    for at in range(rounds + 1):  # the first warms up
        for tool, run in tools.items():
            if tool != "torch.export" or at <= max(rounds // 3, 1):
                started = time.perf_counter()
                run()
                spent[tool].append(1e3 * (time.perf_counter() - started))
    return {tool: median(each[1:]) for tool, each in spent.items()}


def _flop_counter(model: nn.Module, x: torch.Tensor) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(x)
    return counter.get_total_flops()


def _fvcore(model: nn.Module, x: torch.Tensor) -> float:
    from fvcore.nn import FlopCountAnalysis  # noqa: PLC0415  (only this benchmark needs it)

    with torch.no_grad():
        return FlopCountAnalysis(model, x).unsupported_ops_warnings(enabled=False).total()


def _table(times: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table("network", *next(iter(times.values())), *(f"÷ {tool}" for tool in _TARGETS))
    for name, each in times.items():
        ratios = (f"{each['ours'] / each[tool]:.2f}" for tool in _TARGETS)
        table.add_row(name, *(f"{ms:.0f} ms" for ms in each.values()), *ratios)
    medians = [median(each["ours"] / each[tool] for each in times.values()) for tool in _TARGETS]
    blanks = [""] * len(next(iter(times.values())))
    table.add_section()
    table.add_row("median", *blanks, *(f"{each:.2f}" for each in medians))
    table.add_row("target", *blanks, *(f"≤ {each}" for each in _TARGETS.values()))
    return table


def _growth() -> Table:
    """Stacks of more and more ops: the growth of the time for each doubling."""
    table = Table("ops", "trace", "blocks", "rules", "all", "growth per doubling")
    before: tuple[int, float] | None = None
    trace(_stack(8), torch.zeros(1, 4, 8, 8))
    for size in _SIZES:
        spent = _stages(_stack(size))
        whole = sum(spent)
        growth = f"{_per_doubling(before, (size, whole)):.2f}" if before else ""
        before = (size, whole)
        table.add_row(f"{size:,}", *(f"{each:.2f} s" for each in (*spent, whole)), growth)
    return table


def _stack(ops: int) -> nn.Module:
    layers: list[nn.Module] = []
    for _ in range(ops // 4):
        layers += [nn.Conv2d(4, 4, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Sigmoid()]
    with torch.no_grad():
        return nn.Sequential(*layers).to("meta")


def _stages(model: nn.Module) -> tuple[float, float, float]:
    """Seconds for the graph, for its blocks, and for all installed rules."""
    started = time.perf_counter()
    graph = trace(model, torch.zeros(1, 4, 8, 8))
    traced = time.perf_counter()
    graph.blocks()
    found = time.perf_counter()
    guidelines(graph, rules().values())
    return traced - started, found - traced, time.perf_counter() - found


def _per_doubling(before: tuple[int, float], now: tuple[int, float]) -> float:
    doublings = log2(now[0] / before[0])
    return (now[1] / before[1]) ** (1 / doublings)


if __name__ == "__main__":
    main()
