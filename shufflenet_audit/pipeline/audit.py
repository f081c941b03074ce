"""The use case: a model is traced and checked, and comes out as an Audit."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from shufflenet_audit.checking.check import guidelines
from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.costs.custom import CustomCost, notes_on
from shufflenet_audit.discovery import costs as installed_costs
from shufflenet_audit.discovery import lost_costs
from shufflenet_audit.discovery import rules as installed_rules
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.results.audit import (
    Audit,
    Model,
    Tool,
)

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    import torch

    from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
    from shufflenet_audit.tracing.trace import Traced


def audit(
    model: torch.nn.Module,
    *inputs: Any,
    rules: Iterable[Rule] | None = None,
    options: Mapping[str, Mapping[str, Any]] = {},
    costs: Iterable[CustomCost] = (),
    **named_inputs: Any,
) -> Audit:
    """
    Audit a module on example inputs, as in `audit(model, x)`.

    `rules` are all installed ones unless given; `options` are by rule code, as in
    `{"G1": {"max_ratio": 3.0}}`; `costs` are custom costs beside those of installed packs. The
    module is run once, on meta tensors, and stays as it was. Raises AuditError when the model
    cannot be run.
    """
    from shufflenet_audit.tracing.trace import traced  # noqa: PLC0415  (see the top)

    given = tuple(costs)
    run = traced(model, inputs, named_inputs, costs=(*installed_costs(), *given))
    assumed = ("the model was in training mode, and is audited as in evaluation",)
    notes = (*(assumed if model.training else ()), *notes_on(given, run.graph))
    described = _model(run, type(model).__name__, notes)
    return _audited(run.graph, described, rules, options)


def trace(model: torch.nn.Module, *args: Any, **kwargs: Any) -> CostGraph:
    """
    The costed graph of a model run on these inputs.

    The model is run in evaluation mode, on meta tensors: no weight is allocated or changed. One
    that needs the values of its tensors is run on real ones. Raises TraceError when it raises.
    """
    from shufflenet_audit.tracing.trace import traced  # noqa: PLC0415  (see the top)

    return traced(model, args, kwargs).graph


def audit_loaded(
    loaded: Loaded | LoadedGraph,
    rules: Iterable[Rule] | None = None,
    options: Mapping[str, Mapping[str, Any]] = {},
    costs: Iterable[CustomCost] = (),
) -> Audit:
    """Audit a model that came from a file or a name. Raises AuditError."""
    from shufflenet_audit.loading.loaded import LoadedGraph  # noqa: PLC0415  (see the top)
    from shufflenet_audit.tracing.trace import traced  # noqa: PLC0415  (see the top)

    given = (*loaded.costs, *costs)
    every = (*installed_costs(), *given)
    if isinstance(loaded, LoadedGraph):
        graph = loaded.graph(every)
        notes = (*loaded.assumptions, *notes_on(given, graph))
        described = Model(loaded.name, loaded.class_name, loaded.read_as, notes)
        return _audited(graph, described, rules, options)
    with loaded.context():
        run = traced(
            loaded.model,
            loaded.args,
            loaded.kwargs,
            build=loaded.build,
            costs=every,
            lines=loaded.lines,
        )
    notes = (*loaded.assumptions, *notes_on(given, run.graph))
    return _audited(run.graph, _model(run, loaded.name, notes), rules, options)


def _model(run: Traced, name: str, assumptions: tuple[str, ...]) -> Model:
    if run.reason:
        assumptions = (*assumptions, f"run on real tensors with random values: {run.reason}")
    return Model(name, type(run.model).__name__, run.on, assumptions)


def _audited(
    graph: CostGraph,
    model: Model,
    rules: Iterable[Rule] | None,
    options: Mapping[str, Mapping[str, Any]],
) -> Audit:
    chosen = installed_rules().values() if rules is None else rules
    tool = Tool(
        "shufflenet-audit", version("shufflenet-audit"), platform.python_version(), version("torch")
    )
    return Audit(tool, model, graph, guidelines(graph, (*chosen, *lost_costs()), options))
