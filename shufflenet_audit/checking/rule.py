"""A rule: how a pack checks and judges a guideline."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.checking.guideline import Severity, Unit
from shufflenet_audit.network.graph import CostGraph

MIN_SHARE = 0.001
"""A finding that could save less of the network's memory access than this is not shown by default.
In a network of 10 ms a thousandth is 10 µs: about the time that one op takes to start, and less
than what two measurements of the whole network differ by."""

WARN_SHARE, FAIL_SHARE = 0.02, 0.05
"""The scale of a rule that has no networks of its own to divide: it fails where a twentieth of the
memory access could be avoided, midway between no group convolution and the least that ShuffleNet V1
spends on them (9.3 % with two groups), and warns from two fifths of that."""

Check = Callable[..., Iterable[Finding]]
Measure = Callable[[CostGraph], float | None]


@dataclass(frozen=True, slots=True)
class Scale:
    """How a guideline is measured: what its number means, and from where on it is bad."""

    measure: Measure | None = None
    """The number of a graph; None means the share of memory access its findings could avoid."""
    meaning: str = "share of the memory access (fused) that could be avoided"
    """What the number is, in words."""
    unit: Unit = Unit.SHARE
    """What it counts."""
    best: float = 0.0
    """The value of a network without fault."""
    warn: float = WARN_SHARE
    """From this value on the verdict is warn."""
    fail: float = FAIL_SHARE
    """From this value on the verdict is fail."""

    def __post_init__(self) -> None:
        if not self.best < self.fail or not self.best <= self.warn <= self.fail:
            message = f"best {self.best}, warn {self.warn} and fail {self.fail} are not in order"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A guideline: a check that finds the places where it does not hold, and a scale to judge by.

    The keyword-only arguments of the check are the options of the rule, its docstring is the
    documentation.
    """

    code: str
    """Short code, as in `G1`."""
    name: str
    """Name, as in `unbalanced-channels`."""
    check: Check
    """The function that takes a graph and yields findings."""
    scale: Scale
    """How the guideline is measured and judged."""
    severity: Severity
    """How bad its verdict can get."""

    @property
    def documentation(self) -> str:
        """The whole documentation, as Markdown."""
        return inspect.getdoc(self.check) or ""

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.documentation.partition("\n")[0]

    @property
    def options(self) -> dict[str, Any]:
        """Its options with their defaults: the keyword-only parameters of the check."""
        parameters = inspect.signature(self.check).parameters.values()
        return {
            parameter.name: parameter.default
            for parameter in parameters
            if parameter.kind is parameter.KEYWORD_ONLY
        }


def rule(
    code: str,
    name: str,
    *,
    scale: Scale = Scale(),
    severity: Severity = Severity.ERROR,
) -> Callable[[Check], Rule]:
    """Make a rule from a check function, whose docstring becomes the documentation."""
    return lambda check: Rule(code, name, check, scale, severity)


def avoidable_share(findings: Iterable[Finding], graph: CostGraph) -> float:
    """Share of a network's memory access after fusion that these findings could avoid, 0 to 1."""
    avoidable = sum(finding.avoidable.memory_access_fused for finding in findings)
    return avoidable / graph.total.memory_access_fused if graph.total.memory_access_fused else 0.0
