"""A latency from a profile that was recorded elsewhere: on a phone, on a Raspberry Pi."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shufflenet_audit.errors import InputError
from shufflenet_audit.latency.backend import Kernel
from shufflenet_audit.latency.measuring.kernels import kernels, origin, ran
from shufflenet_audit.latency.measuring.spread import seconds
from shufflenet_audit.latency.profile import Node, Profile
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import CONVOLUTIONS
from shufflenet_audit.network.op import Op
from shufflenet_audit.network.timings import Latency, Timing

_MOST = 0.5
"""Which share of the nodes, or of the multiply–adds, may be missing in a profile of the model."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A profile of a model that was run elsewhere."""

    name: str
    """The name of its file."""
    backend: str
    """The name of the backend that read it."""
    profile: Profile
    """What the file says."""
    origins: Mapping[str, str]
    """The op that each node of the model's file came from."""


def imported(graph: CostGraph, recording: Recording) -> Latency:
    """
    Where the time of a model went when the profile was recorded.

    The first of several runs is left out, since it warmed up. Raises InputError if the profile is
    of another model, or of another input.
    """
    profile = recording.profile
    _check_nodes(graph, recording)
    parts = tuple(kernels(graph, ran(profile.nodes, recording.origins)))
    _check_work(graph, recording.name, parts)
    kept = slice(1, None) if len(profile.runs) > 1 else slice(None)
    return Latency(
        backend=recording.backend,
        device=f"the device of {recording.name}",
        predicted=False,
        threads=profile.threads,
        total=seconds(profile.runs[kept]),
        timings=tuple(
            Timing(kernel.ops, kernel.label, kernel.kind, seconds(kernel.seconds[kept]))
            for kernel in parts
        ),
        settings=(("runs", str(len(profile.runs[kept]))), ("profile", recording.name)),
        notes=tuple(_notes(recording)),
    )


def _check_nodes(graph: CostGraph, recording: Recording) -> None:
    nodes = recording.profile.nodes
    ops = {node.name: origin(recording.origins, node.name) for node in nodes}
    strange = [node for node in nodes if not ops[node.name] and not node.added]
    if len(strange) > _MOST * len(nodes):
        message = (
            f"{recording.name} is of another file: {len(strange)} of its {len(nodes)} nodes, such"
            f" as {strange[0].name}, are not in the model; give the ONNX file that was run, or"
            " record the one that audit latency MODEL --export FILE writes"
        )
        raise InputError(message)
    for node in nodes:
        op = ops[node.name]
        if op is not None and not _fits(graph[op], node, recording.profile.channel_blocks):
            _refuse(recording.name, graph[op], node)


def _check_work(graph: CostGraph, name: str, parts: Iterable[Kernel]) -> None:
    """Check that most multiply–adds have a kernel of their own: runtimes fuse few such ops."""
    working = {op.name: op.macs for op in graph.known if op.macs}
    own = [
        max((op for op in kernel.ops if op in working), key=working.__getitem__, default="")
        for kernel in parts
    ]
    missing = [op for op in working if op not in own]
    if sum(map(working.__getitem__, missing)) > _MOST * sum(working.values()):
        message = (
            f"{name} is of another model: it has no time of {len(missing)} of the {len(working)}"
            f" convolutions and matrix products here, such as {missing[0]}"
        )
        raise InputError(message)


def _fits(op: Op, node: Node, blocks: Sequence[int]) -> bool:
    """Whether a node gave what the op gives, if it is a convolution: runtimes reshape others."""
    if not node.convolution:
        return op.kind not in CONVOLUTIONS
    here, there = op.output.shape, node.shape
    if len(there) != len(here):
        return not there
    channels = {-(-here[1] // block) * block for block in blocks}
    return there[0] == here[0] and there[2:] == here[2:] and there[1] in channels


def _refuse(name: str, op: Op, node: Node) -> None:
    there, here = ("×".join(map(str, shape)) for shape in (node.shape, op.output.shape))
    message = (
        f"{name} is of another model or input: {node.name} gave {there} there, and {op.name}"
        f" gives {here} here; give the ONNX file that was run, and its input with --input"
    )
    raise InputError(message)


def _notes(recording: Recording) -> Iterator[str]:
    runs = len(recording.profile.runs)
    yield from recording.profile.notes
    if runs == 1:
        yield "only one run was recorded, and it includes the warm-up"
    yield from _strangers(recording.profile.nodes, recording.origins)


def _strangers(nodes: Sequence[Node], origins: Mapping[str, str]) -> Iterator[str]:
    lost = [node for node in nodes if not node.added and origin(origins, node.name) is None]
    if lost:
        yield f"{len(lost)} of {len(nodes)} nodes are not in the model: {_counted(lost)}"


def _counted(nodes: Iterable[Node]) -> str:
    counts = Counter(node.operator for node in nodes)
    return ", ".join(f"{count} × {operator}" for operator, count in counts.most_common())
