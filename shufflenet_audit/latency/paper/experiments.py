"""The networks behind Tables 1 to 4 of the ShuffleNet V2 paper, built as it builds them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from math import sqrt
from typing import Final

import torch
from torch import nn

_BLOCKS: Final = 10
SIZE: Final = 56
"""Height and width of the maps; Table 4 does not say, and this fits its rates."""

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """
    One cell of a table: a network, the width of its input, and the speed that the paper measured.

    Cases of one `column` differ in what the table is about, and have as many multiply–adds.
    """

    column: str
    label: str
    speed: float
    channels: int
    build: Callable[[], nn.Module]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Experiment:
    """
    A table: what it is about, and its cells.

    The guideline says that the last case of a column is slower than the first; in Table 4, where
    the first has all element-wise ops, that it is faster.
    """

    name: str
    guideline: str
    claim: str
    faster: bool
    cases: tuple[Case, ...]


def experiment(name: str) -> Experiment:
    """The experiment of that name: table1, table2, table3 or table4. Raises KeyError."""
    guideline, claim, case = _TABLES[name]
    cases = tuple(case(row) for row in rows(name))
    return Experiment(name, guideline, claim, guideline == "G4", cases)


def rows(name: str) -> Iterator[Row]:
    """The rows of a table as printed in the paper."""
    text = (files("shufflenet_audit.latency") / "paper" / f"{name}.csv").read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


def unbalanced(c1: int, c2: int) -> nn.Module:
    """Table 1: blocks of two 1×1 convolutions, c1→c2 and c2→c1."""
    pairs = ((_pointwise(c1, c2), _pointwise(c2, c1)) for _ in range(_BLOCKS))
    return nn.Sequential(*(layer for pair in pairs for layer in pair))


def grouped(c: int, groups: int) -> nn.Module:
    """Table 2: a stack of pointwise group convolutions."""
    return nn.Sequential(*(nn.Conv2d(c, c, 1, groups=groups, bias=False) for _ in range(_BLOCKS)))


def fragmented(c: int, fragments: int, *, parallel: bool) -> nn.Module:
    """Table 3: blocks of 1×1 convolutions in series, or in parallel and added."""
    if parallel:
        return nn.Sequential(*(Parallel(c, fragments) for _ in range(_BLOCKS)))
    return nn.Sequential(*(_pointwise(c, c) for _ in range(_BLOCKS * fragments)))


def bottlenecks(c: int, *, relu: bool, shortcut: bool) -> nn.Module:
    """Table 4: bottleneck units, with or without ReLU and shortcut."""
    return nn.Sequential(*(Unit(c, relu=relu, shortcut=shortcut) for _ in range(_BLOCKS)))


class Parallel(nn.Module):
    """Some 1×1 convolutions of the same input, added."""

    def __init__(self, c: int, fragments: int) -> None:
        super().__init__()
        self.fragments = nn.ModuleList(_pointwise(c, c) for _ in range(fragments))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Their sum."""
        first, *others = self.fragments
        y: torch.Tensor = first(x)
        for other in others:
            y = y + other(x)
        return y


class Unit(nn.Module):
    """A bottleneck unit of ResNet without batch norm, which a runtime would fold away."""

    def __init__(self, c: int, *, relu: bool, shortcut: bool) -> None:
        super().__init__()
        self.reduce = _pointwise(c, c // 4)
        self.conv = nn.Conv2d(c // 4, c // 4, 3, padding=1, bias=False)
        self.expand = _pointwise(c // 4, c)
        self.relu = nn.ReLU() if relu else nn.Identity()
        self.shortcut = shortcut

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As many maps as came in."""
        y: torch.Tensor = self.expand(self.relu(self.conv(self.relu(self.reduce(x)))))
        z: torch.Tensor = self.relu(y + x if self.shortcut else y)
        return z


def _pointwise(c_in: int, c_out: int) -> nn.Conv2d:
    return nn.Conv2d(c_in, c_out, 1, bias=False)


def _case1(row: Row) -> Case:
    c1, c2 = int(row["c1_scaled_inferred"]), int(row["c2_scaled_inferred"])
    column, speed = f"{row['platform']} ×{row['scale']}", float(row["value"])
    return Case(column, f"c1:c2 = {row['c1_c2_ratio']}", speed, c1, partial(unbalanced, c1, c2))


def _case2(row: Row) -> Case:
    printed, groups = int(row["c_scaled_inferred"]), int(row["groups"])
    c = printed // groups * groups
    note = f"{printed} channels are no multiple of {groups}: built with {c}" if c < printed else ""
    column, speed = f"{row['platform']} ×{row['scale']}", float(row["value"])
    return Case(column, f"g = {groups}", speed, c, partial(grouped, c, groups), note)


def _case3(row: Row) -> Case:
    label, whole = row["structure"], int(row["c_of_1_fragment"])
    fragments, parallel = int(label[0]), label.endswith("parallel")
    c = round(whole / sqrt(fragments))
    build = partial(fragmented, c, fragments, parallel=parallel)
    return Case(f"{row['platform']} c={whole}", label, float(row["value"]), c, build)


def _case4(row: Row) -> Case:
    relu, shortcut, c = row["relu"] == "yes", row["shortcut"] == "yes", int(row["c"])
    label = f"ReLU {row['relu']}, shortcut {row['shortcut']}"
    build = partial(bottlenecks, c, relu=relu, shortcut=shortcut)
    return Case(f"{row['platform']} c={c}", label, float(row["value"]), c, build)


_TABLES: Final[Mapping[str, tuple[str, str, Callable[[Row], Case]]]] = {
    "table1": ("G1", "equal channel widths are fastest", _case1),
    "table2": ("G2", "groups make it slower", _case2),
    "table3": ("G3", "fragments make it slower", _case3),
    "table4": ("G4", "element-wise ops cost time", _case4),
}
EXPERIMENTS: Final = tuple(_TABLES)
