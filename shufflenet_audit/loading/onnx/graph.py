"""An ONNX file as the calls of a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shufflenet_audit.loading.onnx.calls import NodeCalls, calls
from shufflenet_audit.loading.onnx.file import read
from shufflenet_audit.loading.onnx.inputs import inputs
from shufflenet_audit.network.calls import Calls
from shufflenet_audit.network.tensor import Tensor


@dataclass(frozen=True, slots=True)
class OnnxGraph:
    """What an ONNX file runs."""

    calls: Calls
    """Its nodes, to be costed."""
    assumptions: tuple[str, ...]
    """Sentences about what was assumed of it."""
    origins: Mapping[str, str]
    """The op of each tensor, by the name that the file gives the tensor."""


def graph(path: Path, given: Sequence[tuple[str, Tensor]] = ()) -> OnnxGraph:
    """The graph in a file, for inputs of these shapes. Raises LoadError and InputError."""
    file = read(path)
    held = {*file.weights, *(small.name for small in file.graph.initializer)}
    chosen, assumed = inputs(file.graph, held, given)
    made = calls(file, chosen)
    return OnnxGraph(
        Calls(made.calls, chosen, made.outputs, made.params),
        (*file.assumptions, *assumed, *_notes(made)),
        made.origins,
    )


def _notes(made: NodeCalls) -> Iterator[str]:
    if made.once:
        yield (
            f"{made.once} nodes that make the same whatever the input is (shapes, constants,"
            " weights made ready) are left out, as a runtime runs them once"
        )
    if made.unsized:
        yield f"{made.unsized} nodes have branches or shapes that only a run can tell: unknown ops"
