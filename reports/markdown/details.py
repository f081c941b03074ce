"""Each finding and each rule of an audit in full, as parts of a Markdown document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from shufflenet_audit.plugin import Audit, Cluster, CostGraph, Finding, claims, clusters, savings

from .markup import code, escaped, table

_HEADING: Final = re.compile(r"^(#+ )", re.MULTILINE)


def findings(audit: Audit) -> Iterator[str]:
    """All findings, those alike together, the most costly first."""
    found = [each for guideline in audit.guidelines for each in clusters(guideline, audit.graph)]
    found.sort(key=lambda each: (-each.avoidable.bytes_fused, -each.avoidable.launches))
    for cluster in found:
        yield from _finding(cluster, audit.graph)


def rules(audit: Audit) -> Iterator[str]:
    """What each rule says of itself, its headings below those of the document."""
    for each in audit.guidelines:
        yield from (f"### {escaped(each.code)} {escaped(each.name)}", "")
        yield from (_HEADING.sub(r"##\1", each.documentation), "")


def _finding(cluster: Cluster, graph: CostGraph) -> Iterator[str]:
    worst, guideline = cluster.worst, cluster.guideline
    yield from (f"### {escaped(guideline.code)}: {escaped(worst.message)}", "")
    yield f"- In {_place(worst)}{f' and {escaped(cluster.others)}' if cluster.others else ''}"
    line = worst.source.text.strip() if worst.source else ""
    if line:
        yield f"- The line: {code(line)}"
    yield f"- Saves {savings(cluster.avoidable, graph.total)}"
    if worst.instead:
        yield f"- Instead: {escaped(worst.instead)}"
    yield from (f"- **{each.support}**: {escaped(each.text)}" for each in claims(cluster.findings))
    yield ""
    if len(cluster.findings) > 1:
        heading = ("place", "what", "saves")
        rows = ((_place(f), escaped(f.message), savings(f.avoidable, graph.total))
                for f in cluster.findings)  # fmt: skip
        yield from (*table(heading, rows), "")


def _place(finding: Finding) -> str:
    """The module, the line to change, and the one that runs it."""
    said = [code(finding.module) if finding.module else "the model itself"]
    said += [code(str(finding.source))] if finding.source else []
    said += [f"run at {code(str(finding.run_at))}"] if finding.run_at else []
    return ", ".join(said)
