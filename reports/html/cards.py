"""What the page says of each finding, ready for its template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from shufflenet_audit.plugin import (
    Audit,
    Cluster,
    EvidenceText,
    Finding,
    Guideline,
    Verdict,
    clusters,
    evidence_texts,
    fingerprints,
    printable,
)

_VIOLATED = (Verdict.WARN, Verdict.FAIL)
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Card:
    """Findings that say the same of repeated blocks, the most costly first."""

    cluster: Cluster
    """The findings."""
    fingerprints: tuple[str, ...]
    """One for each finding, by which the page's data and scripts refer to it: no two are equal."""

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
        """What fixing all of them saves, on the first device that has evidence."""
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

    @property
    def findings(self) -> Iterator[tuple[str, Finding]]:
        """Each of its findings behind its fingerprint."""
        return zip(self.fingerprints, self.cluster.findings, strict=True)


def cards(audit: Audit) -> list[Card]:
    """All findings of an audit, those alike on one card, the most costly first."""
    found = [card for guideline in audit.guidelines for card in _of_guideline(guideline, audit)]
    return sorted(found, key=_costliness)


def section(documentation: str, title: str) -> str:
    """What stands under a heading of a rule's documentation."""
    _, _, behind = documentation.partition(f"## {title}\n")
    return behind.partition("\n## ")[0].strip()


def _of_guideline(guideline: Guideline, audit: Audit) -> Iterator[Card]:
    marked = fingerprints(guideline, audit.model.class_name)
    marks = {id(finding): mark for mark, finding in marked.items()}  # equal findings are told apart
    for cluster in clusters(guideline, audit.graph):
        yield Card(cluster, tuple(marks[id(finding)] for finding in cluster.findings))


def _saved(cluster: Cluster, device: str) -> Iterator[float]:
    for finding in cluster.findings:
        for each in finding.evidence:
            if each.device == device:
                yield each.saves.median


def _costliness(card: Card) -> tuple[int, int, int]:
    avoidable = card.cluster.avoidable
    return -avoidable.bytes_fused, -avoidable.bytes, -avoidable.launches
