"""A profile of a runtime: how long each node of a file took in each run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A node that a runtime ran."""

    name: str
    """Its name, which may extend that of a node in the file."""
    operator: str
    """What the runtime calls it, as in `FusedConv`."""
    shape: tuple[int, ...]
    """The shape of its first result; empty if it is not recorded."""
    seconds: tuple[float, ...]
    """Its time in each run."""
    convolution: bool = False
    """Whether it is a convolution, so that its shape must be that of its op."""
    added: bool = False
    """Whether the runtime has added it, such as a layout reorder: it is not in the file."""
    moves: bool = True
    """Whether it moves data; a reshape in place does not."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Several runs of a model."""

    runs: tuple[float, ...]
    """The time of each run, in seconds."""
    nodes: tuple[Node, ...]
    """The nodes with their times."""
    threads: int = 1
    """CPU threads of the runtime."""
    channel_blocks: tuple[int, ...] = (1,)
    """The runtime may pad channels to a multiple of one of these."""
    notes: tuple[str, ...] = ()
    """What a reader should know about the times, a sentence each."""
