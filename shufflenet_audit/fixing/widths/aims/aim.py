"""What a plan aims at: changes of structure, widths to be made equal, and how far off it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shufflenet_audit.fixing.widths.derivation import Derivation
from shufflenet_audit.fixing.widths.edits import Edits
from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.recorded import Recorded
from shufflenet_audit.network.graph import CostGraph


@dataclass(frozen=True, slots=True)
class Tie:
    """Two widths that should be equal."""

    op: str
    """The op that they are the widths of."""
    a: Form
    """One of them."""
    b: Form
    """The other."""
    gain: float
    """What it would save, in elements: the largest are tied first."""
    alike: tuple[int, ...] = ()
    """What layers have in common that are tied together or not at all, as blocks of a stage."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What the network is to be like afterwards."""

    name: str
    """In words, as "no groups"."""
    edits: Callable[[Recorded], Edits]
    """The changes of structure that it takes."""
    ties: Callable[[Recorded, Derivation], tuple[Tie, ...]]
    """The widths that are to be equal, where that can be had."""
    measure: Callable[[CostGraph], float]
    """How far a network is off; less is better."""
    unit: str
    """What `measure` counts, as "groups of group convolutions"."""


def nothing(recorded: Recorded) -> Edits:
    """No change of structure."""
    del recorded
    return Edits()
