"""A place where a guideline does not hold, and what fixing it saves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Self

from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.op import Op, Source
from shufflenet_audit.network.timings import Evidence
from shufflenet_audit.structure.hints import AtLeast, ByName, Derived


@dataclass(frozen=True, slots=True)
class Avoidable:
    """What the equivalent that keeps the guideline would save, with the same multiply–adds."""

    memory_access: int = 0
    """Elements not moved, op by op as eager PyTorch runs them."""
    memory_access_fused: int = 0
    """Elements not moved in an inference runtime, after fusion."""
    bytes: int = 0
    """Bytes not moved, op by op."""
    bytes_fused: int = 0
    """Bytes not moved in an inference runtime, after fusion."""
    launches: int = 0
    """Kernels not launched; each group of a group convolution counts as one."""

    @classmethod
    def of(cls, op: Op, elements: float, *, fused: float | None = None, launches: int = 0) -> Self:
        """`elements` fewer moved by `op`; `fused` of them after fusion (default: all)."""
        after = elements if fused is None else fused
        size = op.element_size
        return cls(
            round(elements), round(after), round(elements * size), round(after * size), launches
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
        """Its share of the network's memory access, 0 to 1: the larger of op by op and fused."""
        total = graph.total
        return max(
            self.memory_access / max(total.memory_access, 1),
            self.memory_access_fused / max(total.memory_access_fused, 1),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a guideline does not hold."""

    ops: Annotated[tuple[ByName[Op], ...], AtLeast(1)]
    """The ops that it is about, the most important first."""
    message: str
    """The place and its numbers, in words."""
    avoidable: Avoidable = Avoidable()
    """What the equivalent that keeps the guideline would save."""
    instead: str = ""
    """What to do instead; empty if no alternative is known."""
    evidence: tuple[Evidence, ...] = ()
    """What fixing it saves on devices, predicted or measured."""
    suppressed: str = ""
    """Why the project accepts it; empty if it does not."""
    known: bool = False
    """Whether it is in the baseline of the project."""

    @property
    def module(self) -> Derived[str]:
        """Path of the module that runs the first of its ops."""
        return self.ops[0].module

    def where(self) -> str:
        """The path of that module, or `the model itself`: for sentences."""
        return self.ops[0].where()

    @property
    def source(self) -> Derived[Source | None]:
        """The user's line to change: the one that built the first of its ops, or that runs it."""
        return self.ops[0].line

    @property
    def run_at(self) -> Source | None:
        """The line that runs the first of its ops, if it is not `source`."""
        run = self.ops[0].source
        same = run and self.source and (run.file, run.line) == (self.source.file, self.source.line)
        return None if same else run


def sorted_by_cost(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, the most costly first."""
    return tuple(sorted(findings, key=_costliness))


def _costliness(finding: Finding) -> tuple[Any, ...]:
    avoidable = finding.avoidable
    saved = -finding.evidence[-1].saves.median if finding.evidence else 0.0
    traffic = (-avoidable.bytes_fused, -avoidable.bytes, -avoidable.launches)
    return (saved, *traffic, finding.ops[0].name)
