"""What a test asserts of a model: guidelines that hold, and budgets that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from shufflenet_audit.checking.guideline import Guideline, Verdict
from shufflenet_audit.discovery import rules
from shufflenet_audit.errors import ConfigError
from shufflenet_audit.pipeline.audit import audit, audit_loaded
from shufflenet_audit.project import Config
from shufflenet_audit.project.amount import amount
from shufflenet_audit.project.applied import guarded
from shufflenet_audit.project.fields import mistakes
from shufflenet_audit.project.reading import configuration
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.budget import (
    Kept,
    Limit,
    judged,
)
from shufflenet_audit.results.clusters import (
    Cluster,
    clusters,
    savings,
)
from shufflenet_audit.results.violation import (
    FailOn,
    counts,
    limits,
)
from shufflenet_audit.text import named

if TYPE_CHECKING:  # a test that uses this has it anyway, but a type checker need not load it
    import torch

_HOLDS = (Verdict.PASS, Verdict.NOT_APPLICABLE)
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Audited:
    """An audit, and what a test can ask of it. Each method gives it back, or fails the test."""

    audit: Audit
    fail_on: FailOn = FailOn.ERROR

    def must_hold(self, *wanted: str) -> Self:
        """Fail if a rule of these codes or names is violated; without any, if anything is."""
        __tracebackhide__ = True
        wrong = tuple(self._violated(wanted) if wanted else self._all())
        if wrong:
            raise AssertionError("\n".join((f"{self.audit.model.name}:", *wrong)))
        return self

    def must_stay_within(self, **limits: float | str) -> Self:
        """Fail if a total is over: macs, params, memory_access, memory_access_fused, ops."""
        __tracebackhide__ = True
        wrong = tuple(mistakes({"budgets": limits}, rules()))
        if wrong:
            raise ConfigError(wrong)
        total, latencies = self.audit.graph.total, self.audit.latencies
        wanted = (Limit(name, amount(most) or 0.0) for name, most in limits.items())
        held = [judged(limit, total, latencies) for limit in wanted]
        over = [f"  {each.limit.name}: {each}" for each in held if each.kept is not Kept.WITHIN]
        if over:
            raise AssertionError("\n".join((f"{self.audit.model.name}:", *over)))
        return self

    def _violated(self, wanted: Iterable[str]) -> Iterator[str]:
        """Whatever the configuration tolerates: the test asks for this rule by name."""
        checked = {each.code: each for each in self.audit.guidelines}
        names = {each.name: each.code for each in self.audit.guidelines}
        for name in wanted:
            guideline = named(checked, names.get(name, name), "rule that was checked")
            if guideline.verdict not in _HOLDS and (guideline.active or not guideline.findings):
                yield from _said(guideline, self.audit)

    def _all(self) -> Iterator[str]:
        """What would make `audit` fail, and all that crashed."""
        for guideline in self.audit.guidelines:
            crashed = guideline.verdict is Verdict.CRASHED
            if crashed or counts(guideline, self.audit, self.fail_on):
                yield from _said(guideline, self.audit)
        yield from (f"  {each}" for each in limits(self.audit))


@dataclass(frozen=True, slots=True)
class Auditor:
    """Audits what a test gives it, as the configuration says."""

    config: Config = field(default_factory=lambda: configuration(None), repr=False)

    def __call__(self, model: torch.nn.Module | str, *inputs: Any, **named_inputs: Any) -> Audited:
        """An audited module on inputs; or a model by name, its inputs spelt as in `audit`."""
        known = model if isinstance(model, str) else type(model).__qualname__
        config = self.config.for_model(known)
        made = self._audit(model, inputs, named_inputs, config)
        asked = config.fail_on is FailOn.WARNING  # never is for commands: a test asks to be told
        return Audited(guarded(made, config), FailOn.WARNING if asked else FailOn.ERROR)

    def _audit(
        self, model: torch.nn.Module | str, inputs: Any, named_inputs: Any, config: Config
    ) -> Audit:
        chosen = config.levelled(r for code, r in rules().items() if code not in config.off)
        if not isinstance(model, str):
            return audit(model, *inputs, rules=chosen, options=config.options, **named_inputs)
        from shufflenet_audit.loading import Request, example, load  # noqa: PLC0415  (few need it)

        arguments = {**config.args, **named_inputs}
        shapes = tuple(map(example, inputs or config.inputs))
        return audit_loaded(load(Request(model, arguments, shapes)), chosen, config.options)


def _said(guideline: Guideline, audit: Audit) -> Iterator[str]:
    """The guideline, and of its findings the most costly: place, cost, and what to do instead."""
    metric = (
        guideline.error or f"{guideline.metric}, {guideline.metric and guideline.metric.meaning}"
    )
    verdict = guideline.verdict.replace("_", " ")
    yield f"  {guideline.code} {guideline.name}: {verdict}: {metric}"
    for cluster in clusters(guideline, audit.graph)[:_SHOWN]:
        yield from _found(cluster, audit)


def _found(cluster: Cluster, audit: Audit) -> Iterator[str]:
    worst = cluster.worst
    others = f" and {cluster.others}" if cluster.others else ""
    yield f"    {worst.message}"
    yield f"      in {worst.module or 'the model itself'}{others}"
    if worst.source:
        yield f"      at {worst.source}"
    yield f"      saves {savings(cluster.avoidable, audit.graph.total)}"
    if worst.instead:
        yield f"      instead: {worst.instead}"
