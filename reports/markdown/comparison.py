"""The Markdown report of a comparison: short enough for a comment on a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape

from shufflenet_audit.plugin import (
    Amount,
    BlockPart,
    Category,
    Change,
    ChangeKind,
    Comparison,
    GuidelineResult,
    GuidelineRow,
    LatencyRow,
    Verdict,
    groups,
    printable,
    report,
    wording,
)

from .markup import code, escaped, folded, table

_HEADLINE = ("params", "macs", "bytes", "bytes_fused", "launches", "most_fragments")
"""The totals that are shown first; all others are folded away."""


@report("markdown", suffix=".md")
def comparison(comparison: Comparison) -> str:
    """A comment for a pull request: the numbers side by side, and the rest folded away."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    names = [escaped(model.name) for model in comparison.models]
    first, *others = names
    yield from (f"### {escaped(wording.title(comparison.models))}", "")
    for other, name in enumerate(others):
        summary = escaped(wording.summary(comparison.totals, comparison.latencies, other))
        yield from (f"**{name}** compared to {first}: {summary}.", "")
    headline = [amount for amount in comparison.totals if amount.name in _HEADLINE]
    heads = ("", first, *(head for name in others for head in (name, "ratio")))
    yield from table(heads, (*map(_amount, headline), *map(_latency, comparison.latencies)))
    yield ""
    yield from table(("guideline", *names), map(_guideline, comparison.guidelines))
    for name, change in zip(others, comparison.changes, strict=True):
        yield from ("", f"Findings of {name} compared to {first}: {_counts(change)}.")
    for model, change in zip(comparison.models[1:], comparison.changes, strict=True):
        yield from _change(_html(f"from {comparison.models[0].name} to {model.name}"), change)
    yield from folded("All totals", table(heads, map(_amount, comparison.totals)))
    for row in comparison.latencies:
        title = f"Where the time goes: {_html(wording.conditions(row))}"
        models = [model.name for model in comparison.models]
        said = (f"- {escaped(note)}" for note in wording.notes(row, models))
        yield from folded(title, (*_categories(row, names), "", *said))
    yield from folded(
        "Costs by kind of op: how many, FLOPs, memory access fused",
        table(("kind", *names), _kinds(comparison)),
    )
    yield from folded("Inputs, assumptions and unknown ops", _notes(comparison))


def _amount(amount: Amount) -> tuple[str, ...]:
    cells = [wording.quantity(value, amount.unit) for value in amount.values]
    return (amount.title, cells[0], *_with_ratios(cells[1:], map(wording.times, amount.ratios)))


def _latency(row: LatencyRow) -> tuple[str, ...]:
    cells = [wording.spread(total) for total in row.totals]
    told = (wording.faster(row, index) for index in range(len(cells) - 1))
    return (f"time, {escaped(row.backend)}", cells[0], *_with_ratios(cells[1:], told))


def _with_ratios(cells: Iterable[str], ratios: Iterable[str]) -> Iterator[str]:
    for cell, ratio in zip(cells, ratios, strict=True):
        yield from (cell, ratio)


def _guideline(row: GuidelineRow) -> tuple[str, ...]:
    name = f"{escaped(row.code)} {escaped(row.name)}"
    return name, *(_result(row, result) for result in row.standings)


def _result(row: GuidelineRow, result: GuidelineResult | None) -> str:
    if result is None:
        return "not checked"
    verdict = result.verdict.replace("_", " ")
    if result.score is None:
        return verdict
    holds = result.verdict is Verdict.PASS
    shown = verdict if holds else f"**{verdict}**"
    return f"{shown} {wording.metric(result.metric, row.unit)}, score {result.score}"


def _counts(change: Change) -> str:
    counts = Counter(pair.fate for pair in change.findings)
    return ", ".join(f"{counts[fate]} {word}" for fate, word in wording.CHANGE_WORDS.items())


def _change(title: str, change: Change) -> Iterator[str]:
    found = (_finding(each) for each in groups.findings(change) if each.fate is not ChangeKind.SAME)
    yield from folded(f"Findings {title}", found)
    heads = ("", "kind", "ops", "FLOPs", "memory access op by op", "fused")
    ops = [_op_change(row) for row in groups.op_changes(change)]
    if ops:
        yield from folded(f"Ops {title}", table(heads, ops))
    columns = ("block", "FLOPs", "memory access fused", "fragments")
    runs = (_run(run) for run in groups.runs(change.blocks))
    yield from folded(f"Blocks {title}", table(columns, runs))


def _finding(group: groups.FindingGroup) -> str:
    worst = group.worst
    others = f" and {escaped(group.others)}" if group.others else ""
    return (
        f"- **{wording.CHANGE_WORDS[group.fate]}** {escaped(group.code)} {escaped(worst.message)}:"
        f" {code(worst.where())}{others}."
        f" Saving if fixed: {wording.saves(group.avoidable)}."
    )


def _op_change(row: groups.OpChange) -> tuple[str, ...]:
    moved = (wording.signed(each, "B") for each in (row.bytes, row.bytes_fused))
    costs = ("unknown",) * 3 if row.unknown else (wording.signed(row.macs), *moved)
    return (str(row.fate), row.kind.replace("_", " "), str(row.ops), *costs)


def _run(run: groups.BlockRun) -> tuple[str, ...]:
    alike = f" ({len(run.pairs)} alike)" if len(run.pairs) > 1 else ""
    pair = (run.pair.first, run.pair.second)
    return (
        escaped(" / ".join(run.names)) + alike,
        _both(wording.quantity(part.totals.macs) if part else None for part in pair),
        _both(wording.quantity(part.totals.bytes_fused, "B") if part else None for part in pair),
        _both(_fragments(part) for part in pair),
    )


def _fragments(part: BlockPart | None) -> str | None:
    return str(part.fragments) if part else None


def _both(values: Iterable[str | None]) -> str:
    """The value before and after, as in `8.33 M → 9.58 M`."""
    return " → ".join(value or wording.ABSENT for value in values)


def _categories(row: LatencyRow, names: list[str]) -> Iterator[str]:
    wholes = [sum(kind.seconds[index] or 0 for kind in row.kinds) for index in range(len(names))]
    rows = []
    for category in Category:
        kinds = [kind for kind in row.kinds if kind.category is category]
        parts = [sum(kind.seconds[index] or 0 for kind in kinds) for index in range(len(names))]
        if kinds:
            cells = (_part(part, whole) for part, whole in zip(parts, wholes, strict=True))
            rows.append((str(category), *cells))
    yield from table(("", *names), rows)


def _part(part: float, whole: float) -> str:
    return f"{wording.time(part)} ({part / whole:.1%})" if whole else "unavailable"


def _kinds(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    for each in comparison.kinds:
        cells = (
            f"{part.ops} of unknown cost"
            if part.unknown
            else f"{part.ops}: {wording.quantity(part.macs)} FLOPs,"
            f" {wording.quantity(part.bytes_fused, 'B')}"
            for part in each.totals
        )
        yield each.kind.replace("_", " "), *cells


def _notes(comparison: Comparison) -> Iterator[str]:
    for model in comparison.models:
        yield f"- {escaped(model.name)}: {escaped(', '.join(model.inputs))}"
        yield from (f"  - assumed: {escaped(each)}" for each in model.assumptions)
        if model.unknown:
            yield f"  - {wording.unknown_note(model)}"


def _html(text: str) -> str:
    return escape(printable(text))
