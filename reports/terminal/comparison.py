"""The terminal report of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from shufflenet_audit.plugin import (
    Category,
    Comparison,
    GuidelineResult,
    GuidelineRow,
    LatencyRow,
    Subject,
    page,
    report,
    wording,
)

from .changes import sections
from .layout import COLORS, TWO_COLUMNS, beside, grid, plain, section, table, words

_NARROWEST = 60
_LABEL = 26
"""Width of the first column, in characters."""


@report("terminal", suffix=".txt")
def comparison(comparison: Comparison, *, width: int = 80, color: bool = False) -> str:
    """A page for the terminal: numbers side by side, then what changes from the first model."""
    width = max(width, _NARROWEST)
    return page(_sections(comparison, width), width=width, color=color)


def _sections(comparison: Comparison, width: int) -> Iterator[RenderableType]:
    half = width // 2 - 4 if width >= TWO_COLUMNS else width
    models = (
        (wording.letter(index), _model(model)) for index, model in enumerate(comparison.models)
    )
    yield section(wording.title(comparison.models), grid(models), *_summaries(comparison))
    totals = section("Totals", *_totals(comparison, half))
    guidelines = section(
        "Guidelines: verdict, metric, score, findings", *_guidelines(comparison, half)
    )
    yield beside((totals, guidelines), width)
    times = [
        section(f"Time: {wording.conditions(row)}", *_times(row, half))
        for row in comparison.latencies
    ]
    untimed = section("Time", plain("unavailable: add --latency or --on DEVICE", "dim"))
    kinds = section("By kind of op: ops, FLOPs, memory access fused", *_kinds(comparison, half))
    yield beside((*(times or [untimed]), kinds), width)
    for index, change in enumerate(comparison.changes, 1):
        yield from sections(wording.letter(index), change, width)
    tool = comparison.models[0].tool
    yield plain(f"{tool.name} {tool.version}, torch {tool.torch}, Python {tool.python}", "dim")


def _summaries(comparison: Comparison) -> Iterator[RenderableType]:
    """For each of the other models its most telling ratios to the first."""
    for other in range(len(comparison.changes)):
        summary = wording.summary(comparison.totals, comparison.latencies, other)
        yield plain(f"{wording.letter(other + 1)} compared to A: {summary}", "bold")


def _model(model: Subject) -> str:
    unknown = f"; {wording.unknown_note(model)}" if model.unknown else ""
    assumed = "".join(f"; assumed: {each}" for each in model.assumptions)
    return f"{model.name}: {', '.join(model.inputs)}{unknown}{assumed}"


def _others(comparison: Comparison, width: int, column: int) -> Iterator[tuple[int, ...]]:
    """The indices of the other models, as many at a time as fit beside the first."""
    count = max((width - _LABEL - column) // column, 1)
    others = range(1, len(comparison.models))
    return (tuple(others[index : index + count]) for index in range(0, len(others), count))


def _totals(comparison: Comparison, width: int) -> Iterator[RenderableType]:
    for others in _others(comparison, width, 17):
        extra = ("difference>", "÷ A>") if len(others) == 1 else ("÷ A>",)
        heads = (title for index in others for title in (f"{wording.letter(index)}>", *extra))
        rows = table("", "A>", *heads)
        for amount in comparison.totals:
            cells = [wording.quantity(amount.values[0], amount.unit)]
            for index in others:
                told = wording.difference(amount, index - 1)
                shown = told[-len(extra) :]
                cells += [wording.quantity(amount.values[index], amount.unit), *shown]
            rows.add_row(plain(amount.title), *cells)
        yield rows


def _guidelines(comparison: Comparison, width: int) -> Iterator[RenderableType]:
    for others in _others(comparison, width, 24):
        shown = (0, *others)
        rows = table(
            "", *(title for index in shown for title in (wording.letter(index), ">", ">", ">"))
        )
        for row in comparison.guidelines:
            results = (_result(row, row.standings[index]) for index in shown)
            name = plain(f"{row.code} {row.name}")
            rows.add_row(name, *(cell for cells in results for cell in cells))
        yield rows


def _result(row: GuidelineRow, result: GuidelineResult | None) -> tuple[RenderableType, ...]:
    if result is None:
        return plain("not checked", "dim"), "", "", ""
    score = wording.ABSENT if result.score is None else str(result.score)
    verdict = words(result.verdict).replace("not applicable", "n/a")
    metric = wording.metric(result.metric, row.unit)
    return Text(verdict, COLORS[result.verdict]), metric, score, str(result.findings)


def _times(row: LatencyRow, width: int) -> Iterator[RenderableType]:
    """The time of each model and its ratio to the first, then the paper's categories."""
    for index, total in enumerate(row.totals):
        differs = f", {_differs(row, index)}" if index else ""
        yield plain(f"{wording.letter(index)}  {wording.spread(total)}{differs}")
    letters = [wording.letter(index) for index in range(len(row.totals))]
    yield from (plain(note, "dim") for note in wording.notes(row, letters))
    each = 16
    for start in range(0, len(row.totals), width // each):
        yield _categories(row, range(start, min(start + width // each, len(row.totals))))


def _differs(row: LatencyRow, index: int) -> str:
    told = wording.faster(row, index - 1)
    return f"{told} A" if told.endswith("×") else told


def _categories(row: LatencyRow, shown: Iterable[int]) -> RenderableType:
    models = tuple(shown)
    rows = table(
        "", *(title for index in models for title in (f"{wording.letter(index)}>", "share>"))
    )
    wholes = [sum(kind.seconds[index] or 0 for kind in row.kinds) for index in models]
    for category in Category:
        parts = [kind for kind in row.kinds if kind.category is category]
        if parts:
            cells: list[str] = []
            for index, whole in zip(models, wholes, strict=True):
                part = sum(kind.seconds[index] or 0 for kind in parts)
                told = (wording.time(part), f"{part / whole:.1%}") if whole else ("", "")
                cells += told
            rows.add_row(category, *cells)
    return rows


def _kinds(comparison: Comparison, width: int) -> Iterator[RenderableType]:
    for others in _others(comparison, width, 27):
        shown = (0, *others)
        titles = (
            f"{name} {wording.letter(index)}>"
            for name in ("ops", "FLOPs", "fused")
            for index in shown
        )
        rows = table("", *titles)
        for each in comparison.kinds:
            parts = [each.totals[index] for index in shown]
            counts = (str(part.ops) for part in parts)
            macs = ("unknown" if part.unknown else wording.quantity(part.macs) for part in parts)
            fused = (
                "unknown" if part.unknown else wording.quantity(part.bytes_fused, "B")
                for part in parts
            )  # fmt: skip
            rows.add_row(words(each.kind), *counts, *macs, *fused)
        yield rows
