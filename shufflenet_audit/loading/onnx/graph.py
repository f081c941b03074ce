"""An ONNX file as a graph of costed ops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shufflenet_audit.costs.custom import CustomCost
from shufflenet_audit.costs.onnx import HANDLERS
from shufflenet_audit.costs.ops import ops
from shufflenet_audit.loading.onnx.calls import Calls, calls
from shufflenet_audit.loading.onnx.file import read
from shufflenet_audit.loading.onnx.inputs import inputs
from shufflenet_audit.network.graph import CostGraph, Input
from shufflenet_audit.network.tensor import Tensor


@dataclass(frozen=True, slots=True)
class OnnxGraph:
    """What an ONNX file runs, and sentences about what was assumed of it."""

    calls: Calls
    inputs: tuple[Input, ...]
    assumptions: tuple[str, ...]

    def costed(self, costs: Iterable[CustomCost] = ()) -> CostGraph:
        """The graph with its costs; what `costs` are for costs what they say."""
        handlers = {**HANDLERS, **{each.op: each.handler for each in costs}}
        made = tuple(ops(self.calls.calls, handlers))
        return CostGraph.of(made, self.inputs, self.calls.outputs, self.calls.params)


def graph(path: Path, given: Sequence[tuple[str, Tensor]] = ()) -> OnnxGraph:
    """The graph in a file, for inputs of these shapes. Raises LoadError and InputError."""
    file = read(path)
    held = {*file.weights, *(small.name for small in file.graph.initializer)}
    chosen, assumed = inputs(file.graph, held, given)
    made = calls(file, chosen)
    return OnnxGraph(made, chosen, (*file.assumptions, *assumed, *_notes(made)))


def _notes(made: Calls) -> Iterator[str]:
    if made.once:
        yield (
            f"{made.once} nodes that make the same whatever the input is (shapes, constants,"
            " weights made ready) are left out, as a runtime runs them once"
        )
    if made.unsized:
        yield f"{made.unsized} nodes have branches or shapes that only a run can tell: unknown ops"
