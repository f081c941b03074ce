"""The published table of times of ncnn, read: runs of devices, and features of networks."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from shufflenet_audit.costs.ops import cost_graph
from shufflenet_audit.latency.predicting.features import Numbers, features
from shufflenet_audit.latency.predicting.learning import Runs
from shufflenet_audit.loading.ncnn.graph import graph
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.tensor import Tensor

SOURCE: Final = (
    "https://github.com/Tencent/ncnn/blob/a4d2ea1/benchmark/README.md (July 2026), times of the"
    " ncnn project; networks: benchmark/*.param there, BSD 3-Clause, Copyright Tencent"
)
KINDS: Final = ("cpu", "cpu-threads", "gpu")
REPEATS: Final = 1.25
"""Rows whose slowest run took longer than their fastest by more than this say too little."""
LEAST_LEARNT: Final = 12
"""Networks that a run must have for a prior to learn from it."""

_SIZES: Final = {"vision_transformer": 384, "FastestDet": 352}
"""Input sizes of files that do not say them."""
_SPELLINGS: Final = {
    "mobilenet-ssd": "mobilenet_ssd",
    "mobilenet-yolo": "mobilenet_yolo",
    "squeezenet-int8": "squeezenet_int8",
    "squeezenet-ssd": "squeezenet_ssd",
}
_SAME_CHIPS: Final = (
    "rk3588", "rk356[68]", "rk3399", "kunpeng 920", "ft-2000", "raspberry pi 5", "jetson orin",
    "bcm2837|bcm2710", "2k1000", "d64s? v6|d64ps|d64as", "macbook (pro|air) \\(13", "xeon phi",
)  # fmt: skip
"""Boards and instances with the same chip, or one of its family: they are left out together."""


@dataclass(frozen=True, slots=True)
class Row:
    """The times of one network in one run, in milliseconds."""

    fastest: float
    slowest: float
    mean: float

    @property
    def repeats(self) -> float:
        """How well it repeats: the slowest over the fastest."""
        return self.slowest / self.fastest


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the benchmark on one device."""

    device: str
    threads: int
    powersave: str
    gpu: str
    rows: Mapping[str, Row]

    @property
    def kind(self) -> str:
        """`cpu`, `cpu-threads` or `gpu`."""
        if self.gpu not in ("", "-1"):
            return "gpu"
        return "cpu" if self.threads == 1 else "cpu-threads"

    @property
    def chip(self) -> str:
        """What is left out together with this run: the same device, or another with its chip."""
        name = self.device.lower()
        return next((chip for chip in _SAME_CHIPS if re.search(chip, name)), name)

    def milliseconds(self, network: str) -> float:
        """The mean time of a network; NaN where there is none, or none to be trusted."""
        row = self.rows.get(network)
        # ncnn ran integer networks on the CPU until July 2026, also where a GPU was asked for:
        # https://github.com/Tencent/ncnn/issues/2170
        elsewhere = self.kind == "gpu" and network.endswith("_int8")
        return row.mean if row and row.repeats <= REPEATS and not elsewhere else np.nan


@dataclass(frozen=True, slots=True)
class Table:
    """Networks and runs."""

    graphs: Mapping[str, CostGraph]
    """The networks by name."""
    features: Numbers
    """Theirs, one network in a row; rounded to five digits, as they are stored."""
    runs: tuple[Run, ...]

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks, in the order of all arrays."""
        return tuple(self.graphs)

    @property
    def families(self) -> tuple[int, ...]:
        """Which networks are the same but for their integers: they are left out together."""
        names = [name.removesuffix("_int8") for name in self.graphs]
        return tuple(names.index(name) for name in names)

    def of_kind(self, kind: str) -> tuple[Run, ...]:
        """The runs of a kind that a prior can learn from."""
        return tuple(run for run in self.runs
                     if run.kind == kind and self._known(run) >= LEAST_LEARNT)  # fmt: skip

    def seconds(self, runs: tuple[Run, ...]) -> Numbers:
        """Times of these runs, one in a row."""
        return np.array([[run.milliseconds(name) / 1e3 for name in self.graphs] for run in runs])

    def learnable(self, runs: tuple[Run, ...]) -> Runs:
        """These runs as a prior learns from them."""
        return Runs(self.features, self.families, self.seconds(runs))

    def _known(self, run: Run) -> int:
        return int(np.isfinite(self.seconds((run,))).sum())


def read(folder: Path) -> Table:
    """The table in a folder that holds `ncnn.csv` and `ncnn_models`."""
    files = sorted((folder / "ncnn_models").glob("*.param"))
    graphs = {file.stem: cost_graph(graph(file, _given(file.stem)).calls) for file in files}
    rows = [[float(f"{amount:.5g}") for amount in features(each)] for each in graphs.values()]
    return Table(graphs, np.array(rows), tuple(_runs(folder / "ncnn.csv", graphs)))


def _given(name: str) -> list[tuple[str, Tensor]]:
    size = _SIZES.get(name)
    return [("", Tensor((1, 3, size, size), "float32"))] if size else []


def _runs(path: Path, graphs: Mapping[str, CostGraph]) -> Iterator[Run]:
    """Runs as they stand in the file: a new one begins where a network comes again."""
    settings: tuple[str, ...] = ()
    rows: dict[str, Row] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            own = tuple(line[key] for key in ("device", "threads", "powersave", "gpu"))
            network = _SPELLINGS.get(line["network"], line["network"])
            if rows and (own != settings or network in rows):
                yield _run(settings, rows)
                rows = {}
            settings = own
            if network in graphs and line["min_ms"] and float(line["min_ms"]) > 0:
                times = (float(line[key]) for key in ("min_ms", "max_ms", "avg_ms"))
                rows[network] = Row(*times)
    yield _run(settings, rows)


def _run(settings: tuple[str, ...], rows: dict[str, Row]) -> Run:
    device, threads, powersave, gpu = settings
    return Run(device, int(threads), powersave, gpu, rows)
