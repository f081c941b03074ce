"""A plan of new widths with as many multiply–adds: what it changes, leaves, and costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import torch

from shufflenet_audit.fixing.widths.blueprint import Blueprint
from shufflenet_audit.fixing.widths.building import build
from shufflenet_audit.fixing.widths.derivation import Pin
from shufflenet_audit.fixing.widths.fit import STAGE_TOLERANCE, TOTAL_TOLERANCE
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.op import Source

if TYPE_CHECKING:  # it takes half a second to import, and most uses need no table
    import pandas as pd

RETRAIN: Final = "Accuracy is not known: the network has other widths and must be trained."
"""What is said of every plan."""


@dataclass(frozen=True, slots=True)
class Row:
    """A convolution or linear layer, before and after."""

    op: str
    """Its name in the graph before."""
    module: str
    """The module that it is."""
    line: Source | None
    """The line of the user's code to change."""
    width_class: str
    """What its output width is tied to: layers of one class change together."""
    width: tuple[int, int]
    """Channels out, before and after."""
    width_in: tuple[int, int]
    """Channels in, before and after."""
    groups: tuple[int, int]
    """Groups, before and after."""

    @property
    def is_changed(self) -> bool:
        """Whether anything of it is different."""
        return any(before != after for before, after in (self.width, self.width_in, self.groups))


@dataclass(frozen=True, slots=True)
class Stage:
    """The ops that run over as many places, before and after."""

    places: int
    """How many places their maps have: height times width, or tokens."""
    macs: tuple[int, int]
    """Multiply–adds before and after, for the batch of the example inputs."""

    @property
    def change(self) -> float:
        """The change of its multiply–adds, as a share of them."""
        before, after = self.macs
        return after / before - 1 if before else 0.0

    @property
    def is_within(self) -> bool:
        """Whether it is within a tenth of what it was."""
        return abs(self.change) <= STAGE_TOLERANCE


@dataclass(frozen=True, slots=True)
class Measure:
    """How far the network is from an aim, before and after."""

    aim: str
    """The aim, as "no groups"."""
    before: float
    """The count in the network as it is."""
    after: float
    """The count with the new widths."""
    unit: str
    """What is counted; less is better."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """A layer whose widths an aim wanted equal, and they are not."""

    op: str
    """Its name in the graph before."""
    module: str
    """The path of its module."""
    line: Source | None
    """The line of the user's code; None where it is not known."""
    widths: tuple[int, int]
    """Its channels in and out after the plan."""
    reason: str
    """Why they could not be made equal."""


@dataclass(frozen=True, slots=True)
class Plan:
    """New widths for a network, with as many multiply–adds. The network is to be trained."""

    aims: tuple[str, ...]
    """What was aimed at."""
    rows: tuple[Row, ...]
    """Every convolution and linear layer that is left, in the order in which they run."""
    removed: tuple[tuple[str, str], ...]
    """Ops that are gone, each with the reason."""
    unmet: tuple[Unmet, ...]
    """Layers that stay unequal, and why."""
    pins: tuple[Pin, ...]
    """Ops that tie widths in a way that is not understood: what they read and make stays."""
    stages: tuple[Stage, ...]
    """Multiply–adds by stage, counted anew on the network that was built."""
    before: CostGraph
    """The network as it is."""
    after: CostGraph
    """The network with the new widths, built, run and counted by the same engine."""
    measures: tuple[Measure, ...]
    """How far the network is from each aim, before and after."""
    notes: tuple[str, ...]
    """What else a reader should know."""
    blueprint: Blueprint = field(repr=False)
    """What `build` builds from."""
    warning: str = RETRAIN
    """What is always said."""

    @property
    def macs_change(self) -> float:
        """The change of all multiply–adds, as a share of them."""
        before = self.before.total.macs
        return self.after.total.macs / before - 1 if before else 0.0

    @property
    def is_within(self) -> bool:
        """Whether all multiply–adds are within 1 %, and those of each stage within 10 %."""
        stages = all(stage.is_within for stage in self.stages)
        return stages and abs(self.macs_change) <= TOTAL_TOLERANCE

    @property
    def changes(self) -> tuple[Row, ...]:
        """The rows in which something changes."""
        return tuple(row for row in self.rows if row.is_changed)

    def build(self, *, device: str = "cpu", seed: int = 0) -> torch.fx.GraphModule:
        """The network with new random weights, in evaluation mode; it runs at any batch size."""
        return build(self.blueprint, device=device, seed=seed)

    def table(self) -> pd.DataFrame:
        """One row per convolution and linear layer."""
        import pandas as pd  # noqa: PLC0415  (see the top)

        return pd.DataFrame(
            {
                "module": row.module,
                "class": row.width_class,
                "line": str(row.line) if row.line else None,
                "width": row.width[0],
                "new_width": row.width[1],
                "width_in": row.width_in[0],
                "new_width_in": row.width_in[1],
                "groups": row.groups[0],
                "new_groups": row.groups[1],
            }
            for row in self.rows
        )
