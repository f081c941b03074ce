"""`audit compare` as it is typed: what it takes, what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from handmade import AUDIT

from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.plugin import Comparison

FILES: Final = {
    "nets.py": (
        "from torch import nn\n"
        "def narrow(width=8):\n    return nn.Sequential(nn.Conv2d(3, width, 1), nn.ReLU())\n"
        "def wide(width=16):\n    return nn.Sequential(nn.Conv2d(3, width, 1), nn.ReLU())\n"
        "def shape():\n    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.Linear(9, 2))\n"
        "def broken():\n    return nn.Linear(77, 1)\n"
    ),
    "other.json": '{"schema_version": 99}',
    "empty.json": "{",
    "list.json": "[1, 2]",
}  # fmt: skip
BOTH: Final = ("nets.py:narrow", "nets.py:wide", "--input", "1x3x8x8")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def compared(*arguments: str) -> Comparison:
    assert status(["compare", *arguments, "--format", "json", "-o", "both.json", "--quiet"]) == 0
    return Comparison.from_json(Path("both.json").read_text())


def amount(comparison: Comparison, name: str) -> tuple[float, ...]:
    return next(each.values for each in comparison.totals if each.name == name)


def test_it_is_a_page_for_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["compare", *BOTH]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("nets.py:narrow and nets.py:wide\n")
    assert "What B gained and lost" in out
    assert err == ""


def test_models_files_and_saved_audits_stand_side_by_side() -> None:
    status(["nets.py:narrow", "--input", "1x3x8x8", "-o", "narrow.json", "--fail-on", "never"])
    models = compared(*BOTH)
    assert compared("narrow.json", *BOTH[1:]) == models
    three = compared("nets.py:narrow", "narrow.json", "nets.py:wide", "--input", "1x3x8x8")
    assert amount(three, "params") == (32, 32, 64)
    assert three.changes[1] == models.changes[0]


def test_arguments_are_for_all_of_them() -> None:
    assert amount(compared(*BOTH, "--arg", "width=4"), "params") == (16, 16)


def test_only_the_chosen_rules_are_compared_in_saved_audits_too() -> None:
    status(["nets.py:narrow", "--input", "1x3x8x8", "-o", "narrow.json", "--fail-on", "never"])
    both = compared("narrow.json", *BOTH[1:], "--rule", "G1", "--rule", "G4", "--ignore", "G4")
    assert [judged.code for judged in both.guidelines] == ["G1"]
    assert all(judged.standings.count(None) == 0 for judged in both.guidelines)


def test_what_a_saved_audit_says_of_other_packs_rules_is_kept() -> None:
    Path("made.json").write_text(AUDIT.to_json())
    assert status(["compare", "made.json", "made.json", "-o", "both.json"]) == 2
    both = Comparison.from_json(Path("both.json").read_text())
    assert "X9" in [judged.code for judged in both.guidelines]


def test_a_rule_that_crashed_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    Path("made.json").write_text(AUDIT.to_json())
    assert status(["compare", "made.json", "made.json"]) == 2
    out, err = capsys.readouterr()
    assert "crashed" in out
    assert "X9 crashed: ZeroDivisionError" in err


def test_times_are_predicted_for_saved_audits_too() -> None:
    status(["nets.py:narrow", "--input", "1x3x8x8", "-o", "narrow.json", "--fail-on", "never"])
    (timed,) = compared("narrow.json", *BOTH[1:], "--on", "gtx-1080ti").latencies
    assert timed.predicted
    assert all(timed.totals)


def test_models_are_measured_in_turns() -> None:
    (timed,) = compared(*BOTH, "--latency").latencies
    assert not timed.predicted
    assert all(total and total.low <= total.median <= total.high for total in timed.totals)
    assert timed.told_apart[0] in (True, False)


def test_a_saved_comparison_is_rendered_later(capsys: pytest.CaptureFixture[str]) -> None:
    compared(*BOTH)
    assert status(["compare", *BOTH, "--format", "markdown"]) == 0
    now = capsys.readouterr().out
    assert status(["report", "both.json", "--format", "markdown"]) == 0
    assert capsys.readouterr().out == now


def test_reports_of_comparisons_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["list", "comparisons"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert {"json", "markdown", "terminal"} <= set(names)


def test_a_pack_brings_a_report_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = "[shufflenet_audit.comparisons]\nnames = names_report:names\n"
    (tmp_path / "names-1.dist-info").mkdir()
    (tmp_path / "names-1.dist-info" / "METADATA").write_text("Name: names\nVersion: 1\n")
    (tmp_path / "names-1.dist-info" / "entry_points.txt").write_text(entries)
    (tmp_path / "names_report.py").write_text(
        "from shufflenet_audit.plugin import report\n\n@report('names', suffix='.names')\n"
        "def names(comparison):\n    return ' '.join(each.name for each in comparison.models)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert status(["compare", *BOTH, "--format", "names"]) == 0
    assert capsys.readouterr().out == "nets.py:narrow nets.py:wide"


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("", "name two models or more"),
        ("shufflenet_v1", "name two models or more"),
        ("shufflenet_v1 nonesuch", "no model is called 'nonesuch'"),
        ("shufflenet_v1 shufflenet_v2 --format xml", "no report is called 'xml'"),
        ("shufflenet_v1 shufflenet_v2 -o x.csv", "no report is written to .csv files"),
        ("shufflenet_v1 shufflenet_v2 -o nowhere/x.md", "there is no folder nowhere"),
        ("shufflenet_v1 shufflenet_v2 --rule G99", "no rule is called 'G99'"),
        ("shufflenet_v1 shufflenet_v2 --on toaster", "no device is called 'toaster'"),
        ("other.json shufflenet_v1", "other.json: the audit has schema_version 99"),
        ("empty.json shufflenet_v1", "empty.json: not a saved audit"),
        ("both.json shufflenet_v1", "both.json is a saved comparison"),
        ("same.json same.json --latency", "--latency is for models"),
        ("same.json same.json --arg width=1", "--arg is for models"),
        ("nets.py:narrow nets.py:shape", "say otherwise with --input"),
        ("nets.py:narrow nets.py:broken --input 1x3x8x8", "nets.py:broken: Linear raised"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    typed: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("both.json").write_text('{"comparison_version": 1}')
    if "both" in typed:
        compared(*BOTH)
    Path("same.json").write_text(json.dumps({"schema_version": 2}))
    assert status(["compare", *typed.split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("audit: ")
    assert complaint in err
    assert err.count("\n") == 1
