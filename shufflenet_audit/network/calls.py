"""What a network runs: the calls that tracing a module or reading a file gives, to be costed."""

from __future__ import annotations

from dataclasses import dataclass

from shufflenet_audit.network.call import Call
from shufflenet_audit.network.graph import Input


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of a network in the order in which they run, and what stands around them."""

    calls: tuple[Call, ...]
    """Each with the tensors that it reads and makes; a tensor names the call that made it."""
    inputs: tuple[Input, ...]
    """The example inputs of the network."""
    outputs: tuple[str, ...]
    """Names of the calls (or inputs) whose results leave the network."""
    params: int
    """Parameters of the network, each counted once, whether a call reads them or not."""
