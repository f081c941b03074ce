"""What the page says of each finding, ready for its template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from shufflenet_audit.plugin import (
    Audit,
    Cluster,
    EvidenceText,
    Finding,
    Guideline,
    Verdict,
    clusters,
    evidence_texts,
    printable,
)

_VIOLATED = (Verdict.WARN, Verdict.FAIL)
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Card:
    """
    Findings that say the same of repeated blocks.

    `number` is its place among the cards, `first` that of its first finding among all findings.
    """

    number: int
    first: int
    cluster: Cluster

    @property
    def guideline(self) -> Guideline:
        """The guideline that speaks."""
        return self.cluster.guideline

    @property
    def violated(self) -> bool:
        """Whether the guideline as a whole does not hold."""
        return self.guideline.verdict in _VIOLATED

    @property
    def seconds(self) -> float | None:
        """What mending all of them saves, on the first device that has evidence."""
        devices = [each.device for finding in self.cluster.findings for each in finding.evidence]
        return sum(_saved(self.cluster, devices[0])) if devices else None

    @property
    def why(self) -> str:
        """Why it matters, as Markdown, from the rule's documentation."""
        return section(self.guideline.documentation, "Why it matters")

    @property
    def claims(self) -> tuple[EvidenceText, ...]:
        """What was measured or predicted of them; nothing where they were not timed."""
        return evidence_texts(self.cluster.findings)

    @property
    def known(self) -> bool:
        """Whether all of them are in the baseline."""
        return all(finding.known for finding in self.cluster.findings)

    @property
    def suppression(self) -> str:
        """What the configuration has to say so that the most costly of them may stay."""
        pattern = _WILD.sub(r"[\g<0>]", printable(self.cluster.worst.module))
        said = {"rule": self.guideline.code, "module": pattern, "reason": "…"}
        return "\n".join(
            f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in said.items()
        )

    def places(self) -> Iterator[tuple[int, Finding]]:
        """Each of its findings with its place among all findings."""
        return enumerate(self.cluster.findings, self.first)


def cards(audit: Audit) -> list[Card]:
    """All findings of an audit, those alike on one card, the most costly first."""
    found = [each for guideline in audit.guidelines for each in clusters(guideline, audit.graph)]
    found.sort(key=_costliness)
    firsts = accumulate((len(each.findings) for each in found), initial=0)
    return [Card(*numbered) for numbered in zip(range(len(found)), firsts, found, strict=False)]


def section(documentation: str, title: str) -> str:
    """What stands under a heading of a rule's documentation."""
    _, _, behind = documentation.partition(f"## {title}\n")
    return behind.partition("\n## ")[0].strip()


def _saved(cluster: Cluster, device: str) -> Iterator[float]:
    for finding in cluster.findings:
        for each in finding.evidence:
            if each.device == device:
                yield each.saves.median


def _costliness(cluster: Cluster) -> tuple[int, int, int]:
    avoidable = cluster.avoidable
    return -avoidable.bytes_fused, -avoidable.bytes, -avoidable.launches
