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
    Comparison,
    Fate,
    Judged,
    Standing,
    Timed,
    Verdict,
    groups,
    printable,
    report,
    wording,
)

from .markup import code, escaped, folded, table

_HEADLINE = ("params", "macs", "bytes", "bytes_fused", "launches", "most_fragments")
"""What is worth a row before anything is unfolded."""


@report("markdown", suffix=".md")
def comparison(comparison: Comparison) -> str:
    """A comment for a pull request: the numbers side by side, and the rest folded away."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(made: Comparison) -> Iterator[str]:
    names = [escaped(model.name) for model in made.models]
    first, *others = names
    yield from (f"### {escaped(wording.title(made.models))}", "")
    headline = [amount for amount in made.totals if amount.name in _HEADLINE]
    heads = ("", first, *(head for name in others for head in (name, "ratio")))
    yield from table(heads, (*map(_amount, headline), *map(_latency, made.latencies)))
    yield ""
    yield from table(("guideline", *names), map(_judged, made.guidelines))
    for name, change in zip(others, made.changes, strict=True):
        yield from ("", f"Findings of {name} compared to {first}: {_counts(change)}.")
    for model, change in zip(made.models[1:], made.changes, strict=True):
        yield from _change(_html(f"from {made.models[0].name} to {model.name}"), change)
    yield from folded("All totals", table(heads, map(_amount, made.totals)))
    for timed in made.latencies:
        title = f"Where the time goes: {_html(wording.made(timed))}"
        models = [model.name for model in made.models]
        said = (f"- {escaped(note)}" for note in wording.notes(timed, models))
        yield from folded(title, (*_categories(timed, names), "", *said))
    yield from folded(
        "Costs by kind of op: how many, FLOPs, memory access fused",
        table(("kind", *names), _kinds(made)),
    )
    yield from folded("Inputs, assumptions and unknown ops", _notes(made))


def _amount(amount: Amount) -> tuple[str, ...]:
    cells = [wording.quantity(value, amount.unit) for value in amount.values]
    return (amount.title, cells[0], *_with_ratios(cells[1:], map(wording.times, amount.ratios)))


def _latency(timed: Timed) -> tuple[str, ...]:
    cells = [wording.spread(total) for total in timed.totals]
    told = (wording.faster(timed, at) for at in range(len(cells) - 1))
    return (f"time, {escaped(timed.backend)}", cells[0], *_with_ratios(cells[1:], told))


def _with_ratios(cells: Iterable[str], ratios: Iterable[str]) -> Iterator[str]:
    for cell, ratio in zip(cells, ratios, strict=True):
        yield from (cell, ratio)


def _judged(judged: Judged) -> tuple[str, ...]:
    name = f"{escaped(judged.code)} {escaped(judged.name)}"
    return name, *(_standing(judged, each) for each in judged.standings)


def _standing(judged: Judged, standing: Standing | None) -> str:
    if standing is None:
        return "not checked"
    verdict = standing.verdict.replace("_", " ")
    if standing.score is None:
        return verdict
    holds = standing.verdict is Verdict.PASS
    shown = verdict if holds else f"**{verdict}**"
    return f"{shown} {wording.metric(standing.metric, judged.unit)}, score {standing.score}"


def _counts(change: Change) -> str:
    counts = Counter(pair.fate for pair in change.findings)
    return ", ".join(f"{counts[fate]} {word}" for fate, word in wording.FATES.items())


def _change(title: str, change: Change) -> Iterator[str]:
    found = (_finding(each) for each in groups.findings(change) if each.fate is not Fate.SAME)
    yield from folded(f"Findings {title}", found)
    heads = ("", "kind", "ops", "FLOPs", "memory access op by op", "fused")
    ops = [_shift(shift) for shift in groups.shifts(change)]
    if ops:
        yield from folded(f"Ops gained and lost {title}", table(heads, ops))
    columns = ("block", "FLOPs", "memory access fused", "fragments")
    runs = (_run(run) for run in groups.runs(change.blocks))
    yield from folded(f"Blocks {title}", table(columns, runs))


def _finding(found: groups.Found) -> str:
    worst = found.worst
    others = f" and {escaped(found.others)}" if found.others else ""
    return (
        f"- **{wording.FATES[found.fate]}** {escaped(found.code)} {escaped(worst.message)}:"
        f" {code(worst.module or 'the model itself')}{others}."
        f" Mending saves {wording.saves(found.avoidable)}."
    )


def _shift(shift: groups.Shift) -> tuple[str, ...]:
    moved = (wording.signed(each, "B") for each in (shift.bytes, shift.bytes_fused))
    costs = ("unknown",) * 3 if shift.unknown else (wording.signed(shift.macs), *moved)
    return (str(shift.fate), shift.kind.replace("_", " "), str(shift.ops), *costs)


def _run(run: groups.Run) -> tuple[str, ...]:
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
    """What a block had and has: "8.33 M → 9.58 M"."""
    return " → ".join(value or wording.ABSENT for value in values)


def _categories(timed: Timed, names: list[str]) -> Iterator[str]:
    wholes = [sum(kind.seconds[at] or 0 for kind in timed.kinds) for at in range(len(names))]
    rows = []
    for category in Category:
        kinds = [kind for kind in timed.kinds if kind.category is category]
        parts = [sum(kind.seconds[at] or 0 for kind in kinds) for at in range(len(names))]
        if kinds:
            cells = (_part(part, whole) for part, whole in zip(parts, wholes, strict=True))
            rows.append((str(category), *cells))
    yield from table(("", *names), rows)


def _part(part: float, whole: float) -> str:
    return f"{wording.time(part)} ({part / whole:.1%})" if whole else "unavailable"


def _kinds(made: Comparison) -> Iterator[tuple[str, ...]]:
    for each in made.kinds:
        cells = (
            f"{part.ops} of unknown cost"
            if part.unknown
            else f"{part.ops}: {wording.quantity(part.macs)} FLOPs,"
            f" {wording.quantity(part.bytes_fused, 'B')}"
            for part in each.totals
        )
        yield each.kind.replace("_", " "), *cells


def _notes(made: Comparison) -> Iterator[str]:
    for model in made.models:
        yield f"- {escaped(model.name)}: {escaped(', '.join(model.inputs))}"
        yield from (f"  - assumed: {escaped(each)}" for each in model.assumptions)
        if model.unknown:
            yield f"  - {wording.left_out(model)}"


def _html(text: str) -> str:
    return escape(printable(text))
