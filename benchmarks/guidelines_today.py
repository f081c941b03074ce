"""
Whether the four guidelines of ShuffleNet V2 hold on the devices of the published table.

python benchmarks/guidelines_today.py PATH_TO_PUBLISHED [--docs docs]

Intervals are of the median over chips: 90 % of 2,000 resamples of the chips. With `--docs` the
tables of `docs/guidelines-today.md` are written.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from published_table import KINDS, Run, Table, read

from shufflenet_audit.latency.predicting.features import FEATURES, Numbers
from shufflenet_audit.latency.predicting.posterior import posterior
from shufflenet_audit.latency.predicting.prior import priors
from shufflenet_audit.network.graph import CostGraph

_CALLED: Final = {"cpu": "CPU, 1 thread", "cpu-threads": "CPU, threads", "gpu": "GPU (Vulkan)"}
_RESAMPLES: Final = 2000
_LEAST: Final = 10
"""Networks that a run must have for a rank correlation over them."""
_BEGIN, _END = "<!-- measured: benchmarks/guidelines_today.py -->", "<!-- end -->"
Measure = Callable[[CostGraph], float]

_PER_MAC: Final[Mapping[str, Measure]] = {
    "memory access per multiply–add, as run": lambda graph: graph.total.memory_access,
    "memory access per multiply–add, fused": lambda graph: graph.total.memory_access_fused,
    "kernels per multiply–add": lambda graph: float(sum(
        op.launched and op.bytes_fused > 0 for op in graph.known)),
}  # fmt: skip
_PAIRS: Final = (
    ("shufflenet", "shufflenet_v2", "ShuffleNet V1 (g = 3) against V2"),
    ("regnety_400m", "efficientnet_b0", "RegNetY-400M (groups of 8) against EfficientNet-B0"),
    ("googlenet", "resnet18", "GoogLeNet (4 branches) against ResNet-18"),
    ("mobilenet_v2", "mobilenet", "MobileNet V2 (thin, many element-wise ops) against V1"),
)
_RATES: Final = (
    ("G2", "group_macs", "pointwise_macs", "a multiply–add of a group convolution"),
    ("G4", "depthwise_3x3_macs", "pointwise_macs", "a multiply–add of a 3×3 depthwise convolution"),
    ("G4", "elementwise_bytes", "convolution_bytes", "a byte that an element-wise op moves"),
    ("G4", "data_bytes", "convolution_bytes", "a byte that is copied, joined or shuffled"),
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("published", type=Path)
    parser.add_argument("--docs", type=Path)
    given = parser.parse_args()
    table = read(given.published)
    lines = [*_correlations(table), "", *_pairs(table), "", *_rates(table)]
    print("\n".join(lines))
    if given.docs:
        page = given.docs / "guidelines-today.md"
        before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
        middle = "\n".join(lines)
        after = rest.partition(_END)[2]
        page.write_text(f"{before}{_BEGIN}\n\n{middle}\n\n{_END}{after}", encoding="utf-8")


def _correlations(table: Table) -> Iterator[str]:
    """Rank correlation, over networks, of time per multiply–add with other things per one."""
    yield "| on | chips | " + " | ".join(_PER_MAC) + " |"
    yield "|---" * (2 + len(_PER_MAC)) + "|"
    floats = [at for at, name in enumerate(table.networks) if not name.endswith("_int8")]
    graphs = [table.graphs[table.networks[at]] for at in floats]
    macs = np.array([float(graph.total.macs) for graph in graphs])
    for kind in KINDS:
        runs = table.of_kind(kind)
        times = table.seconds(runs)[:, floats] / macs
        cells = []
        for measure in _PER_MAC.values():
            amounts = np.array([measure(graph) for graph in graphs]) / macs
            cells.append(_summary(runs, [_spearman(amounts, row) for row in times]))
        yield f"| {_CALLED[kind]} | {_chips(runs)} | {' | '.join(cells)} |"


def _pairs(table: Table) -> Iterator[str]:
    """Time per multiply–add of one network over that of another, on the same device."""
    yield "| pair | on | chips | time per multiply–add | time | first is slower on |"
    yield "|---|---|---|---|---|---|"
    for first, second, called in _PAIRS:
        macs = table.graphs[first].total.macs / table.graphs[second].total.macs
        for kind in KINDS:
            runs = table.of_kind(kind)
            seconds = table.seconds(runs)
            columns = [table.networks.index(name) for name in (first, second)]
            ratios = seconds[:, columns[0]] / seconds[:, columns[1]]
            there = np.isfinite(ratios)
            kept = tuple(run for run, known in zip(runs, there, strict=True) if known)
            slower = np.mean(ratios[there] > 1)
            yield (
                f"| {called} | {_CALLED[kind]} | {_chips(kept)} |"
                f" {_summary(kept, list(ratios[there] / macs))} |"
                f" {_summary(kept, list(ratios[there]))} | {slower:.0%} |"
            ).replace("%", " %")


def _rates(table: Table) -> Iterator[str]:
    """Rates of devices relative to each other, as their timings and the prior have them."""
    yield "| guideline | what costs | on | chips | times as much as a plain one |"
    yield "|---|---|---|---|---|"
    names = tuple(FEATURES)
    for kind in KINDS:
        runs = table.of_kind(kind)
        rates = [_fitted(table, kind, row) for row in table.seconds(runs)]
        for guideline, costly, plain, called in _RATES:
            ratios = [float(np.exp(rate[names.index(costly)] - rate[names.index(plain)]))
                      for rate in rates]  # fmt: skip
            row = (guideline, called, _CALLED[kind], str(_chips(runs)), _summary(runs, ratios))
            yield f"| {' | '.join(row)} |"


def _fitted(table: Table, kind: str, seconds: Numbers) -> Numbers:
    there = np.isfinite(seconds)
    return posterior(priors()[kind], table.features[there], seconds[there]).rates


def _spearman(first: Numbers, second: Numbers) -> float:
    there = np.isfinite(second)
    if there.sum() < _LEAST:
        return float("nan")
    ranks = [np.argsort(np.argsort(each[there])) for each in (first, second)]
    return float(np.corrcoef(*ranks)[0, 1])


def _summary(runs: Sequence[Run], numbers: Sequence[float]) -> str:
    """The median over chips, and its 90 % interval when chips are drawn again."""
    chips: dict[str, list[float]] = {}
    for run, number in zip(runs, numbers, strict=True):
        if np.isfinite(number):
            chips.setdefault(run.chip, []).append(number)
    each = np.array([np.median(own) for own in chips.values()])
    drawn = np.random.default_rng(0).choice(each, (_RESAMPLES, len(each)))
    low, high = np.percentile(np.median(drawn, axis=1), (5, 95))
    return f"{np.median(each):.2f} [{low:.2f}, {high:.2f}]"


def _chips(runs: Sequence[Run]) -> int:
    return len({run.chip for run in runs})


if __name__ == "__main__":
    main()
