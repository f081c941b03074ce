"""A network as recorded: its graph, the shapes in it, and which sizes grow with the batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import getitem
from typing import Any, Final

import torch
from torch.utils._pytree import tree_leaves, tree_map_only

from shufflenet_audit.costs.ops import cost_graph
from shufflenet_audit.errors import AuditError
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.tracing.recording import Recording
from shufflenet_audit.tracing.trace import Traced, traced

Sizes = tuple[int, ...]

RESHAPES: Final = frozenset({"view", "_unsafe_view", "reshape", "_reshape_alias"})
"""Views that merge and split dimensions."""
SHAPED: Final = RESHAPES | frozenset(
    {"expand", "zeros", "ones", "empty", "rand", "randn", "full"}
    | {"new_zeros", "new_ones", "new_empty"}
)
"""Ops with the shape of their result among their arguments."""
_TWICE, _THRICE = 2, 3
"""Batches that tell what grows with the batch; not 1, whose sizes could as well be broadcast."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """
    A network, run once or at two batch sizes.

    One unit of batch is the batch of the example inputs. `batched` and `shapes` go by the names of
    nodes, and have an entry for each output of an op.
    """

    traced: Traced
    """The run whose graph is worked on, of `units` units of batch."""
    costs: CostGraph
    """What its ops cost, for `units` units of batch."""
    units: int
    """How many times the batch of the example inputs it has run on."""
    batch: int
    """The batch of the example inputs."""
    shapes: Mapping[str, tuple[Sizes, ...]]
    """Sizes of what each node makes, for one unit of batch."""
    batched: Mapping[str, tuple[tuple[bool, ...], ...]]
    """Which of these sizes grow with the batch."""
    held: Mapping[str, torch.Tensor]
    """Parameters, buffers and constants, by the names that the graph has for them."""
    fixed_batch: str = ""
    """Why the network only runs at the batch that it was recorded with; empty if it runs at any."""

    @property
    def graph(self) -> torch.fx.Graph:
        """The ATen calls."""
        return self.traced.recording.graph


def recorded(
    model: torch.nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any], first: Traced
) -> Recorded:
    """The network at two more batch sizes; at that of the `first` run alone, if it must be."""
    batch = _batch((args, kwargs))
    try:
        runs = tuple(_run(model, (args, kwargs), batch, times) for times in (_TWICE, _THRICE))
        return _growing(runs, batch)
    except (AuditError, _BatchError) as error:
        reason = str(error).partition("\n")[0]
    sizes = _shapes(first)
    still = {name: tuple((False,) * len(each) for each in made) for name, made in sizes.items()}
    held = held_tensors(first.model, first.recording)
    return Recorded(first, cost_graph(first.calls), 1, batch, sizes, still, held, reason)


class _BatchError(Exception):
    """The runs at two batch sizes differ in more than the batch."""


def _batch(inputs: Any) -> int:
    tensors = [
        leaf for leaf in tree_leaves(inputs) if isinstance(leaf, torch.Tensor) and leaf.dim()
    ]
    return int(tensors[0].shape[0]) if tensors else 0


def _run(model: torch.nn.Module, inputs: Any, batch: int, times: int) -> Traced:
    if not batch:
        message = "no input has a batch"
        raise _BatchError(message)

    def larger(tensor: torch.Tensor) -> torch.Tensor:
        grows = tensor.dim() > 0 and tensor.shape[0] == batch
        return torch.cat([tensor] * times) if grows else tensor

    args, kwargs = tree_map_only(torch.Tensor, larger, inputs)
    return traced(model, args, kwargs)


def _growing(runs: tuple[Traced, ...], batch: int) -> Recorded:
    twice, thrice = runs
    before, after = _shapes(twice), _shapes(thrice)
    pairs = zip(twice.recording.graph.nodes, thrice.recording.graph.nodes, strict=False)
    if len(twice.recording.graph.nodes) != len(thrice.recording.graph.nodes) or any(
        (a.op, str(a.target)) != (b.op, str(b.target)) for a, b in pairs
    ):
        message = "it runs other ops at another batch size"
        raise _BatchError(message)
    for a, b in zip(twice.recording.graph.nodes, thrice.recording.graph.nodes, strict=True):
        _check_numbers(a, b, before)
    batched = {
        name: tuple(_grows(*both, name) for both in zip(made, after[name], strict=True))
        for name, made in before.items()
    }
    shapes = {
        name: tuple(
            tuple(size // _TWICE if grows else size for size, grows in zip(*both, strict=True))
            for both in zip(made, batched[name], strict=True)
        )
        for name, made in before.items()
    }
    held = held_tensors(twice.model, twice.recording)
    return Recorded(twice, cost_graph(twice.calls), _TWICE, batch, shapes, batched, held)


def _check_numbers(a: torch.fx.Node, b: torch.fx.Node, shapes: Mapping[str, Any]) -> None:
    """Raise _BatchError for a number in a call that grows with the batch and is no size of it."""
    if a.op != "call_function" or _numbers(a) == _numbers(b):
        return
    name = str(a.target).split(".")[1].removesuffix("_")
    whole = (
        name in {"slice", "as_strided"} and shapes[a.name] == shapes[next(nodes_in(a.args)).name]
    )
    if name not in SHAPED and name != "native_group_norm" and not whole:
        message = f"the batch is written into a call of {a.target}"
        raise _BatchError(message)


def _numbers(node: torch.fx.Node) -> list[Any]:
    leaves = tree_leaves((node.args, node.kwargs))
    return [leaf for leaf in leaves if not isinstance(leaf, torch.fx.Node)]


def _grows(before: Sizes, after: Sizes, name: str) -> tuple[bool, ...]:
    if len(before) != len(after):
        message = f"{name} has another number of dimensions at another batch size"
        raise _BatchError(message)
    for a, b in zip(before, after, strict=True):
        if a != b and a * _THRICE != b * _TWICE:
            message = f"a size of {name} is {a} or {b}, as the batch is"
            raise _BatchError(message)
    return tuple(a != b for a, b in zip(before, after, strict=True))


def _shapes(run: Traced) -> dict[str, tuple[Sizes, ...]]:
    """Sizes of what each node makes, by its name."""
    recording = run.recording
    held = held_tensors(run.model, recording)
    made = {call.name: tuple(spec.shape for spec in call.outputs) for call in run.calls.calls}
    made |= {given.name: (given.tensor.shape,) for given in run.calls.inputs}
    shapes: dict[str, tuple[Sizes, ...]] = {}
    for node in recording.graph.nodes:
        if node.op == "get_attr":
            shapes[node.name] = (tuple(held[str(node.target)].shape),)
        elif node.target is getitem:
            parent, index = node.args
            shapes[node.name] = (shapes[parent.name][index],)
        elif node.op != "output":
            shapes[node.name] = made[node.name]
    return shapes


def held_tensors(model: torch.nn.Module, recording: Recording) -> dict[str, torch.Tensor]:
    """Parameters, buffers and constants, by the names that the graph has for them."""
    return {
        **dict(model.named_parameters(remove_duplicate=False)),
        **dict(model.named_buffers(remove_duplicate=False)),
        **recording.constants,
    }


def nodes_in(value: Any) -> Iterator[torch.fx.Node]:
    """The nodes among arguments, lists of them looked into."""
    if isinstance(value, torch.fx.Node):
        yield value
    elif isinstance(value, list | tuple):
        yield from _all_nodes(value)
    elif isinstance(value, dict):
        yield from _all_nodes(value.values())


def _all_nodes(values: Iterable[Any]) -> Iterator[torch.fx.Node]:
    for each in values:
        yield from nodes_in(each)
