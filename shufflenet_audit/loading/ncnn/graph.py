"""An ncnn `.param` file as the calls of a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shufflenet_audit.loading.ncnn.calls import LayerCalls, calls
from shufflenet_audit.loading.ncnn.inputs import inputs, keep_their_shapes
from shufflenet_audit.loading.ncnn.param import layers
from shufflenet_audit.network.calls import Calls
from shufflenet_audit.network.tensor import Tensor


@dataclass(frozen=True, slots=True)
class NcnnGraph:
    """What an ncnn file runs."""

    calls: Calls
    """Its layers, to be costed."""
    assumptions: tuple[str, ...]
    """Sentences about what was assumed of it."""
    origins: Mapping[str, str]
    """The op of each blob, by the name that the file gives the blob."""


def graph(path: Path, given: Sequence[tuple[str, Tensor]] = ()) -> NcnnGraph:
    """The graph in a file, for inputs of these shapes. Raises LoadError and InputError."""
    found = layers(path)
    chosen = inputs(found, given)
    made = calls(path.as_posix(), found, chosen, hinted=keep_their_shapes(found, chosen))
    return NcnnGraph(
        Calls(made.calls, chosen, made.outputs, made.params), tuple(_notes(made)), made.origins
    )


def _notes(made: LayerCalls) -> Iterator[str]:
    if any(call.target.endswith("DetectionOutput") for call in made.calls):
        yield "how many boxes are found depends on the image: none are counted"
    if made.unsized:
        yield f"{made.unsized} layers have shapes that are not known: unknown ops"
