"""The shapes of a network in terms of its widths, op by op."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import getitem
from typing import Any

import torch

from shufflenet_audit.fixing.widths.edits import Edits, live
from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.recorded import Recorded, nodes_in
from shufflenet_audit.fixing.widths.relations import relation
from shufflenet_audit.fixing.widths.relations.step import (
    Forms,
    Numbers,
    Outcome,
    Shape,
    Step,
    constants,
)
from shufflenet_audit.fixing.widths.sizes import NotUnderstoodError, Sizes, UnequalError
from shufflenet_audit.network.call import Call
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import Source

_STATISTICS = (3, 4)
"""Positions of the running mean and variance among the arguments of a batch norm."""
_FILTER = 63
"""The largest extent of a filter; what is larger in the last dimensions is a width."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A part of the network that is left as it is."""

    op: str
    """The name of the op that ties the widths."""
    target: str
    """What it is, as `aten.fft_rfft2.default`."""
    module: str
    """The module that runs it."""
    line: Source | None
    """The line of the user's code that runs it."""
    reason: str
    """Why the widths of its tensors are left as they are."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """What was found; everything goes by the names of nodes."""

    sizes: Sizes
    """The widths, and what ties them."""
    nodes: tuple[torch.fx.Node, ...]
    """The nodes that are part of the network, in order."""
    shapes: dict[str, tuple[Forms, ...]] = field(default_factory=dict)
    """The shapes of what each node makes, for one unit of batch."""
    numbers: dict[str, Numbers] = field(default_factory=dict)
    """By the position of an argument: the sizes that stand in it."""
    macs: dict[str, tuple[Forms, ...]] = field(default_factory=dict)
    """Products of sizes whose sum are the multiply–adds of an op, for one unit of batch."""
    widths: dict[str, tuple[Form, Form]] = field(default_factory=dict)
    """Channels in and out of convolutions and matrix products."""
    pins: list[Pin] = field(default_factory=list)
    """What was not understood and is left as it is."""


def derivation(recorded: Recorded, edits: Edits) -> Derivation:
    """The shapes of a network after these changes of structure."""
    result = Derivation(Sizes(), live(recorded.graph, edits))
    calls = {call.name: call for call in recorded.traced.calls.calls}
    held = _Held(recorded, result.sizes)
    groups = frozenset(_group_counts(recorded))
    for node in result.nodes:
        if node.op == "placeholder":
            result.shapes[node.name] = tuple(map(constants, recorded.shapes[node.name]))
        elif node.op == "get_attr":
            result.shapes[node.name] = (held.forms(node),)
        elif node.op == "output":
            _leave(node, edits, recorded, result)
        elif node.target is getitem:
            parent, index = edits.arguments(node)[0]
            result.shapes[node.name] = (result.shapes[parent.name][index],)
        else:
            step = _step(node, (recorded, edits), result, groups)
            _apply(node, step, calls[node.name], result)
    return result


class _Held:
    """Shapes of what the model holds: parameters may change, buffers and constants mostly not."""

    def __init__(self, recorded: Recorded, sizes: Sizes) -> None:
        self._tensors = recorded.held
        model = recorded.traced.model
        self._parameters = {name for name, _ in model.named_parameters(remove_duplicate=False)}
        self._sizes = sizes
        self._known: dict[int, Forms] = {}

    def forms(self, node: torch.fx.Node) -> Forms:
        """The shape of what a node fetches: the same whenever it is fetched."""
        name = str(node.target)
        tensor = self._tensors[name]
        if id(tensor) not in self._known:
            self._known[id(tensor)] = self._new(node, tensor)
        return self._known[id(tensor)]

    def _new(self, node: torch.fx.Node, tensor: torch.Tensor) -> Forms:
        name = str(node.target)
        if name not in self._parameters and not _is_statistics(node):
            return constants(tuple(tensor.shape))
        return tuple(
            Form.of(size)
            if tensor.dim() > 3 and dim > 1 and size <= _FILTER  # noqa: PLR2004  (two widths, then places)
            else self._sizes.new(size, name)
            for dim, size in enumerate(tensor.shape)
        )


def _is_statistics(node: torch.fx.Node) -> bool:
    """Whether it is the mean or variance of batch norms and nothing else."""
    return bool(node.users) and all(
        "batch_norm" in str(user.target) and node in [user.args[at] for at in _STATISTICS]
        for user in node.users
    )


def _group_counts(recorded: Recorded) -> Iterator[int]:
    """In how many groups its convolutions run, depthwise ones aside."""
    for op in recorded.costs.of_kind(Kind.GROUP_CONV):
        if op.convolution:
            yield op.convolution.groups


def _step(
    node: torch.fx.Node,
    network: tuple[Recorded, Edits],
    result: Derivation,
    groups: frozenset[int],
) -> Step:
    recorded, edits = network
    args, kwargs = edits.arguments(node)

    def shape(value: Any) -> Any:
        if isinstance(value, torch.fx.Node):
            name = value.name
            return Shape(name, result.shapes[name][0], recorded.shapes[name][0])
        if isinstance(value, list | tuple):
            return tuple(shape(each) for each in value)
        return value

    op = ".".join(str(node.target).split(".")[:2])
    name = op.removesuffix("_") if not op.endswith("__") else op
    shown = {key: shape(value) for key, value in kwargs.items()}
    return Step(node.name, name, shape(args), shown, recorded.shapes[node.name], groups)


def _apply(node: torch.fx.Node, step: Step, call: Call, result: Derivation) -> None:
    """Put what an op says into the derivation; if it is not understood, leave all as it is."""
    handler = relation(step.op, pointwise=call.pointwise)
    try:
        if handler is None:
            message = "how it ties the widths of its tensors is not known"
            raise NotUnderstoodError(message)  # noqa: TRY301  (as where a relation raises it)
        outcome = handler(step, result.sizes)
    except (NotUnderstoodError, UnequalError) as error:
        outcome = _pinned(node, step, call, (str(error), result))
    result.shapes[node.name] = outcome.outputs
    result.numbers[node.name] = outcome.numbers
    result.macs[node.name] = outcome.macs
    if outcome.widths:
        result.widths[node.name] = outcome.widths


def _pinned(node: torch.fx.Node, step: Step, call: Call, found: tuple[str, Derivation]) -> Outcome:
    reason, result = found
    place = call.place
    pin = Pin(node.name, str(node.target), place.module, place.source, reason)
    line = f" ({pin.line})" if pin.line else ""
    for shape in step.tensors:
        for form in shape.forms:
            result.sizes.fix(form, f"{pin.target}{line}: {reason}")
    if any(form.parts or not form.is_fixed for shape in step.tensors for form in shape.forms):
        result.pins.append(pin)
    return Outcome(tuple(map(constants, step.made)))


def _leave(node: torch.fx.Node, edits: Edits, recorded: Recorded, result: Derivation) -> None:
    """Outputs of the network keep their shapes."""
    for read in nodes_in(edits.arguments(node)):
        forms, made = result.shapes[read.name][0], recorded.shapes[read.name][0]
        for form, size in zip(forms, made, strict=True):
            result.sizes.equal(form, Form.of(size), "an output of the network")
