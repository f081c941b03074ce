"""Every report, made from one audit by hand that has a bit of everything, against golden files."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from shufflenet_audit.discovery import REPORTS, pack, reports
from shufflenet_audit.errors import AuditError
from shufflenet_audit.plugin import (
    Audit,
    Avoidable,
    Convolution,
    Cost,
    CostGraph,
    Evidence,
    Finding,
    Guideline,
    Input,
    Kind,
    Latency,
    Metric,
    Model,
    Op,
    Report,
    Seconds,
    Severity,
    Source,
    Support,
    Tensor,
    Timing,
    Tool,
    Traffic,
    Unit,
    Verdict,
)

BUILT_IN = [each for each in reports().values() if pack(REPORTS, each.name) == "shufflenet-audit"]
TEXTS = [each for each in BUILT_IN if each.name not in ("html", "parquet")]  # tested on their own
HOSTILE = "stage<b>1</b>.\x1b[31mred\nnext|`*_\x9b2J\u202e"
MAP = Tensor((1, 24, 28, 28), "float32")


def op(name: str, parents: tuple[str, ...], cost: Cost | None, **more: object) -> Op:
    target, module = str(more.get("target", f"aten.{name}.default")), str(more.get("module", name))
    source = Source("model.py", 7, "y = self.<layer>(x)  # \x1b[2J")
    maps = (MAP,) * len(parents)
    made = Op(name, target, module, "Module", source, maps, (MAP,), parents, (), 0, cost)
    return replace(made, params=288 if name == "conv" else 0, error=str(more.get("error", "")))


def moving(kind: Kind, inputs: int, **more: int) -> Cost:
    reads = inputs * MAP.elements + more.get("macs", 0) // 784
    traffic = Traffic(reads, MAP.elements, 4 * (reads + MAP.elements))
    return Cost(kind, traffic, macs=more.get("macs", 0), elementwise=more.get("elementwise", 0))


def graph() -> CostGraph:
    shape = Convolution(24, 24, (1, 1), (1, 1), 2, 784, 784)
    conv = replace(moving(Kind.GROUP_CONV, 1, macs=225_792), convolution=shape)
    ops = (
        op("conv", ("x",), conv, module=HOSTILE),
        op("relu", ("conv",), moving(Kind.ELEMENTWISE, 1, elementwise=18_816)),
        op("add", ("relu", "x"), moving(Kind.ELEMENTWISE, 2, elementwise=18_816)),
        op("fancy", ("add",), None, target="mylib.fancy<T>.default", error="ValueError: no\nway"),
        op("shuffle", ("fancy",), moving(Kind.SHUFFLE, 1), module="stage1.0.shuffle"),
        op("again", ("shuffle",), moving(Kind.SHUFFLE, 1), module="stage1.1.shuffle"),
        op("more", ("again",), moving(Kind.SHUFFLE, 1), module="stage4.3.shuffle"),
        op("view", ("more",), Cost(Kind.VIEW, Traffic(0, 0, 0)), module=""),
    )
    return CostGraph.of(ops, (Input("x", MAP),), ("view",), 288)


def guideline(code: str, name: str, verdict: Verdict, metric: Metric | None) -> Guideline:
    summary = f"What {name} says of <i>a network</i>."
    documentation = f"{summary}\n\n## Why it matters\n\nIt *costs* time."
    return Guideline(code, name, summary, documentation, Severity.ERROR, verdict, metric)


def guidelines(graph: CostGraph) -> tuple[Guideline, ...]:
    share = Metric(0.06, "memory that could be saved", Unit.SHARE, best=0.0, warn=0.02, fail=0.05)
    blocks = Metric(2.0, "fragments", Unit.FRAGMENTS, best=3.0, warn=4.0, fail=5.0)
    shuffled = Avoidable.of(graph["shuffle"], 37_632, launches=1)
    evidence = Evidence("cpu", Support.CONFIRMED, Seconds(2e-5, 1e-5, 3e-5), Seconds(1e-3, 0, 2e-3))
    grouped = Finding(
        (graph["conv"],),
        "2 groups, 24 channels in, 24 out",
        Avoidable.of(graph["conv"], 5_511),
        "17→17 without groups has as many multiply–adds <&>",
        (evidence,),
    )
    moved = tuple(
        Finding((graph[name],), f"shuffle {at} of a <map>", shuffled, "order the filters")
        for at, name in enumerate(("shuffle", "again", "more"))
    )
    failed = guideline("G2", "group-convolution", Verdict.FAIL, share)
    warned = guideline("D1", "data-movement", Verdict.WARN, replace(share, value=0.03))
    crashed = guideline("X9", "its-own-fault", Verdict.CRASHED, None)
    nothing = replace(share, value=None)
    return (
        guideline("G1", "unbalanced-channels", Verdict.NOT_APPLICABLE, nothing),
        replace(failed, findings=(grouped,)),
        guideline("G3", "fragmented-blocks", Verdict.PASS, blocks),
        replace(warned, findings=moved),
        replace(crashed, error="ZeroDivisionError: division\nby <zero>"),
    )


def audit() -> Audit:
    made = graph()
    timings = (
        Timing(("conv",), "conv2d", Kind.GROUP_CONV, Seconds(6e-4, 5e-4, 7e-4)),
        Timing((), "reorder", Kind.DATA, Seconds(3e-4, 3e-4, 3e-4)),
    )
    total = Seconds(1e-3, 9.5e-4, 1.2e-3)
    notes = ("the machine was busy",)
    latency = Latency("eager", "cpu", False, 1, total, timings, (("batch", "1"),), notes)
    tool = Tool("shufflenet-audit", "0.1.0", "3.11.7", "2.14.1")
    model = Model("net <script>alert(1)</script>", "Net", "meta", ("the input is <1×24×28×28>",))
    return Audit(tool, model, made, guidelines(made), (latency,))


AUDIT = audit()


def golden(snapshot: SnapshotAssertion, suffix: str) -> SnapshotAssertion:
    """Golden files that keep their suffix, for a person to open."""

    class Golden(SingleFileSnapshotExtension):
        _write_mode = WriteMode.TEXT
        file_extension = suffix.rpartition(".")[2]

    return snapshot.use_extension(Golden)


@pytest.mark.parametrize("report", TEXTS, ids=lambda report: report.name)
def test_report(report: Report, snapshot: SnapshotAssertion) -> None:
    assert report.render(AUDIT) == golden(snapshot, report.suffix)


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_terminal_report_fits_its_width(width: int, snapshot: SnapshotAssertion) -> None:
    text = reports()["terminal"].render(AUDIT, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert text == golden(snapshot, ".txt")


def test_color_adds_nothing_but_color() -> None:
    terminal = reports()["terminal"]
    colored = terminal.render(AUDIT, color=True)
    plain = re.sub(r"\x1b\[[\d;]*m", "", colored)
    assert "\x1b[31mG2" in colored
    assert [line.rstrip() for line in plain.splitlines()] == terminal.render(AUDIT).splitlines()


@pytest.mark.parametrize("report", TEXTS, ids=lambda report: report.name)
def test_no_name_can_steer_a_terminal(report: Report) -> None:
    characters = set(report.render(AUDIT)) - {"\n"}
    assert not [each for each in characters if unicodedata.category(each) in ("Cc", "Cf", "Cs")]


@pytest.mark.parametrize("report", BUILT_IN, ids=lambda report: report.name)
def test_a_report_of_a_saved_audit_is_the_same(report: Report) -> None:
    assert report.render(Audit.from_json(AUDIT.to_json())) == report.render(AUDIT)


def test_nothing_from_a_model_is_markup_in_a_notebook(snapshot: SnapshotAssertion) -> None:
    html = AUDIT._repr_html_()
    assert "<script>" not in html
    assert html == golden(snapshot, ".html")


@pytest.mark.parametrize("report", BUILT_IN, ids=lambda report: report.name)
def test_an_audit_of_nothing_is_reported_or_refused(report: Report) -> None:
    empty = Audit(AUDIT.tool, AUDIT.model, CostGraph.of((), (), (), 0), ())
    with suppress(AuditError):  # a report about times may need some
        assert report.render(empty)
