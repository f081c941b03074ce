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
    """An ONNX file as calls, before they are costed."""

    calls: Calls
    """Its nodes, to be costed."""
    assumptions: tuple[str, ...]
    """Sentences on what was assumed or left out."""
    origins: Mapping[str, str]
    """The name of the op that makes each tensor, by the tensor's name in the file."""


def graph(path: Path, given: Sequence[tuple[str, Tensor]] = ()) -> OnnxGraph:
    """The graph in a file, for inputs of these shapes. Raises LoadError and InputError."""
    file = read(path)
    held = {*file.weights, *(small.name for small in file.graph.initializer)}
    chosen, assumed = inputs(file.graph, held, given)
    nodes = calls(file, chosen)
    return OnnxGraph(
        Calls(nodes.calls, chosen, nodes.outputs, nodes.params),
        (*file.assumptions, *assumed, *_notes(nodes)),
        nodes.origins,
    )


def _notes(nodes: NodeCalls) -> Iterator[str]:
    if nodes.once:
        yield (
            f"{nodes.once} nodes whose result does not depend on the input (shapes, constants,"
            " transposed weights) are left out, as a runtime runs them once"
        )
    if nodes.unsized:
        yield f"{nodes.unsized} nodes have branches or shapes that only a run can tell: unknown ops"
