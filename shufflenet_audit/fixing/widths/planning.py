"""From a network and aims to a plan: changes of structure, ties, real widths, whole widths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from shufflenet_audit.costs.ops import cost_graph
from shufflenet_audit.errors import AuditError
from shufflenet_audit.fixing.widths.aims.aim import Aim, Tie
from shufflenet_audit.fixing.widths.blueprint import Blueprint
from shufflenet_audit.fixing.widths.derivation import Derivation, derivation
from shufflenet_audit.fixing.widths.edits import Edits
from shufflenet_audit.fixing.widths.fit import Problem, fit
from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.lattice import Lattice
from shufflenet_audit.fixing.widths.plan import Plan
from shufflenet_audit.fixing.widths.problem import Layer, Task, problem
from shufflenet_audit.fixing.widths.recorded import Recorded, recorded
from shufflenet_audit.fixing.widths.rounding import rounded
from shufflenet_audit.fixing.widths.sizes import Sizes
from shufflenet_audit.fixing.widths.stages import Stages, stage_macs
from shufflenet_audit.fixing.widths.summary import summary
from shufflenet_audit.fixing.widths.ties import Tied, tied
from shufflenet_audit.tracing.trace import traced

_NOTHING_GAINED = "no widths were found for which the network moves less memory in all"


class PlanError(AuditError):
    """No plan can be made for this network."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a network is run on."""

    args: Sequence[Any]
    """Positional arguments of `forward`."""
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments of `forward`."""


def plan(
    model: torch.nn.Module, inputs: Inputs, aims: Sequence[Aim], *, multiple_of: int = 1
) -> Plan:
    """
    New widths for a model so that the aims hold, with as many multiply–adds.

    The total stays within 1 %, each stage within 10 %; where widths do not allow that, the plan
    says so. Widths are multiples of `multiple_of` where they can be. Raises PlanError for a model
    without multiply–adds, and TraceError for one that cannot be traced.
    """
    first = traced(model, inputs.args, inputs.kwargs)
    before = cost_graph(first.calls)
    if not before.total.macs:
        message = "the network has no multiply–adds, so no width can be chosen by them"
        raise PlanError(message)
    network = recorded(model, inputs.args, inputs.kwargs, first)
    blueprint, ties = designed(network, aims, multiple_of)
    found = summary(blueprint, before, (tuple(aims), ties))
    if blueprint.edits == Edits() and not _helps(found):
        still = replace(blueprint, values=tuple(each.start for each in blueprint.sizes.origins))
        still = replace(still, sizes=blueprint.derived.sizes)
        refused = tuple((tie, _NOTHING_GAINED) for tie in ties.accepted)
        kept = Tied(still.sizes, (), ties.refused + refused)
        return summary(still, before, (tuple(aims), kept))
    return found


def _helps(found: Plan) -> bool:
    """Whether the network moves less, and is no farther from any aim."""
    before, after = found.before.total, found.after.total
    nearer = all(measure.after <= measure.before for measure in found.measures)
    return nearer and after.memory_access_fused < before.memory_access_fused


def designed(network: Recorded, aims: Sequence[Aim], multiple_of: int) -> tuple[Blueprint, Tied]:
    """The new widths, and which widths could be made equal."""
    edits = Edits()
    for aim in aims:
        edits = edits.and_also(aim.edits(network))
    derived = derivation(network, edits)
    task = _task(network, derived)
    touched = list(_forms_of(derived, edits.touched))
    ties = _wanted(network, derived, aims)
    equal = tied(task, derived.sizes.copy(), ties, touched)
    asked = problem(task, equal.sizes, [*touched, *_of_ties(equal.accepted)])
    lattice = Lattice.of(derived, equal.sizes, multiple_of)
    values = _values(asked, equal.sizes, lattice)
    return Blueprint(network, edits, derived, equal.sizes, values), equal


def _task(network: Recorded, derived: Derivation) -> Task:
    """What the multiply–adds of each stage are to be: those of the network as it is."""
    targets = {places: macs / network.units for places, macs in stage_macs(network.costs).items()}
    stages = Stages.of(derived, network.costs, network.units)
    return Task.of(derived, stages, targets, tuple(_layers(network, derived)))


def _layers(network: Recorded, derived: Derivation) -> Iterator[Layer]:
    for name, (width_in, width) in derived.widths.items():
        shape = network.costs[name].convolution
        if shape:
            yield Layer(width_in, shape.c_in, shape.positions_in / network.units)
            yield Layer(width, shape.c_out, shape.positions / network.units)


def _wanted(network: Recorded, derived: Derivation, aims: Sequence[Aim]) -> tuple[Tie, ...]:
    """The ties of all aims, each once."""
    ties: dict[tuple[Form, Form], Tie] = {}
    for aim in aims:
        for tie in aim.ties(network, derived):
            a, b = derived.sizes.resolved(tie.a), derived.sizes.resolved(tie.b)
            if a != b:
                ties.setdefault((a, b), tie)
    return tuple(ties.values())


def _forms_of(derived: Derivation, ops: Iterable[str]) -> Iterable[Form]:
    for name in ops:
        yield from derived.widths.get(name, ())


def _of_ties(ties: Iterable[Tie]) -> Iterable[Form]:
    for tie in ties:
        yield from (tie.a, tie.b)


def _values(asked: Problem, sizes: Sizes, lattice: Lattice) -> tuple[int, ...]:
    """Whole widths: those that are free as found, the others as they were."""
    values = [origin.start for origin in sizes.origins]
    if asked.touched.any():
        found = rounded(asked, fit(asked), lattice)
        for number, value in zip(sizes.free(), found, strict=True):
            values[number] = int(np.rint(value))
    return tuple(values)
