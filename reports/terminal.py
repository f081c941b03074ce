"""The terminal report: a page to read where the program was called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from shufflenet_audit.plugin import (
    Audit,
    Category,
    Cluster,
    CostGraph,
    Guideline,
    Latency,
    Verdict,
    bar,
    costliest,
    duration,
    human,
    page,
    printable,
    report,
    savings,
)

_COLORS = {Verdict.CRASHED: "magenta", Verdict.FAIL: "red", Verdict.WARN: "yellow",
           Verdict.PASS: "green", Verdict.NOT_APPLICABLE: "dim"}  # fmt: skip
_TWO_COLUMNS = 150
"""Width from which parts stand beside each other."""

_NARROWEST = 60
_CODE = "code"
"""Label of a line of code: it is cut, not wrapped."""

Facts = Iterator[tuple[str, str]]


@report("terminal", suffix=".txt")
def terminal(audit: Audit, *, width: int = 80, color: bool = False) -> str:
    """A page for the terminal: the verdicts, what costs most, and where it goes."""
    width = max(width, _NARROWEST)
    return page(_sections(audit, width), width=width, color=color)


def _sections(audit: Audit, width: int) -> Iterator[RenderableType]:
    half = width // 2 if width >= _TWO_COLUMNS else width
    totals = _section(audit.model.name, _grid(_header(audit)))
    yield _beside((totals, _section("Guidelines", *_guidelines(audit.guidelines, half))), width)
    if audit.findings:
        title = "What costs most, and what mending it saves (% of the network's memory access)"
        yield _section(title, *_cards(audit, width))
    title = "Costs by kind of op: FLOPs, memory access op by op, memory access fused"
    yield _section(title, _kinds(audit.graph, width))
    for latency in audit.latencies:
        yield _section(f"Time: {latency.backend}", *_latency(latency, width))
    tool = audit.tool
    yield _plain(f"{tool.name} {tool.version}, torch {tool.torch}, Python {tool.python}", "dim")


def _section(title: str, *body: RenderableType) -> RenderableType:
    indented = (Padding(each, (0, 0, 0, 2)) for each in body)
    return Group(_plain(title, "bold"), *indented, "")


def _beside(parts: Sequence[RenderableType], width: int) -> RenderableType:
    """One below the other, or in two columns where there is room."""
    return Columns(parts, width=width // 2 - 4) if width >= _TWO_COLUMNS else Group(*parts)


def _grid(facts: Iterable[tuple[str, str]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    for label, text in facts:
        code = label == _CODE
        line = _plain(text)
        line.no_wrap, line.overflow = code, "ellipsis" if code else None
        grid.add_row("" if code else label, line)
    return grid


def _header(audit: Audit) -> Facts:
    graph, total = audit.graph, audit.graph.total
    verdicts = Counter(guideline.verdict for guideline in audit.guidelines)
    yield "verdict", ", ".join(f"{verdicts[v]} {_words(v)}" for v in _COLORS if verdicts[v])
    yield "input", ", ".join(f"{given.name} {given.tensor}" for given in graph.inputs)
    yield "FLOPs", f"{human(total.macs)} (multiply–adds, as in the paper)"
    yield "beside them", f"{human(total.elementwise)} element-wise operations"
    yield "parameters", human(total.params)
    yield "memory access", f"op by op: {_moved(total.memory_access, total.bytes, total.macs)}"
    fused = _moved(total.memory_access_fused, total.bytes_fused, total.macs)
    yield "", f"fused:    {fused}"
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
    """Each on two lines: what it is and how it stands, and what the metric means."""
    longest = max((len(each.name) for each in guidelines), default=0)
    head = f"{'':{longest + 5}}verdict  {'metric':>8}  {'findings':>8}  {'score':>5}"
    yield Text(head, "dim")
    for each in guidelines:
        color, metric, score = _COLORS[each.verdict], each.metric, each.score
        shown = str(metric) if metric and metric.value is not None else "–"
        yield Text.assemble(
            _plain(f"{each.code:<4}", color),
            _plain(f"{each.name:<{longest}} "),
            (f"{_words(each.verdict).replace('not applicable', 'n/a'):<9}", color),
            f"{shown:>8}  {len(each.findings):>8}  {'–' if score is None else score:>5}  ",
            (bar((score or 0) / 100, _bar_width(width)), color),
            no_wrap=True,
        )
        meaning = each.error or (metric.meaning if metric else each.summary)
        yield Padding(_plain(meaning, "dim"), (0, 0, 0, 4))


def _cards(audit: Audit, width: int) -> Iterator[RenderableType]:
    shown = costliest(audit)
    if shown:
        yield _beside([_card(cluster, audit.graph) for cluster in shown], width)
    left = len(audit.findings) - sum(len(cluster.findings) for cluster in shown)
    if left:
        yield _plain(
            f"findings not shown (they cost less, or their guideline holds): {left}", "dim"
        )


def _card(cluster: Cluster, graph: CostGraph) -> RenderableType:
    code = _plain(cluster.guideline.code, _COLORS[cluster.guideline.verdict])
    title = Text.assemble(code, "  ", _plain(cluster.worst.message, "bold"))
    return Group(title, Padding(_grid(_finding(cluster, graph)), (0, 0, 1, 4)))


def _finding(cluster: Cluster, graph: CostGraph) -> Facts:
    worst = cluster.worst
    yield "in", worst.module or "the model itself"
    if cluster.others:
        yield "", f"and {cluster.others}"
    if worst.source:
        yield "at", str(worst.source)
        yield _CODE, worst.source.text
    yield "saves", savings(cluster.avoidable, graph.total)
    if worst.instead:
        yield "instead", worst.instead
    for each in worst.evidence:
        saved, total = duration(each.saves.median), duration(each.total.median)
        yield each.support, f"the first saves {saved} of {total} on {each.device}"


def _kinds(graph: CostGraph, width: int) -> RenderableType:
    table = _table("", "ops>", "FLOPs>", "", "op by op>", "", "fused>", "")
    whole, room = graph.total, _bar_width(width)
    for kind, part in graph.by_kind().items():
        shares = (
            (part.macs, whole.macs, ""),
            (part.bytes, whole.bytes, "B"),
            (part.bytes_fused, whole.bytes_fused, "B"),
        )
        cells = ((human(n, unit), bar(n / max(of, 1), room)) for n, of, unit in shares)
        shown = ("unknown", "") * 3 if part.unknown else chain.from_iterable(cells)
        table.add_row(_words(kind), str(part.ops), *shown)
    return table


def _latency(latency: Latency, width: int) -> Iterator[RenderableType]:
    total, whole = latency.total, latency.sum_of_parts
    made = f"{'predicted' if latency.predicted else 'measured'} on {latency.device}"
    spread = f"{duration(total.low)} – {duration(total.high)}"
    yield _plain(f"{duration(total.median)} ({spread}), {made}; parts: {duration(whole)}")
    yield from (_plain(note, "dim") for note in latency.notes)
    table = _table("", "kernels>", "time>", "share>", "")
    for category in Category:
        parts = [t.seconds.median for t in latency.timings if t.kind.category is category]
        if parts:
            share = sum(parts) / (whole or 1.0)
            cells = (str(len(parts)), duration(sum(parts)), f"{share:.1%}")
            table.add_row(category, *cells, bar(share, _bar_width(width)))
    yield table


def _table(*titles: str) -> Table:
    """A table without lines; columns whose titles end in > stand to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for title in titles:
        table.add_column(title.rstrip(">"), justify="right" if title.endswith(">") else "left")
    return table


def _plain(text: str, style: str = "") -> Text:
    return Text(printable(text), style)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _bar_width(width: int) -> int:
    return min(max((width - 56) // 3, 4), 24)
