"""The compile backend: `torch.compile` with inductor, its kernels timed by PyTorch's profiler."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch.profiler import ProfilerActivity, profile

from shufflenet_audit.plugin import CostGraph, Op, Session, Task, backend, kernels

_MICRO = 1e-6
_NODES = re.compile(r"# Topologically Sorted Source Nodes: \[(?P<nodes>[^\]]*)\]")
_CALL = re.compile(
    r"^\s+(?:\w+ = )?(?:(?P<kernel>cpp_fused_\w+)\("
    r"|torch\.ops\.(?P<space>\w+)\.(?P<op>\w+)\.|extern_kernels\.(?P<extern>\w+)\()"
)


class Called(NamedTuple):
    """
    A kernel as the generated code calls it: its name in a profile, and its source nodes.

    Of a generated kernel the code does not say them; its name has the types of its ops.
    """

    name: str
    nodes: tuple[str, ...] = ()


@backend("compile")
def compiled(task: Task) -> Session:
    """The recorded graph, compiled by inductor with its weights frozen."""
    run, code = _compiled(task)
    calls = tuple(called(code))
    runs: list[tuple[float, ...]] = []

    def instrumented() -> None:
        with profile(activities=[ProfilerActivity.CPU]) as seen:
            run()
        runs.append(_spent(calls, [(each.name, each.cpu_time_total) for each in seen.events()]))

    return Session(
        whole=run,
        instrumented=instrumented,
        kernels=lambda: tuple(kernels.kernels(task.graph, _ran(task.graph, calls, runs))),
    )


def called(code: str) -> Iterator[Called]:
    """The kernels that generated code calls, in order."""
    nodes: tuple[str, ...] = ()
    for line in code.splitlines():
        if said := _NODES.search(line):
            nodes = tuple(filter(None, said["nodes"].split(", ")))
        elif call := _CALL.match(line):
            if call["kernel"]:
                yield Called(call["kernel"])
            else:
                space, op = call["space"] or "aten", call["op"] or call["extern"]
                yield Called(f"{space}::{op}", nodes)


def ops(graph: CostGraph, calls: Sequence[Called]) -> tuple[tuple[str, ...], ...]:
    """
    The ops of each call.

    A call of a library is named after the last op that it computes. A generated kernel has the
    ops of the types in its name that stand between the calls around it, if no call has them.
    """
    place = {op.name: at for at, op in enumerate(graph)}
    lasts = [[node for node in call.nodes if node in place][-1:] for call in calls]
    taken = {node for last in lasts for node in last}
    found: list[tuple[str, ...]] = []
    for at, call in enumerate(calls):
        before = next((place[last[0]] for last in reversed(lasts[:at]) if last), -1)
        behind = next((place[last[0]] for last in lasts[at + 1 :] if last), len(place))
        window = graph.ops[min(before, behind) + 1 : max(before, behind)]
        inside = [op.name for op in window if _named(op, call) and op.name not in taken]
        taken.update(inside)
        found.append(tuple(lasts[at] or inside[::-1]))
    return tuple(found)


def _named(op: Op, call: Called) -> bool:
    kind = op.target.partition(".")[2].partition(".")[0].rstrip("_")
    return op.launched and not call.nodes and f"_{kind}_" in f"{call.name}_"


def _compiled(task: Task) -> tuple[Callable[[], object], str]:
    """What runs the compiled graph, and the code that was generated for it."""
    import torch._inductor.config as inductor  # noqa: PLC0415  (it takes seconds)
    from torch._inductor.utils import run_and_get_code  # noqa: PLC0415  (likewise)

    root = torch.nn.Module()
    graph = torch.fx.Graph()
    graph.output(graph.graph_copy(task.nodes, {}))
    for node in graph.find_nodes(op="get_attr"):
        name = f"held_{node.name}"
        root.register_buffer(name, task.attributes[str(node.target)])
        node.target = name
    function = torch.compile(torch.fx.GraphModule(root, graph))
    options = {"freezing": True, "fx_graph_cache": False, "cpp.enable_kernel_profile": True}
    with inductor.patch(options):
        _, codes = run_and_get_code(function, *task.leaves)
    return lambda: function(*task.leaves), "\n".join(codes)


def _spent(calls: Sequence[Called], events: Sequence[tuple[str, float]]) -> tuple[float, ...]:
    """Seconds of each call, found among the events of a run in order; zero if it left none."""
    seconds = []
    left = iter(events)
    for call in calls:
        found = next((spent for name, spent in left if name.endswith(call.name)), 0.0)
        seconds.append(found * _MICRO)
    return tuple(seconds)


def _ran(
    graph: CostGraph, calls: Sequence[Called], runs: Sequence[tuple[float, ...]]
) -> Iterator[kernels.Ran]:
    times = zip(*runs, strict=True)
    for call, own, seconds in zip(calls, ops(graph, calls), times, strict=True):
        yield kernels.Ran(own, call.name, seconds)
