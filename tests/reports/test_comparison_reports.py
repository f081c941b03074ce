"""Every report of a comparison, made from audits by hand, against golden files."""

from __future__ import annotations

import re
import unicodedata

import pytest
from compared import BOTH, THREE
from handmade import AUDIT
from markdown_it import MarkdownIt
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from shufflenet_audit import compare
from shufflenet_audit.discovery import COMPARISONS, pack, reports
from shufflenet_audit.plugin import Audit, Comparison, CostGraph, Report

BUILT_IN = [
    each
    for each in reports(COMPARISONS).values()
    if pack(COMPARISONS, each.name) == "shufflenet-audit"
]
TEXTS = [each for each in BUILT_IN if each.name != "html"]  # tested in a browser


def golden(snapshot: SnapshotAssertion, suffix: str) -> SnapshotAssertion:
    """Golden files that keep their suffix, for a person to open."""

    class Golden(SingleFileSnapshotExtension):
        _write_mode = WriteMode.TEXT
        file_extension = suffix.rpartition(".")[2]

    return snapshot.use_extension(Golden)


@pytest.mark.parametrize("report", TEXTS, ids=lambda report: report.name)
def test_report(report: Report, snapshot: SnapshotAssertion) -> None:
    assert report.render(BOTH) == golden(snapshot, report.suffix)


@pytest.mark.parametrize("width", [80, 160])
def test_the_terminal_report_fits_its_width(width: int, snapshot: SnapshotAssertion) -> None:
    text = reports(COMPARISONS)["terminal"].render(THREE, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert text == golden(snapshot, ".txt")


def test_color_adds_nothing_but_color() -> None:
    terminal = reports(COMPARISONS)["terminal"]
    colored = terminal.render(BOTH, color=True)
    plain = re.sub(r"\x1b\[[\d;]*m", "", colored)
    assert "\x1b[31mfail" in colored
    assert [line.rstrip() for line in plain.splitlines()] == terminal.render(BOTH).splitlines()


@pytest.mark.parametrize("report", TEXTS, ids=lambda report: report.name)
def test_no_name_can_steer_a_terminal(report: Report) -> None:
    characters = set(report.render(BOTH)) - {"\n"}
    assert not [each for each in characters if unicodedata.category(each) in ("Cc", "Cf", "Cs")]


@pytest.mark.parametrize("report", BUILT_IN, ids=lambda report: report.name)
def test_a_report_of_a_saved_comparison_is_the_same(report: Report) -> None:
    assert report.render(Comparison.from_json(THREE.to_json())) == report.render(THREE)


def test_markdown_has_no_markup_but_its_own() -> None:
    text = reports(COMPARISONS)["markdown"].render(THREE)
    page = MarkdownIt("commonmark").enable("table").render(text)
    own = {"h3", "p", "ul", "li", "strong", "code", "details", "summary"}
    assert set(re.findall(r"<(\w+)", page)) == own | {"table", "thead", "tbody", "tr", "th", "td"}
    widths = [len(re.findall("<t[hd]", row)) for row in re.findall("<tr>.*?</tr>", page, re.DOTALL)]
    tables = re.findall("<table>", page)
    assert len(tables) == 9
    assert set(widths) <= {3, 4, 6, 7}


@pytest.mark.parametrize("report", BUILT_IN, ids=lambda report: report.name)
def test_a_comparison_of_nothing_is_reported(report: Report) -> None:
    empty = Audit(AUDIT.tool, AUDIT.model, CostGraph.of((), (), (), 0), ())
    assert report.render(compare(empty, empty))
    assert report.render(compare(empty, AUDIT))
