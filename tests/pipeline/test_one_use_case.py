"""Every way to audit a model of a configured project says the same of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.comparison import Comparison
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.testing.assertion import Auditor

MODEL: Final = """
from torch import nn

def build():
    return nn.Sequential(nn.Conv2d(3, 24, 1), nn.Conv2d(24, 120, 1), nn.Conv2d(120, 24, 1))
"""
PROJECT: Final = """
[tool.shufflenet-audit]
model = "model.py:build"
inputs = ["1x3x8x8"]
budgets = { macs = "1M", params = 10 }
suppress = [{ rule = "G1", module = "1", reason = "measured: it pays" }]

[tool.shufflenet-audit.rules]
G1 = { max_ratio = 4.9 }
G4 = "off"
D1 = "off"
"""
Way = Callable[[Path], Audit]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)


def by_verb(*words: str) -> Way:
    """What a verb writes with -o."""

    def audited(folder: Path) -> Audit:
        file = folder / "audit.json"
        assert status([*words, "--quiet", "-o", str(file)]) in (0, 1)
        return Audit.from_json(file.read_text(encoding="utf-8"))

    return audited


def by_fixture(_: Path) -> Audit:
    return Auditor()("model.py:build").audit


WAYS: Final[dict[str, Way]] = {
    "run": by_verb("run"),
    "run with times": by_verb("run", "--latency"),
    "latency": by_verb("latency", "--seconds", "0.1"),
    "whatif": by_verb("whatif", "--seconds", "0.05"),
    "the pytest fixture": by_fixture,
}


def judged(audit: Audit) -> tuple[object, ...]:
    """What a project has a say in; not the times, which are measured."""
    findings = (replace(finding, evidence=()) for finding in audit.findings)
    return (
        [(each.code, each.verdict, each.metric, each.severity) for each in audit.guidelines],
        sorted(findings, key=lambda finding: (finding.ops[0].name, finding.message)),
        audit.budgets,
        audit.drift,
    )


@pytest.mark.parametrize("way", [way for way in WAYS if way != "run"])
def test_all_ways_agree_on_options_suppressions_and_budgets(way: str, tmp_path: Path) -> None:
    expected = WAYS["run"](tmp_path)
    assert judged(WAYS[way](tmp_path)) == judged(expected)


def test_the_project_is_what_they_agree_on(tmp_path: Path) -> None:
    audit = WAYS["run"](tmp_path)
    assert [each.code for each in audit.guidelines] == ["G1", "G2", "G3"]
    suppressed = {finding.module: finding.suppressed for finding in audit.guideline("G1").findings}
    assert suppressed == {"0": "", "1": "measured: it pays", "2": ""}
    assert [(each.limit.name, each.kept) for each in audit.budgets] == [
        ("macs", "within"),
        ("params", "over"),
    ]


def test_a_comparison_has_the_metrics_of_the_audit(tmp_path: Path) -> None:
    file = tmp_path / "both.json"
    options = ("--input", "1x3x8x8", "--quiet", "-o", str(file))
    assert status(["compare", "model.py:build", "model.py:build", *options]) == 0
    comparison = Comparison.from_json(file.read_text(encoding="utf-8"))
    audit = WAYS["run"](tmp_path)
    assert [each.code for each in comparison.guidelines] == ["G1", "G2", "G3"]
    values = [guideline.metric and guideline.metric.value for guideline in audit.guidelines]
    assert [
        [standing and standing.metric for standing in each.standings]
        for each in comparison.guidelines
    ] == [[value, value] for value in values]
