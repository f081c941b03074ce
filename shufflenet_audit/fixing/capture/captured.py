"""A model and its inputs, captured: the program, its cost as it is, and what a check needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import torch
from torch.fx import Graph, Node
from torch.utils._pytree import tree_leaves, tree_map_only

from shufflenet_audit.costs.ops import cost_graph
from shufflenet_audit.errors import AuditError, TraceError
from shufflenet_audit.fixing.capture.batch import batch_of, free_the_batch, rows
from shufflenet_audit.fixing.capture.functional import make_functional
from shufflenet_audit.fixing.capture.normal_form import drop_unchanged, make_normal
from shufflenet_audit.fixing.precision import widened
from shufflenet_audit.fixing.program import MUTABLE, ORIGIN, VALUE, Program
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.op import Source
from shufflenet_audit.tracing.recording import Recording, record
from shufflenet_audit.tracing.trace import Traced, traced

_OTHER_BATCHES = (2, 3)
"""Batch sizes to trace at beside the user's: the first that differs from it."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A model as a program, together with what it was made from."""

    model: torch.nn.Module
    """The model itself, unchanged."""
    args: tuple[Any, ...]
    """The inputs that it was run on."""
    kwargs: Mapping[str, Any]
    """Inputs given by name."""
    program: Program
    """What it runs."""
    graph: CostGraph
    """What it costs as it is."""
    widened: bool
    """Whether the program computes in float64 where the model computes in float32."""
    unread: tuple[str, ...]
    """Parameters of the model that nothing reads."""
    fixed_batch: str
    """Why the program runs at the batch size of the inputs alone; empty if it runs at any."""

    @property
    def leaves(self) -> tuple[torch.Tensor, ...]:
        """The tensors among the inputs."""
        found = tree_leaves((self.args, dict(self.kwargs)))
        return tuple(leaf for leaf in found if isinstance(leaf, torch.Tensor))


def captured(
    model: torch.nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    lines: Mapping[str, Source] = {},
) -> Capture:
    """
    Run a model once with its weights and write it down as a program.

    `lines` built the modules, by their paths.
    Raises AuditError for a model that cannot be rewritten: without weights, with control flow
    that depends on values, with random numbers, or that changes its own state.
    """
    if any(tensor.is_meta for tensor in chain(model.parameters(), model.buffers())):
        message = "the model is on meta, without weights: build it on the CPU to rewrite it"
        raise AuditError(message)
    run = traced(model, args, kwargs, lines=lines)
    if run.on != "meta":
        message = f"the model looks at the values of its inputs ({run.reason}): what it runs depends on them, and only a model that always runs the same ops can be rewritten"  # noqa: E501
        raise TraceError(message)
    graph = cost_graph(run.calls)
    recording = record(run.model, args, kwargs, meta=False)
    _check_is_not_random(recording.graph)
    program = _functional(run.model, recording, graph)
    read = set(program.tensors)
    unread = tuple(name for name, _ in run.model.named_parameters() if name not in read)
    fixed_batch = _freed(run, graph, (tuple(args), dict(kwargs)), program)
    drop_unchanged(program)
    wide = widened(program)
    return Capture(run.model, tuple(args), dict(kwargs), program, graph, wide, unread, fixed_batch)


def _functional(model: torch.nn.Module, recording: Recording, graph: CostGraph) -> Program:
    """A recording as a program in its normal form. Raises TraceError for one that has a state."""
    written = make_functional(recording.graph)
    if written:
        names = ", ".join(str(node.target) for node in written)
        message = (
            f"the model writes to {names} when it runs: a rewritten model has no state of its own"
            " to write to"
        )
        raise TraceError(message)
    program = _program(model, recording, graph)
    make_normal(program)
    return program


def _check_is_not_random(graph: Graph) -> None:
    for node in graph.nodes:
        tags = getattr(node.target, "tags", ())
        if torch.Tag.nondeterministic_seeded in tags and node.users and _draws(node):
            message = f"{node.target} draws random numbers in evaluation mode: two runs differ, so no rewrite can be checked"  # noqa: E501
            raise TraceError(message)


def _draws(node: Node) -> bool:
    """Attention is on PyTorch's list because of its dropout, which is off in evaluation mode."""
    return "attention" not in str(node.target)


def _freed(run: Traced, graph: CostGraph, given: Any, program: Program) -> str:
    """Take the batch out of a program; why it must stay in, if it must."""
    leaves = [leaf for leaf in tree_leaves(given) if isinstance(leaf, torch.Tensor)]
    batch = batch_of(leaves)
    if not batch:
        return "its inputs have no batch dimension in common"
    other = next(size for size in _OTHER_BATCHES if size != batch)
    try:
        args, kwargs = rows(given, other)
        recording = record(run.model, args, kwargs, meta=False)
        twin = _functional(run.model, recording, graph)
    except Exception as error:  # noqa: BLE001  (whatever a model raises at another batch size)
        return f"it does not run at batch {other}: {type(error).__name__}"
    return free_the_batch(program, twin, (batch, other))


def _program(model: torch.nn.Module, recording: Recording, graph: CostGraph) -> Program:
    held = chain(
        model.named_parameters(remove_duplicate=False),
        model.named_buffers(remove_duplicate=False),
        recording.constants.items(),
    )
    tensors = {name: tensor.detach() for name, tensor in held}
    named = {node.target for node in recording.graph.nodes if node.op == "get_attr"}
    program = Program(
        recording.graph, {name: tensor for name, tensor in tensors.items() if name in named}
    )
    program.parameters = {name for name, _ in model.named_parameters(remove_duplicate=False)}
    _move_up(program.graph)
    inputs = {each.name: each.tensor for each in recording.calls.inputs}
    for node in program.graph.nodes:
        match node.op:
            case "placeholder":
                given = inputs[node.name]
                kind = getattr(torch, given.dtype)
                node.meta[VALUE] = torch.empty(given.shape, dtype=kind, device="meta")
            case "get_attr":
                node.meta[VALUE] = _like(tensors[node.target])
            case "call_function":
                node.meta[ORIGIN] = (node.name,) if node.name in graph else ()
                node.meta[VALUE] = _made(program, node)
    return program


def _move_up(graph: Graph) -> None:
    """Put what the model holds before all that it runs."""
    nodes = list(graph.nodes)
    first = next((node for node in nodes if node.op == "call_function"), None)
    for node in nodes:
        if first and node.op == "get_attr":
            first.prepend(node)


def _like(tensor: torch.Tensor) -> torch.Tensor:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")


def _made(program: Program, node: Node) -> Any:
    """What an op makes; one that writes in place gets copies, which it may resize."""
    if not node.meta.get(MUTABLE):
        return program.made(node)
    given = tree_map_only(
        Node, lambda each: each.meta[VALUE], (tuple(node.args), dict(node.kwargs))
    )
    args, kwargs = tree_map_only(torch.Tensor, _like, given)
    if "device" in kwargs:
        kwargs["device"] = torch.device("meta")
    return node.target(*args, **kwargs)  # type: ignore[operator]  # it is a call
