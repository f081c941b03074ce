"""The Markdown report: short enough for a comment on a pull request, or as a document."""

from __future__ import annotations

from collections.abc import Iterator

from shufflenet_audit.plugin import (
    Audit,
    Cluster,
    CostGraph,
    Guideline,
    Verdict,
    claims,
    costliest,
    guards,
    human,
    report,
    savings,
)

from .details import findings, rules
from .markup import Part, closed, code, escaped, section, table
from .times import times


@report("markdown", suffix=".md")
def markdown(audit: Audit, *, long: bool = False) -> str:
    """A comment for a pull request, its parts folded away; with --long a document."""
    lines = _document(audit) if long else _comment(audit)
    return "\n".join(lines) + "\n"


def _comment(audit: Audit) -> Iterator[str]:
    yield from (f"### Efficiency audit of {code(audit.model.name)}", "", _totals(audit.graph), "")
    yield from _guidelines(audit)
    for guard in guards(audit):
        yield from ("", f"**{escaped(guard.title)}**", "")
        yield from (f"- {escaped(line)}" for line in guard.lines)
    found = [_finding(cluster, audit.graph) for cluster in costliest(audit)]
    yield from closed("What costs most, and what mending it saves", found)
    yield from _numbers(audit, closed)


def _document(audit: Audit) -> Iterator[str]:
    """Everything, below headings: each finding with its line and its places, and each rule."""
    yield from (f"# Efficiency audit of {code(audit.model.name)}", "", _totals(audit.graph), "")
    yield from _guidelines(audit)
    for guard in guards(audit):
        yield from section(guard.title, (f"- {escaped(line)}" for line in guard.lines))
    yield from section("Findings", findings(audit))
    yield from _numbers(audit, section)
    yield from section("What the guidelines say", rules(audit))


def _guidelines(audit: Audit) -> Iterator[str]:
    heading = ("", "guideline", "verdict", "metric", "score", "findings")
    yield from table(heading, map(_row, audit.guidelines))


def _numbers(audit: Audit, part: Part) -> Iterator[str]:
    for latency in audit.latencies:
        yield from times(audit.graph, latency, part)
    heading = ("kind of op", "ops", "FLOPs", "memory access op by op", "fused")
    yield from part("Costs by kind of op", table(heading, _kinds(audit.graph)))
    yield from part("Assumptions and unknown ops", _notes(audit))


def _totals(graph: CostGraph) -> str:
    total = graph.total
    unknown = f"{total.unknown} unknown" + (", so the totals are incomplete" * bool(total.unknown))
    return (
        f"{human(total.macs)} FLOPs (multiply–adds, as in the paper), {human(total.params)}"
        f" parameters, {human(total.bytes, 'B')} of memory access op by op,"
        f" {human(total.bytes_fused, 'B')} fused; {total.ops} ops, {unknown}."
    )


def _row(guideline: Guideline) -> tuple[str, ...]:
    metric, score = guideline.metric, guideline.score
    verdict = guideline.verdict.replace("_", " ")
    meaning = guideline.error or (metric.meaning if metric else guideline.summary)
    holds = guideline.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE)
    return (
        escaped(guideline.code),
        f"**{escaped(guideline.name)}**: {escaped(meaning)}",
        verdict if holds else f"**{verdict}**",
        str(metric) if metric and metric.value is not None else "–",
        "–" if score is None else str(score),
        str(len(guideline.active)),
    )


def _finding(cluster: Cluster, graph: CostGraph) -> str:
    worst = cluster.worst
    others = f" and {escaped(cluster.others)}" if cluster.others else ""
    source = f", {code(str(worst.source))}" if worst.source else ""
    run = f" (run at {code(str(worst.run_at))})" if worst.run_at else ""
    instead = f" Instead: {escaped(worst.instead)}." if worst.instead else ""
    return (
        f"- **{escaped(cluster.guideline.code)}** {escaped(worst.message)}:"
        f" {code(worst.module or 'the model itself')}{others}{source}{run}."
        f" Saves {savings(cluster.avoidable, graph.total)}.{instead}{_claims(cluster)}"
    )


def _claims(cluster: Cluster) -> str:
    said = (f" **{claim.support}**: {escaped(claim.text)}." for claim in claims(cluster.findings))
    return "".join(said)


def _kinds(graph: CostGraph) -> Iterator[tuple[str, ...]]:
    for kind, part in graph.by_kind().items():
        costs = (human(part.macs), human(part.bytes, "B"), human(part.bytes_fused, "B"))
        shown = ("unknown",) * len(costs) if part.unknown else costs
        yield kind.replace("_", " "), str(part.ops), *shown


def _notes(audit: Audit) -> list[str]:
    targets = sorted({(op.target, op.error) for op in audit.graph.unknown})
    unknown = [f"- unknown: {code(target)} {escaped(error)}" for target, error in targets]
    return [f"- {escaped(each)}" for each in audit.model.assumptions] + unknown
