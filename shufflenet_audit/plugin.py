"""All that a pack may import: what a rule or a report is, and what it is given."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from shufflenet_audit import breakdown, grouping
from shufflenet_audit.backend import Backend, Clock, Kernel, Session, Settings, Task, backend
from shufflenet_audit.blocks import Block
from shufflenet_audit.call import Call, Spec, traffic
from shufflenet_audit.clusters import Cluster, clusters, costliest, savings
from shufflenet_audit.errors import UnavailableError
from shufflenet_audit.graph import CostGraph, Input, Totals
from shufflenet_audit.numbers import duration, human
from shufflenet_audit.op import (
    CONVOLUTIONS,
    Category,
    Convolution,
    Cost,
    Kind,
    Op,
    Source,
    Tensor,
    Traffic,
)
from shufflenet_audit.result import (
    Audit,
    Avoidable,
    Finding,
    Guideline,
    Metric,
    Model,
    Severity,
    Tool,
    Unit,
    Verdict,
)
from shufflenet_audit.text import bar, page, printable
from shufflenet_audit.thickness import thicknesses
from shufflenet_audit.timings import Evidence, Latency, Seconds, Support, Timing

__all__ = [
    "CONVOLUTIONS",
    "Audit",
    "Avoidable",
    "Backend",
    "Block",
    "Call",
    "Category",
    "Clock",
    "Cluster",
    "Convolution",
    "Cost",
    "CostGraph",
    "CustomCost",
    "Evidence",
    "Finding",
    "Guideline",
    "Input",
    "Kernel",
    "Kind",
    "Latency",
    "Metric",
    "Model",
    "Op",
    "Report",
    "Rule",
    "Scale",
    "Seconds",
    "Session",
    "Settings",
    "Severity",
    "Source",
    "Spec",
    "Support",
    "Task",
    "Tensor",
    "Timing",
    "Tool",
    "Totals",
    "Traffic",
    "UnavailableError",
    "Unit",
    "Verdict",
    "avoidable_share",
    "backend",
    "bar",
    "breakdown",
    "clusters",
    "cost_of",
    "costliest",
    "duration",
    "grouping",
    "human",
    "page",
    "printable",
    "report",
    "rule",
    "savings",
    "thicknesses",
    "traffic",
]

Check = Callable[..., Iterable[Finding]]
Measure = Callable[[CostGraph], float | None]


@dataclass(frozen=True, slots=True)
class Scale:
    """How a guideline is measured: what the number means, and where it turns bad."""

    measure: Measure | None = None
    meaning: str = "share of the memory access (fused) that could be avoided"
    unit: Unit = Unit.SHARE
    best: float = 0.0
    warn: float = 0.02
    fail: float = 0.05

    def __post_init__(self) -> None:
        if not self.best < self.fail or not self.best <= self.warn <= self.fail:
            message = f"best {self.best}, warn {self.warn} and fail {self.fail} are not in order"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A guideline: a check that finds the places where it does not hold, and a scale to judge by.

    Its keyword-only arguments are the rule's options, its docstring the rule's documentation.
    """

    code: str
    name: str
    check: Check
    scale: Scale
    severity: Severity

    @property
    def documentation(self) -> str:
        """The whole explanation, as Markdown."""
        return inspect.getdoc(self.check) or ""

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.documentation.partition("\n")[0]

    @property
    def options(self) -> dict[str, Any]:
        """The options that it takes, with their defaults."""
        parameters = inspect.signature(self.check).parameters.values()
        return {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY}


def rule(
    code: str,
    name: str,
    *,
    scale: Scale = Scale(),
    severity: Severity = Severity.ERROR,
) -> Callable[[Check], Rule]:
    """Make a rule of a check function. Its docstring becomes the rule's documentation."""
    return lambda check: Rule(code, name, check, scale, severity)


@dataclass(frozen=True, slots=True)
class Report:
    """
    A form of an audit that a person or a program reads.

    `render` gives text, or the bytes of a file that is no text.
    """

    name: str
    suffix: str
    render: Callable[..., Any]

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return (inspect.getdoc(self.render) or "").partition("\n")[0]


def report(name: str, *, suffix: str) -> Callable[[Callable[..., str | bytes]], Report]:
    """Make a report of a function from an audit to text, or to bytes."""
    return lambda render: Report(name, suffix, render)


@dataclass(frozen=True, slots=True)
class CustomCost:
    """
    What an op, or a module of some class, costs, by the word of whoever knows it.

    `handler` takes a `Call` and gives its `Cost`. A module is one call: its `args` are what
    `forward` is given, its parameters are in `kwargs`, and `Call.module` is the module itself.
    """

    target: str | type
    handler: Callable[[Call], Cost]

    @property
    def op(self) -> str:
        """What the ops that it is for go by: `mylib.op`, or `module.` and the name of a class."""
        if isinstance(self.target, type):
            return class_op(self.target)
        return self.target.replace("::", ".")

    @property
    def name(self) -> str:
        """Its target as its author wrote it."""
        return self.target if isinstance(self.target, str) else self.op.removeprefix("module.")


def class_op(kind: type) -> str:
    """What a call of a module of that class goes by: its name, as a file may be imported twice."""
    return f"module.{kind.__module__}.{kind.__qualname__}"


def cost_of(target: str | type) -> Callable[[Callable[[Call], Cost]], CustomCost]:
    """Make a custom cost of a handler: for an op, as in `mylib::op`, or for a class of modules."""
    return lambda handler: CustomCost(target, handler)


def avoidable_share(findings: Iterable[Finding], graph: CostGraph) -> float:
    """The share of a network's memory access, after fusion, that these findings could avoid."""
    avoidable = sum(finding.avoidable.memory_access_fused for finding in findings)
    return avoidable / graph.total.memory_access_fused if graph.total.memory_access_fused else 0.0
