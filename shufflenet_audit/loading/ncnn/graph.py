"""An ncnn `.param` file as a graph of costed ops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shufflenet_audit.costs.custom import CustomCost
from shufflenet_audit.costs.ncnn import HANDLERS
from shufflenet_audit.costs.ops import ops
from shufflenet_audit.loading.ncnn.calls import Calls, calls
from shufflenet_audit.loading.ncnn.inputs import inputs, keep_their_shapes
from shufflenet_audit.loading.ncnn.param import layers
from shufflenet_audit.network.graph import CostGraph, Input
from shufflenet_audit.network.tensor import Tensor


@dataclass(frozen=True, slots=True)
class NcnnGraph:
    """What an ncnn file runs."""

    calls: Calls
    """Its calls and what leaves it."""
    inputs: tuple[Input, ...]
    """Its inputs, with the shapes on which it was read."""
    assumptions: tuple[str, ...]
    """Sentences about what was assumed."""

    def costed(self, costs: Iterable[CustomCost] = ()) -> CostGraph:
        """The graph with its costs; what `costs` are for costs what they say."""
        handlers = {**HANDLERS, **{each.op: each.handler for each in costs}}
        made = tuple(ops(self.calls.calls, handlers))
        return CostGraph.of(made, self.inputs, self.calls.outputs, self.calls.params)


def graph(path: Path, given: Sequence[tuple[str, Tensor]] = ()) -> NcnnGraph:
    """The graph in a file, for inputs of these shapes. Raises LoadError and InputError."""
    found = layers(path)
    chosen = inputs(found, given)
    made = calls(path.as_posix(), found, chosen, hinted=keep_their_shapes(found, chosen))
    return NcnnGraph(made, chosen, tuple(_notes(made)))


def _notes(made: Calls) -> Iterator[str]:
    if any(call.target.endswith("DetectionOutput") for call in made.calls):
        yield "how many boxes are found depends on the image: none are counted"
    if made.unsized:
        yield f"{made.unsized} layers have shapes that are not known: unknown ops"
