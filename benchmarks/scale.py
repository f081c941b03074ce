"""
How large a network can be: a model of Llama-70B's shape, and a graph of 100,000 ops.

    python benchmarks/scale.py

Each part runs in a process of its own, so that its memory is its own. Memory is the peak above
what a process needs that only imports torch.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from math import log2
from multiprocessing import get_context
from typing import Final, NamedTuple

import click
from rich.console import Console
from rich.table import Table

_SIZES: Final = (12_500, 25_000, 50_000, 100_000)
_LLAMA: Final = {
    "hidden_size": 8192,
    "intermediate_size": 28672,
    "num_hidden_layers": 80,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
}


class Run(NamedTuple):
    """What one part took. `stages` are seconds by name."""

    ops: int
    params: int
    macs: int
    stages: dict[str, float]
    peak: float

    @property
    def seconds(self) -> float:
        """All stages together."""
        return sum(self.stages.values())


@click.command()
@click.option("--size", "sizes", multiple=True, type=int, default=_SIZES)
def main(sizes: tuple[int, ...]) -> None:
    """Audit large networks, and print what it took."""
    console = Console()
    bare = _alone(_nothing).peak
    large = _alone(_llama)
    console.print(
        f"Llama-70B's shape, 2,048 tokens: {large.ops:,} ops, "
        f"{large.params / 1e9:.1f} G parameters, {large.macs / 1e12:.1f} T multiply–adds\n"
        f"  {_spelled(large.stages)}: {large.seconds:.1f} s (at most 10), "
        f"{large.peak - bare:.2f} GiB above importing torch (at most 1)"
    )
    runs = {size: _alone(_stack, size) for size in sizes}
    console.print(_table(runs, bare))


def _alone(part: Callable[..., Run], *args: int) -> Run:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(part, *args).result()


def _nothing() -> Run:
    import torch  # noqa: F401, PLC0415  (its memory is what is measured)

    return Run(0, 0, 0, {}, _peak())


def _llama() -> Run:
    import torch  # noqa: PLC0415  (see `_nothing`)
    from transformers import LlamaConfig, LlamaForCausalLM  # noqa: PLC0415  (as above)

    started = time.perf_counter()
    with torch.device("meta"):
        model = LlamaForCausalLM(LlamaConfig(**_LLAMA))
    built = time.perf_counter() - started
    return _audited(model, {"input_ids": torch.zeros(1, 2048, dtype=torch.int64)}, {"build": built})


def _stack(ops: int) -> Run:
    import torch  # noqa: PLC0415  (see `_nothing`)
    from torch import nn  # noqa: PLC0415  (as above)

    with torch.device("meta"):
        four = (nn.Conv2d(4, 4, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Sigmoid())
        model = nn.Sequential(*(four[at % 4] for at in range(ops)))
    return _audited(model, {"input": torch.zeros(1, 4, 8, 8)}, {})


def _audited(model: object, inputs: dict[str, object], stages: dict[str, float]) -> Run:
    from shufflenet_audit import audit  # noqa: PLC0415  (see `_nothing`)

    started = time.perf_counter()
    made = audit(model, **inputs)  # type: ignore[arg-type]  # a module, said without torch
    audited = time.perf_counter()
    made.to_json()
    stages = {**stages, "audit": audited - started, "JSON": time.perf_counter() - audited}
    total = made.graph.total
    return Run(total.ops, total.params, total.macs, stages, _peak())


def _peak() -> float:
    """The most memory that this process has had, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _table(runs: dict[int, Run], bare: float) -> Table:
    stages = next(iter(runs.values())).stages
    table = Table("ops", *stages, "all", "growth per doubling", "memory")
    growth = [""] + [
        f"{(now.seconds / before.seconds) ** (1 / log2(now.ops / before.ops)):.2f}"
        for before, now in pairwise(runs.values())
    ]
    for run, grown in zip(runs.values(), growth, strict=True):
        times = (f"{each:.1f} s" for each in (*run.stages.values(), run.seconds))
        table.add_row(f"{run.ops:,}", *times, grown, f"{run.peak - bare:.2f} GiB")
    return table


def _spelled(stages: dict[str, float]) -> str:
    return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in stages.items())


if __name__ == "__main__":
    main()
