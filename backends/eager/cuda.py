"""
Ops on a CUDA device, timed by what PyTorch's profiler saw there.

Written without such a device at hand: what it makes of the profiler's events is tested, the rest
is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch.profiler import ProfilerActivity, profile, record_function

from shufflenet_audit.plugin import CostGraph, Kernel, Session, Task

_MARK = "shufflenet-audit:"
_MICRO = 1e-6
_HOST = "DeviceType.CPU"
_NOTE = (
    "kernels were timed by torch.profiler, in a part of this program that was written without a GPU"
    " to try it on: compare with another profiler"
)


class Event(Protocol):
    """What is read of an event of the profiler; times are in microseconds."""

    name: str
    device_type: object
    device_time_total: float


def session(task: Task) -> Session:
    """The recorded ops under PyTorch's profiler, and the model as it is, waited for."""
    runs: list[dict[str, float]] = []
    marked = Marked(task.nodes, task.attributes)

    def whole() -> None:
        task.model(*task.args, **task.kwargs)
        torch.cuda.synchronize()

    def instrumented() -> None:
        with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
            marked.run(*task.leaves)
            torch.cuda.synchronize()
        runs.append(device_seconds(seen.events()))

    return Session(
        whole=whole,
        instrumented=instrumented,
        kernels=lambda: tuple(kernels(task.graph, runs)),
        notes=(_NOTE,),
    )


class Marked(torch.fx.Interpreter):
    """Runs recorded nodes, each within a range of the profiler that has its name."""

    def __init__(self, nodes: torch.fx.Graph, attributes: Mapping[str, torch.Tensor]) -> None:
        super().__init__(torch.nn.Module(), graph=nodes)
        self._attributes = attributes

    def run_node(self, n: torch.fx.Node) -> Any:
        """What the node gives."""
        if n.op != "call_function":
            return super().run_node(n)
        with record_function(_MARK + n.name):
            return super().run_node(n)

    def fetch_attr(self, target: str) -> torch.Tensor:
        """What the model holds under that name."""
        return self._attributes[target]


def device_seconds(events: Iterable[Event]) -> dict[str, float]:
    """
    Seconds on the device of each node, by name: all kernels that were started within its range.

    The profiler repeats a range as an event of the device itself, which would count twice.
    """
    found: dict[str, float] = {}
    for event in events:
        if str(event.device_type) == _HOST and event.name.startswith(_MARK):
            name = event.name.removeprefix(_MARK)
            found[name] = found.get(name, 0.0) + event.device_time_total * _MICRO
    return found


def kernels(graph: CostGraph, runs: Sequence[Mapping[str, float]]) -> Iterator[Kernel]:
    """The ops that start kernels, each with its time in each run; a view starts none."""
    for op in graph:
        if op.launched:
            label = op.target.removeprefix("aten.").removesuffix(".default")
            seconds = tuple(run.get(op.name, 0.0) for run in runs)
            yield Kernel((op.name,), label, op.kind, seconds)
