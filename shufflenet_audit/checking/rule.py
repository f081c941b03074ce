"""A rule: what a pack says of a guideline."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.checking.guideline import Severity, Unit
from shufflenet_audit.network.graph import CostGraph

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


def avoidable_share(findings: Iterable[Finding], graph: CostGraph) -> float:
    """The share of a network's memory access, after fusion, that these findings could avoid."""
    avoidable = sum(finding.avoidable.memory_access_fused for finding in findings)
    return avoidable / graph.total.memory_access_fused if graph.total.memory_access_fused else 0.0
