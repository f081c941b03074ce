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
"""Columns for what a row is called."""


@report("terminal", suffix=".txt")
def comparison(comparison: Comparison, *, width: int = 80, color: bool = False) -> str:
    """A page for the terminal: numbers side by side, then what each gained and lost."""
    width = max(width, _NARROWEST)
    return page(_sections(comparison, width), width=width, color=color)


def _sections(made: Comparison, width: int) -> Iterator[RenderableType]:
    half = width // 2 - 4 if width >= TWO_COLUMNS else width
    models = ((wording.letter(at), _model(model)) for at, model in enumerate(made.models))
    yield section(wording.title(made.models), grid(models))
    totals = section("In all", *_totals(made, half))
    guidelines = section("Guidelines: verdict, metric, score, findings", *_guidelines(made, half))
    yield beside((totals, guidelines), width)
    times = [
        section(f"Time: {wording.conditions(row)}", *_times(row, half)) for row in made.latencies
    ]
    untimed = section("Time", plain("unavailable: say --latency or --on DEVICE", "dim"))
    kinds = section("By kind of op: ops, FLOPs, memory access fused", *_kinds(made, half))
    yield beside((*(times or [untimed]), kinds), width)
    for at, change in enumerate(made.changes, 1):
        yield from sections(wording.letter(at), change, width)
    tool = made.models[0].tool
    yield plain(f"{tool.name} {tool.version}, torch {tool.torch}, Python {tool.python}", "dim")


def _model(model: Subject) -> str:
    unknown = f"; {wording.unknown_note(model)}" if model.unknown else ""
    assumed = "".join(f"; assumed: {each}" for each in model.assumptions)
    return f"{model.name}: {', '.join(model.inputs)}{unknown}{assumed}"


def _others(made: Comparison, width: int, each: int) -> Iterator[tuple[int, ...]]:
    """Those that are compared to the first, as many at a time as fit beside it."""
    count = max((width - _LABEL - each) // each, 1)
    others = range(1, len(made.models))
    return (tuple(others[at : at + count]) for at in range(0, len(others), count))


def _totals(made: Comparison, width: int) -> Iterator[RenderableType]:
    for others in _others(made, width, 17):
        extra = ("difference>", "÷ A>") if len(others) == 1 else ("÷ A>",)
        heads = (title for at in others for title in (f"{wording.letter(at)}>", *extra))
        rows = table("", "A>", *heads)
        for amount in made.totals:
            cells = [wording.quantity(amount.values[0], amount.unit)]
            for at in others:
                told = wording.difference(amount, at - 1)
                shown = told[-len(extra) :]
                cells += [wording.quantity(amount.values[at], amount.unit), *shown]
            rows.add_row(plain(amount.title), *cells)
        yield rows


def _guidelines(made: Comparison, width: int) -> Iterator[RenderableType]:
    for others in _others(made, width, 24):
        shown = (0, *others)
        rows = table("", *(title for at in shown for title in (wording.letter(at), ">", ">", ">")))
        for judged in made.guidelines:
            standings = (_standing(judged, judged.standings[at]) for at in shown)
            name = plain(f"{judged.code} {judged.name}")
            rows.add_row(name, *(cell for cells in standings for cell in cells))
        yield rows


def _standing(judged: GuidelineRow, standing: GuidelineResult | None) -> tuple[RenderableType, ...]:
    if standing is None:
        return plain("not checked", "dim"), "", "", ""
    score = wording.ABSENT if standing.score is None else str(standing.score)
    verdict = words(standing.verdict).replace("not applicable", "n/a")
    metric = wording.metric(standing.metric, judged.unit)
    return Text(verdict, COLORS[standing.verdict]), metric, score, str(standing.findings)


def _times(timed: LatencyRow, width: int) -> Iterator[RenderableType]:
    """The whole with its spread, and how it differs; below it the paper's categories."""
    for at, total in enumerate(timed.totals):
        differs = f", {_differs(timed, at)}" if at else ""
        yield plain(f"{wording.letter(at)}  {wording.spread(total)}{differs}")
    letters = [wording.letter(at) for at in range(len(timed.totals))]
    yield from (plain(note, "dim") for note in wording.notes(timed, letters))
    each = 16
    for start in range(0, len(timed.totals), width // each):
        yield _categories(timed, range(start, min(start + width // each, len(timed.totals))))


def _differs(timed: LatencyRow, at: int) -> str:
    told = wording.faster(timed, at - 1)
    return f"{told} A" if told.endswith("×") else told


def _categories(timed: LatencyRow, shown: Iterable[int]) -> RenderableType:
    models = tuple(shown)
    rows = table("", *(title for at in models for title in (f"{wording.letter(at)}>", "share>")))
    wholes = [sum(kind.seconds[at] or 0 for kind in timed.kinds) for at in models]
    for category in Category:
        parts = [kind for kind in timed.kinds if kind.category is category]
        if parts:
            cells: list[str] = []
            for at, whole in zip(models, wholes, strict=True):
                part = sum(kind.seconds[at] or 0 for kind in parts)
                told = (wording.time(part), f"{part / whole:.1%}") if whole else ("", "")
                cells += told
            rows.add_row(category, *cells)
    return rows


def _kinds(made: Comparison, width: int) -> Iterator[RenderableType]:
    for others in _others(made, width, 27):
        shown = (0, *others)
        titles = (
            f"{name} {wording.letter(at)}>" for name in ("ops", "FLOPs", "fused") for at in shown
        )
        rows = table("", *titles)
        for each in made.kinds:
            parts = [each.totals[at] for at in shown]
            counts = (str(part.ops) for part in parts)
            macs = ("unknown" if part.unknown else wording.quantity(part.macs) for part in parts)
            fused = (
                "unknown" if part.unknown else wording.quantity(part.bytes_fused, "B")
                for part in parts
            )  # fmt: skip
            rows.add_row(words(each.kind), *counts, *macs, *fused)
        yield rows
