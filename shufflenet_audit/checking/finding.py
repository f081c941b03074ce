"""A place where a guideline does not hold, and what mending it saves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.op import Op, Source
from shufflenet_audit.network.timings import Evidence


@dataclass(frozen=True, slots=True)
class Avoidable:
    """
    What the equivalent that keeps the guideline would save, with the same multiply–adds.

    Elements and bytes not moved (when each op runs alone, and after fusion), and kernels not
    launched, where each group of a group convolution counts as one.
    """

    memory_access: int = 0
    memory_access_fused: int = 0
    bytes: int = 0
    bytes_fused: int = 0
    launches: int = 0

    @classmethod
    def of(cls, op: Op, elements: float, *, fused: float | None = None, launches: int = 0) -> Self:
        """So many elements of an op not moved; after fusion as many, unless told otherwise."""
        left = elements if fused is None else fused
        size = op.element_size
        return cls(
            round(elements), round(left), round(elements * size), round(left * size), launches
        )

    def __add__(self, other: Avoidable) -> Avoidable:
        return Avoidable(
            self.memory_access + other.memory_access,
            self.memory_access_fused + other.memory_access_fused,
            self.bytes + other.bytes,
            self.bytes_fused + other.bytes_fused,
            self.launches + other.launches,
        )

    def share(self, graph: CostGraph) -> float:
        """The larger of the shares of the network's memory access, before and after fusion."""
        total = graph.total
        return max(
            self.memory_access / max(total.memory_access, 1),
            self.memory_access_fused / max(total.memory_access_fused, 1),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One place where a rule does not hold: its ops, the numbers, and what to do instead.

    `suppressed` is the reason why nobody needs to mend it, if there is one; `known` says that it
    is in the baseline.
    """

    ops: tuple[Op, ...]
    message: str
    avoidable: Avoidable = Avoidable()
    instead: str = ""
    evidence: tuple[Evidence, ...] = ()
    suppressed: str = ""
    known: bool = False

    @property
    def module(self) -> str:
        """Path of the module that runs the first of its ops."""
        return self.ops[0].module

    @property
    def source(self) -> Source | None:
        """The user's line to change: that built the layer which is first of its ops, or runs it."""
        return self.ops[0].line

    @property
    def run_at(self) -> Source | None:
        """The line that runs it, if that is another."""
        run = self.ops[0].source
        same = run and self.source and (run.file, run.line) == (self.source.file, self.source.line)
        return None if same else run


def sorted_by_cost(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings, the most costly first."""
    return tuple(sorted(findings, key=_costliness))


def _costliness(finding: Finding) -> tuple[Any, ...]:
    avoidable = finding.avoidable
    saved = -finding.evidence[-1].saves.median if finding.evidence else 0.0
    traffic = (-avoidable.bytes_fused, -avoidable.bytes, -avoidable.launches)
    return (saved, *traffic, finding.ops[0].name)
