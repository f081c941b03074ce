"""What a rewrite is: data that a pack can bring as well as this program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from torch.fx import Node

from shufflenet_audit.fixing.program import Program


class Word(StrEnum):
    """What a change does to the outputs of a network."""

    EXACT = "exact"
    """The same outputs, with the weights carried over."""
    RETRAIN = "retrain"
    """Another network: its accuracy is not known, it must be trained."""
    NONE_KNOWN = "none known"
    """No change is known that would help here."""


@dataclass(frozen=True, slots=True)
class Match:
    """A place where a rewrite can be carried out."""

    nodes: tuple[Node, ...]
    """The nodes that it is about. The first names the place."""
    sentence: str
    """What is done there."""
    apply: Callable[[], None]
    """Carries it out, through the methods of the program that it was found in."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A place where a rewrite would help and cannot be carried out."""

    nodes: tuple[Node, ...]
    """The nodes that it is about."""
    reason: str
    """Why not."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """
    A way to write a network differently.

    `find` looks through a program and yields places one by one. Each is carried out before the
    next is asked for, so what is yielded must hold at that moment.
    """

    name: str
    """A noun, as in "folded-scale"."""
    proof: str
    """Why the outputs stay the same, in a sentence."""
    find: Callable[[Program], Iterator[Match | Misfit]]
    """The places in a program."""
    word: Word = Word.EXACT
    """What it does to the outputs."""
