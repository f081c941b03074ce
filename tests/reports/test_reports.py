"""Every report, made from one audit by hand that has a bit of everything, against golden files."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress

import pytest
from handmade import AUDIT, GUARDED
from markdown_it import MarkdownIt
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from shufflenet_audit.discovery import REPORTS, pack, reports
from shufflenet_audit.errors import AuditError
from shufflenet_audit.plugin import Audit, CostGraph, Report

BUILT_IN = [each for each in reports().values() if pack(REPORTS, each.name) == "shufflenet-audit"]
TEXTS = [each for each in BUILT_IN if each.name not in ("html", "parquet")]  # tested on their own


def golden(snapshot: SnapshotAssertion, suffix: str) -> SnapshotAssertion:
    """Golden files that keep their suffix, for a person to open."""

    class Golden(SingleFileSnapshotExtension):
        _write_mode = WriteMode.TEXT
        file_extension = suffix.rpartition(".")[2]

    return snapshot.use_extension(Golden)


@pytest.mark.parametrize("report", TEXTS, ids=lambda report: report.name)
def test_report(report: Report, snapshot: SnapshotAssertion) -> None:
    assert report.render(AUDIT) == golden(snapshot, report.suffix)


@pytest.mark.parametrize("name", ["terminal", "markdown", "sarif", "junit"])
def test_a_guarded_audit_says_what_was_set(name: str, snapshot: SnapshotAssertion) -> None:
    report = reports()[name]
    assert report.render(GUARDED) == golden(snapshot, report.suffix)


def test_the_long_markdown_is_a_document(snapshot: SnapshotAssertion) -> None:
    text = reports()["markdown"].render(GUARDED, long=True)
    assert "<details>" not in text
    assert text == golden(snapshot, ".md")


@pytest.mark.parametrize("long", [False, True])
def test_names_add_nothing_to_the_markup_of_markdown(*, long: bool) -> None:
    text = reports()["markdown"].render(AUDIT, long=long)
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    for table in re.findall("<table>.*?</table>", page, re.DOTALL):
        rows = re.findall("<tr>.*?</tr>", table, re.DOTALL)
        assert len({len(re.findall("<t[hd]", row)) for row in rows}) == 1
    assert "<script" not in page
    assert "<b>" not in page


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
    forms = [report.render(AUDIT), report.render(GUARDED)]
    if report.name == "markdown":
        forms.append(report.render(GUARDED, long=True))
    characters = set("".join(forms)) - {"\n"}
    assert not [each for each in characters if unicodedata.category(each) in ("Cc", "Cf", "Cs")]


@pytest.mark.parametrize("report", BUILT_IN, ids=lambda report: report.name)
def test_a_report_of_a_saved_audit_is_the_same(report: Report) -> None:
    for made in (AUDIT, GUARDED):
        assert report.render(Audit.from_json(made.to_json())) == report.render(made)


def test_nothing_from_a_model_is_markup_in_a_notebook(snapshot: SnapshotAssertion) -> None:
    html = AUDIT._repr_html_()
    assert "<script>" not in html
    assert html == golden(snapshot, ".html")


@pytest.mark.parametrize("report", BUILT_IN, ids=lambda report: report.name)
def test_an_audit_of_nothing_is_reported_or_refused(report: Report) -> None:
    empty = Audit(AUDIT.tool, AUDIT.model, CostGraph.of((), (), (), 0), ())
    with suppress(AuditError):  # a report about times may need some
        assert report.render(empty)
