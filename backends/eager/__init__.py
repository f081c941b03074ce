"""The eager backend: PyTorch's own kernels, one by one, as the model calls them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from shufflenet_audit.plugin import Clock, Kernel, Kind, Op, Session, Task, backend

from . import cuda
from .python_time import Between, OtherOpsError

_NANO = 1e-9


@backend("eager", devices=("cpu", "cuda"), dtypes=("float32", "bfloat16", "float16", "float64"))
def eager(task: Task) -> Session:
    """
    The recorded ops, run with real tensors and timed one by one, around the call alone.

    Views, which start no kernel, are summed as one. What nobody reads any more is freed, as in the
    model itself. That takes time, as the model's own Python does: both have rows of their own.
    """
    if task.settings.device.startswith("cuda"):  # what a GPU does later, the CPU's clock cannot see
        return cuda.session(task)
    steps, held = tuple(_steps(task)), _held(task)
    runs: list[_Spent] = []

    def whole() -> object:
        return task.model(*task.args, **task.kwargs)

    python, notes = _python(whole, task)
    return Session(
        whole=whole,
        instrumented=lambda: runs.append(replace(_run(steps, held, task), python=python())),
        kernels=lambda: tuple(_kernels(task, steps, runs)),
        notes=notes,
    )


def _python(whole: Callable[[], object], task: Task) -> tuple[Callable[[], int], tuple[str, ...]]:
    """What measures the time in Python, and what is to be said of it."""
    between = Between(whole, task.clock)
    try:
        between.spent()
    except OtherOpsError:
        note = "Python between the ops: unavailable, the model does not run the same ops each time"
        return lambda: 0, (note,)
    return between.spent, ()


@dataclass(frozen=True, slots=True)
class _Step:
    """One node of the graph as it is called, and the nodes that nobody reads after it."""

    node: torch.fx.Node
    func: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    dead: tuple[torch.fx.Node, ...]

    @property
    def is_op(self) -> bool:
        """Whether it is more than the choice of one result of an op."""
        return self.func is not operator.getitem


@dataclass(frozen=True, slots=True)
class _Spent:
    """Nanoseconds of one run: in each call, in freeing what is read no more, and in Python."""

    calls: list[int]
    freeing: list[int]
    python: int = 0


def _steps(task: Task) -> Iterator[_Step]:
    readers = {reader: node for node in task.nodes.nodes for reader in node.all_input_nodes}
    dying: dict[torch.fx.Node, list[torch.fx.Node]] = {}
    for node, last in readers.items():
        dying.setdefault(last, []).append(node)
    for node in task.nodes.nodes:
        if node.op != "call_function":
            continue
        dead = dying.get(node, []) if node.users else [*dying.get(node, []), node]
        yield _Step(node, node.target, node.args, node.kwargs, tuple(dead))


def _held(task: Task) -> dict[torch.fx.Node, Any]:
    """What is there before the first op: the inputs, and what the model holds."""
    inputs = zip(task.nodes.find_nodes(op="placeholder"), task.leaves, strict=True)
    attributes = task.nodes.find_nodes(op="get_attr")
    return {**dict(inputs), **{node: task.attributes[node.target] for node in attributes}}


def _run(steps: Sequence[_Step], held: Mapping[torch.fx.Node, Any], task: Task) -> _Spent:
    clock, values, spent = task.clock, dict(held), _Spent([], [])
    for step in steps:
        args, kwargs = _filled(step.args, values), _filled(step.kwargs, values)
        start = clock()
        values[step.node] = step.func(*args, **kwargs)
        end = clock()
        if step.is_op:
            spent.calls.append(end - start)
        del args, kwargs
        if step.dead:
            spent.freeing.append(_freed(step.dead, values, clock))
    return spent


def _freed(dead: Sequence[torch.fx.Node], values: dict[torch.fx.Node, Any], clock: Clock) -> int:
    start = clock()
    for node in dead:
        del values[node]
    return clock() - start


def _filled(argument: Any, values: Mapping[torch.fx.Node, Any]) -> Any:
    """An argument of a node with the values that its nodes stand for."""
    if isinstance(argument, torch.fx.Node):
        return values[argument]
    if isinstance(argument, list | tuple):
        return [_filled(each, values) for each in argument]
    if isinstance(argument, dict):
        return {name: _filled(each, values) for name, each in argument.items()}
    return argument


def _kernels(task: Task, steps: Sequence[_Step], runs: Sequence[_Spent]) -> Iterator[Kernel]:
    """The ops, each with its time in each run; all views as one, and what no op does."""
    names = [step.node.name for step in steps if step.is_op]
    times = zip(*([_seconds(each, task) for each in run.calls] for run in runs), strict=True)
    views: dict[str, tuple[float, ...]] = {}
    for name, seconds in zip(names, times, strict=True):
        op = task.graph[name]
        if op.launched:
            yield Kernel((name,), _label(op), op.kind, seconds)
        else:
            views[name] = seconds
    if views:
        summed = tuple(map(sum, zip(*views.values(), strict=True)))
        yield Kernel(tuple(views), f"{len(views)} views", Kind.VIEW, summed)
    freeing = tuple(sum(_seconds(each, task) for each in run.freeing) for run in runs)
    yield Kernel((), "freeing of results", Kind.OTHER, freeing)
    python = tuple(_seconds(run.python, task) for run in runs)
    yield Kernel((), "Python between the ops", Kind.OTHER, python)


def _seconds(nanoseconds: int, task: Task) -> float:
    return max(nanoseconds - task.overhead, 0.0) * _NANO


def _label(op: Op) -> str:
    return op.target.removeprefix("aten.").removesuffix(".default")
