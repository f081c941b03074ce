"""A latency from a profile that was recorded elsewhere: on a phone, on a Raspberry Pi."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shufflenet_audit.errors import InputError
from shufflenet_audit.latency.backend import Kernel
from shufflenet_audit.latency.measuring.kernels import kernels, origin
from shufflenet_audit.latency.measuring.onnxruntime_profile import (
    Node,
    Profile,
    ran,
)
from shufflenet_audit.latency.measuring.spread import seconds
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import CONVOLUTIONS
from shufflenet_audit.network.op import Op
from shufflenet_audit.network.timings import Latency, Timing

_LAYOUTS = frozenset({"ReorderInput", "ReorderOutput", "Transpose"})
"""What the runtime puts in for itself: such nodes are in no file."""

_MOST = 0.5
_BLOCKS = (1, 4, 8, 16)
"""To whose multiples the runtime pads channels."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A profile, what it is called, and the op of each node of the file that was run."""

    name: str
    profile: Profile
    origins: Mapping[str, str]


def imported(graph: CostGraph, recording: Recording) -> Latency:
    """
    Where the time of a model went when the profile was recorded.

    The first of several runs is left out: it warmed up. Raises InputError if the profile is one of
    another model, or of another input.
    """
    profile = recording.profile
    _check_nodes(graph, recording)
    found = tuple(kernels(graph, ran(profile.nodes, recording.origins)))
    _check_work(graph, recording.name, found)
    kept = slice(1, None) if len(profile.runs) > 1 else slice(None)
    return Latency(
        backend="onnxruntime",
        device=f"the device of {recording.name}",
        predicted=False,
        threads=profile.threads,
        total=seconds(profile.runs[kept]),
        timings=tuple(
            Timing(each.ops, each.label, each.kind, seconds(each.seconds[kept])) for each in found
        ),
        settings=(("runs", str(len(profile.runs[kept]))), ("profile", recording.name)),
        notes=tuple(_notes(recording)),
    )


def _check_nodes(graph: CostGraph, recording: Recording) -> None:
    nodes = recording.profile.nodes
    ops = {node.name: origin(recording.origins, node.name) for node in nodes}
    strange = [node for node in nodes if not ops[node.name] and node.operator not in _LAYOUTS]
    if len(strange) > _MOST * len(nodes):
        message = (
            f"{recording.name} is of another file: {len(strange)} of its {len(nodes)} nodes, such"
            f" as {strange[0].name}, are none of the model's; give the ONNX file that was run, or"
            " record the one that audit latency MODEL --export FILE writes"
        )
        raise InputError(message)
    for node in nodes:
        op = ops[node.name]
        if op is not None and not _fits(graph[op], node):
            _refuse(recording.name, graph[op], node)


def _check_work(graph: CostGraph, name: str, found: Iterable[Kernel]) -> None:
    """Most of the multiply–adds have to be in kernels of their own: a runtime joins few of them."""
    working = {op.name: op.macs for op in graph.known if op.macs}
    own = [
        max((op for op in each.ops if op in working), key=working.__getitem__, default="")
        for each in found
    ]
    missing = [op for op in working if op not in own]
    if sum(map(working.__getitem__, missing)) > _MOST * sum(working.values()):
        message = (
            f"{name} is of another model: it has no time of {len(missing)} of the {len(working)}"
            f" convolutions and matrix products here, such as {missing[0]}"
        )
        raise InputError(message)


def _fits(op: Op, node: Node) -> bool:
    """Whether a node made what the op makes, as far as convolutions tell: others are reshaped."""
    if not node.operator.endswith("Conv"):
        return op.kind not in CONVOLUTIONS
    made = op.outputs[0].shape
    if len(node.shape) != len(made):
        return not node.shape
    channels = {-(-made[1] // block) * block for block in _BLOCKS}
    there = node.shape
    return there[0] == made[0] and there[2:] == made[2:] and there[1] in channels


def _refuse(name: str, op: Op, node: Node) -> None:
    there, here = ("×".join(map(str, shape)) for shape in (node.shape, op.outputs[0].shape))
    message = (
        f"{name} is of another model or input: {node.name} made {there} there, and {op.name}"
        f" makes {here} here; give the ONNX file that was run, and its input with --input"
    )
    raise InputError(message)


def _notes(recording: Recording) -> Iterator[str]:
    runs = len(recording.profile.runs)
    yield "recorded under the profiler of ONNX Runtime, which takes time itself"
    yield from ("only one run was recorded: it warmed up too",) if runs == 1 else ()
    yield from _strangers(recording.profile.nodes, recording.origins)


def _strangers(nodes: Sequence[Node], origins: Mapping[str, str]) -> Iterator[str]:
    lost = [node for node in nodes if node.operator not in _LAYOUTS]
    lost = [node for node in lost if origin(origins, node.name) is None]
    if lost:
        yield f"{len(lost)} of {len(nodes)} nodes are none of the model's: {_counted(lost)}"


def _counted(nodes: Iterable[Node]) -> str:
    counts = Counter(node.operator for node in nodes)
    return ", ".join(f"{count} × {operator}" for operator, count in counts.most_common())
