"""The terminal report: a page to read where the program was started."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from shufflenet_audit.plugin import (
    Audit,
    CostGraph,
    Guideline,
    bar,
    human,
    page,
    report,
)

from .cards import cards
from .layout import (
    COLORS,
    TWO_COLUMNS,
    Facts,
    bar_width,
    beside,
    grid,
    plain,
    section,
    table,
    words,
)
from .project import sections as project_sections
from .times import times

_NARROWEST = 60


@report("terminal", suffix=".txt")
def terminal(audit: Audit, *, width: int = 80, color: bool = False) -> str:
    """A page for the terminal: the verdicts, the most costly findings, costs and times."""
    width = max(width, _NARROWEST)
    return page(_sections(audit, width), width=width, color=color)


def _sections(audit: Audit, width: int) -> Iterator[RenderableType]:
    half = width // 2 if width >= TWO_COLUMNS else width
    totals = section(audit.model.name, grid(_header(audit)))
    yield beside((totals, section("Guidelines", *_guidelines(audit.guidelines, half))), width)
    yield from project_sections(audit)
    if any(guideline.active for guideline in audit.guidelines):
        title = "Most costly findings, and the saving if fixed (% of the network's memory access)"
        yield section(title, *cards(audit, width))
    title = "Costs by kind of op: FLOPs, memory access op by op, memory access fused"
    yield section(title, _kinds(audit.graph, width))
    for latency in audit.latencies:
        yield section(f"Time: {latency.backend}", *times(audit.graph, latency, width))
    tool = audit.tool
    yield plain(f"{tool.name} {tool.version}, torch {tool.torch}, Python {tool.python}", "dim")


def _header(audit: Audit) -> Facts:
    graph, total = audit.graph, audit.graph.total
    verdicts = Counter(guideline.verdict for guideline in audit.guidelines)
    yield "verdict", ", ".join(f"{verdicts[v]} {words(v)}" for v in COLORS if verdicts[v])
    yield "input", ", ".join(f"{given.name} {given.tensor}" for given in graph.inputs)
    yield "FLOPs", f"{human(total.macs)} (multiply–adds, as in the paper)"
    yield "element-wise", f"{human(total.elementwise)} operations, not counted in FLOPs"
    yield "parameters", human(total.params)
    yield "memory access", f"op by op: {_moved(total.memory_access, total.bytes, total.macs)}"
    fused = _moved(total.memory_access_fused, total.bytes_fused, total.macs)
    yield "", f"fused:    {fused}"
    yield "peak memory", f"{human(total.peak_memory or 0, 'B')} of activations"
    blocks = graph.blocks()
    most = max((block.fragments for block in blocks), default=0)
    yield "blocks", f"{len(blocks)}, most fragments in one: {most}"
    incomplete = ": the totals are incomplete" if total.unknown else ""
    counts = f"{total.ops} ops ({total.launches} kernels), {total.unknown} unknown"
    yield "coverage", counts + incomplete
    unknown = Counter((op.target, f": {op.error}" if op.error else "") for op in graph.unknown)
    for (target, why), count in unknown.most_common():
        yield "  unknown", f"{count} × {target}{why}"
    for assumption in audit.model.assumptions:
        yield "assumed", assumption


def _moved(elements: int, nbytes: int, macs: int) -> str:
    intensity = macs / nbytes if nbytes else 0.0
    return f"{human(elements)} elements, {human(nbytes, 'B')}, {intensity:.3g} FLOPs per byte"


def _guidelines(guidelines: tuple[Guideline, ...], width: int) -> Iterator[RenderableType]:
    """Each on two lines: its result, and what its metric measures."""
    longest = max((len(guideline.name) for guideline in guidelines), default=0)
    head = f"{'':{longest + 5}}verdict  {'metric':>8}  {'findings':>8}  {'score':>5}"
    yield Text(head, "dim")
    for guideline in guidelines:
        color, metric, score = COLORS[guideline.verdict], guideline.metric, guideline.score
        value = str(metric) if metric and metric.value is not None else "–"
        yield Text.assemble(
            plain(f"{guideline.code:<4}", color),
            plain(f"{guideline.name:<{longest}} "),
            (f"{words(guideline.verdict).replace('not applicable', 'n/a'):<9}", color),
            f"{value:>8}  {len(guideline.active):>8}  {'–' if score is None else score:>5}  ",
            (bar((score or 0) / 100, bar_width(width)), color),
            no_wrap=True,
        )
        meaning = guideline.error or (metric.meaning if metric else guideline.summary)
        yield Padding(plain(meaning, "dim"), (0, 0, 0, 4))


def _kinds(graph: CostGraph, width: int) -> RenderableType:
    rows = table("", "ops>", "FLOPs>", "", "op by op>", "", "fused>", "")
    whole, room = graph.total, bar_width(width)
    for kind, part in graph.by_kind().items():
        shares = (
            (part.macs, whole.macs, ""),
            (part.bytes, whole.bytes, "B"),
            (part.bytes_fused, whole.bytes_fused, "B"),
        )
        cells = ((human(n, unit), bar(n / max(of, 1), room)) for n, of, unit in shares)
        shown = ("unknown", "") * 3 if part.unknown else chain.from_iterable(cells)
        rows.add_row(words(kind), str(part.ops), *shown)
    return rows
