"""Findings that say the same of repeated blocks, taken together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from itertools import takewhile
from operator import add

from shufflenet_audit.checking.finding import Avoidable, Finding
from shufflenet_audit.checking.guideline import Guideline, Verdict
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.totals import Totals
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.text import human

_NUMBER = re.compile(r"\d[\d.×]*")


@dataclass(frozen=True, slots=True)
class Cluster:
    """
    Findings of one guideline whose messages differ in their numbers only.

    The most costly is first. `modules` are where the others are, in the order in which they run.
    """

    guideline: Guideline
    findings: tuple[Finding, ...]
    modules: tuple[str, ...]

    @property
    def worst(self) -> Finding:
        """The most costly of them."""
        return self.findings[0]

    @property
    def avoidable(self) -> Avoidable:
        """What all of them together could save."""
        return reduce(add, (finding.avoidable for finding in self.findings))

    @property
    def others(self) -> str:
        """How many there are beside the worst and where, as in `12 more in stage3.1 … stage4.3`."""
        if not self.modules:
            return ""
        return f"{len(self.modules)} more in {stretch(self.modules[0], self.modules[-1])}"


def clusters(guideline: Guideline, graph: CostGraph) -> tuple[Cluster, ...]:
    """The active findings of a guideline, those alike together, the most costly first."""
    said: dict[str, list[Finding]] = {}
    for finding in guideline.active:
        said.setdefault(alike(finding.message), []).append(finding)
    position = {op.name: at for at, op in enumerate(graph.ops)}
    found = []
    for findings in said.values():
        others = sorted(findings[1:], key=lambda finding: position[finding.ops[0].name])
        found.append(Cluster(guideline, tuple(findings), tuple(each.module for each in others)))
    return tuple(sorted(found, key=_costliness))


def alike(message: str) -> str:
    """A message without its numbers: the same for findings that are taken together."""
    return _NUMBER.sub("#", message)


def costliest(audit: Audit, *, each: int = 2) -> tuple[Cluster, ...]:
    """The most costly clusters of all guidelines that do not hold, at most so many of each."""
    violated = (g for g in audit.guidelines if g.verdict in (Verdict.WARN, Verdict.FAIL))
    found = (cluster for g in violated for cluster in clusters(g, audit.graph)[:each])
    return tuple(sorted(found, key=_costliness))


def savings(avoidable: Avoidable, total: Totals) -> str:
    """What could be saved, with its shares of the network, in words."""
    parts = []
    if avoidable.bytes or avoidable.bytes_fused:
        for nbytes, of, how in (
            (avoidable.bytes_fused, total.bytes_fused, "fused"),
            (avoidable.bytes, total.bytes, "op by op"),
        ):
            parts.append(f"{human(nbytes, 'B')} {how} ({nbytes / max(of, 1):.1%})")
    if avoidable.launches:
        parts.append(f"{human(avoidable.launches)} launch{'es' * (avoidable.launches != 1)}")
    return ", ".join(parts) or "nothing that is counted"


def _costliness(cluster: Cluster) -> tuple[int, int, int]:
    avoidable = cluster.avoidable
    return -avoidable.bytes_fused, -avoidable.bytes, -avoidable.launches


def stretch(first: str, last: str) -> str:
    """From one module to another, each as far as it takes to tell them apart."""
    start, end = first.split("."), last.split(".")
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(start, end, strict=False)))
    if first == last:
        return first or "the model itself"
    return f"{_cut(start, same)} … {_cut(end, same)}"


def _cut(path: list[str], same: int) -> str:
    """The path up to where it differs, and the bare numbers of repeated blocks behind it."""
    numbers = sum(1 for _ in takewhile(str.isdigit, path[same + 1 :]))
    return ".".join(path[: same + 1 + numbers]) or "the model itself"
