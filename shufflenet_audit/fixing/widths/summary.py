"""What a plan says: rows, stages and measures, from the network as built and counted anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from shufflenet_audit.costs.ops import cost_graph
from shufflenet_audit.fixing.widths.aims.aim import Aim, Tie
from shufflenet_audit.fixing.widths.blueprint import Blueprint
from shufflenet_audit.fixing.widths.building import build
from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.plan import Measure, Plan, Row, Stage, Unmet
from shufflenet_audit.fixing.widths.stages import stage_macs
from shufflenet_audit.fixing.widths.ties import Tied
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.tracing.trace import traced


def summary(blueprint: Blueprint, before: CostGraph, aimed: tuple[Sequence[Aim], Tied]) -> Plan:
    """The plan, with the network that comes of it run on meta tensors and counted."""
    aims, ties = aimed
    after = _counted(blueprint, before)
    return Plan(
        aims=tuple(aim.name for aim in aims),
        rows=tuple(_rows(blueprint)),
        removed=blueprint.edits.removed,
        unmet=tuple(_unmet(blueprint, tie, reason) for tie, reason in ties.refused if tie.gain),
        pins=tuple(blueprint.derived.pins),
        stages=tuple(_stages(before, after)),
        before=before,
        after=after,
        measures=tuple(
            Measure(aim.name, aim.measure(before), aim.measure(after), aim.unit) for aim in aims
        ),
        notes=tuple(_notes(blueprint)),
        blueprint=blueprint,
    )


def _counted(blueprint: Blueprint, before: CostGraph) -> CostGraph:
    inputs = [
        torch.empty(given.tensor.shape, dtype=getattr(torch, given.tensor.dtype), device="meta")
        for given in before.inputs
    ]
    return cost_graph(traced(build(blueprint, device="meta"), inputs, {}).calls)


def _rows(blueprint: Blueprint) -> Iterator[Row]:
    costs = blueprint.recorded.costs
    for name, (width_in, width) in blueprint.derived.widths.items():
        op = costs[name]
        shape = op.convolution
        if shape is None:
            continue
        groups = blueprint.edits.groups.get(name, shape.groups)
        after = blueprint.size(width_in) if shape.depthwise else groups
        yield Row(
            op=name,
            module=op.module,
            line=op.line,
            width_class=_class(blueprint, width),
            width=(shape.c_out, blueprint.size(width)),
            width_in=(shape.c_in, blueprint.size(width_in)),
            groups=(shape.groups, after),
        )


def _class(blueprint: Blueprint, form: Form) -> str:
    """The parameters that a width is made of, without the last part of their names."""
    sizes = blueprint.sizes
    names = (
        sizes.origins[number].name.rpartition(".")[0] or sizes.origins[number].name
        for number, _ in sizes.resolved(form).terms
    )
    return " + ".join(dict.fromkeys(names)) or "fixed"


def _unmet(blueprint: Blueprint, tie: Tie, reason: str) -> Unmet:
    op = blueprint.recorded.costs[tie.op]
    widths = (blueprint.size(tie.a), blueprint.size(tie.b))
    return Unmet(tie.op, op.module, op.line, widths, reason)


def _stages(before: CostGraph, after: CostGraph) -> Iterator[Stage]:
    now = stage_macs(after)
    for places, macs in stage_macs(before).items():
        yield Stage(places, (macs, now.get(places, 0)))


def _notes(blueprint: Blueprint) -> Iterator[str]:
    if blueprint.recorded.fixed_batch:
        yield f"It runs at the batch size of the example alone: {blueprint.recorded.fixed_batch}."
    yield "Dropout and stochastic depth are left out: they do nothing in the run it is made from."
