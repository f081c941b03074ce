"""The flow on one page: load → trace → cost → check → time → hold against the project."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from shufflenet_audit.checking.check import guidelines
from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.costs.custom import CustomCost, custom_modules, notes_on
from shufflenet_audit.costs.ops import cost_graph
from shufflenet_audit.discovery import costs as installed_costs
from shufflenet_audit.discovery import lost_costs
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
from shufflenet_audit.network.calls import Calls
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.project import Config
from shufflenet_audit.project.applied import held_against
from shufflenet_audit.project.rule_selection import selected
from shufflenet_audit.results.audit import Audit, Model, Tool

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    import torch


@dataclass(frozen=True, slots=True)
class Job:
    """A model, and how it is to be audited."""

    loaded: Loaded | LoadedGraph
    """The model: what `loading` gives."""
    rules: Sequence[Rule] | None = None
    """The rules to check: those that the project leaves on, unless given."""
    costs: tuple[CustomCost, ...] = ()
    """Costs of ops and modules, beside those of the model itself and of installed packs."""
    project: Config = field(default_factory=Config)
    """What the project sets: options of rules, suppressions, budgets, the baseline."""
    name: str = ""
    """What the user called the model."""


Timer = Callable[[Sequence[Audit], Sequence[Job]], Sequence[Audit]]
"""Adds times to audits: measured (the models take turns) or predicted. See `pipeline/times.py`."""

Step = Callable[[str, Job | None], AbstractContextManager[None]]
"""What a caller wraps around a step, told its name and the job: progress, or words for errors."""


def _silently(_name: str, _job: Job | None) -> AbstractContextManager[None]:
    return nullcontext()


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
    chosen = None if rules is None else tuple(rules)
    project = Config().with_options(options)
    return audit_model(Job(of_module(model, inputs, named_inputs), chosen, tuple(costs), project))


def trace(model: torch.nn.Module, *inputs: Any, **named_inputs: Any) -> CostGraph:
    """
    The costed graph of a model run on these inputs.

    The model is run in evaluation mode, on meta tensors: no weight is allocated or changed. One
    that needs the values of its tensors is run on real ones. Raises TraceError when it raises.
    """
    return network(of_module(model, inputs, named_inputs))[0]


def audit_model(job: Job, *timers: Timer) -> Audit:
    """Audit one model. Raises AuditError."""
    (made,) = audit_models((job,), *timers)
    return made


def audit_models(jobs: Sequence[Job], *timers: Timer, step: Step = _silently) -> tuple[Audit, ...]:
    """Audit models; where they are timed, they take turns. Raises AuditError."""
    audits: Sequence[Audit] = tuple(_checked(job, step) for job in jobs)
    for timer in timers:
        with step("timing", None):
            audits = timer(audits, jobs)
    pairs = zip(audits, jobs, strict=True)
    return tuple(held_against(job.project, audit) for audit, job in pairs)


def network(
    loaded: Loaded | LoadedGraph, costs: Sequence[CustomCost] = ()
) -> tuple[CostGraph, Model]:
    """The costed graph of a model, and what to know of the model. Raises AuditError."""
    every = (*installed_costs(), *loaded.costs, *costs)
    if isinstance(loaded, LoadedGraph):
        calls = loaded.calls
        model = Model(loaded.name, loaded.class_name, loaded.read_as, loaded.assumptions)
    else:
        calls, model = _traced(loaded, custom_modules(every))
    graph = cost_graph(calls, every)
    notes = notes_on((*loaded.costs, *costs), graph)
    return graph, replace(model, assumptions=(*model.assumptions, *notes))


def of_module(
    model: torch.nn.Module, inputs: Sequence[Any], named_inputs: Mapping[str, Any]
) -> Loaded:
    """A module that is at hand, as if it had been loaded."""
    assumed = ("the model was in training mode, and is audited as in evaluation",)
    notes = assumed if getattr(model, "training", False) else ()  # frozen TorchScript has no mode
    return Loaded(type(model).__name__, model, tuple(inputs), named_inputs, assumptions=notes)


def _checked(job: Job, step: Step) -> Audit:
    with step("auditing", job):
        graph, model = network(job.loaded, job.costs)
        rules = selected(job.project) if job.rules is None else job.rules
        found = guidelines(graph, (*rules, *lost_costs()), job.project.options)
        return Audit(_tool(), model, graph, found)


def _traced(loaded: Loaded, wanted: frozenset[str]) -> tuple[Calls, Model]:
    from shufflenet_audit.tracing.trace import traced  # noqa: PLC0415  (see the top)

    with loaded.context():
        run = traced(
            loaded.model,
            loaded.args,
            loaded.kwargs,
            build=loaded.build,
            custom_modules=wanted,
            lines=loaded.lines,
        )
    assumptions = loaded.assumptions
    if run.reason:
        assumptions = (*assumptions, f"run on real tensors with random values: {run.reason}")
    return run.calls, Model(loaded.name, type(run.model).__name__, run.on, assumptions)


def _tool() -> Tool:
    own = version("shufflenet-audit")
    return Tool("shufflenet-audit", own, platform.python_version(), version("torch"))
