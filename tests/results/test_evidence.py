"""What was measured of findings, in words, and that what is contradicted is so in every report."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from handmade import AUDIT

from shufflenet_audit.discovery import report
from shufflenet_audit.network.timings import (
    Evidence,
    Seconds,
    Support,
)
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.evidence import claims, sentence

TOTAL = Seconds(7.9e-3, 7.9e-3, 7.9e-3)


def evidence(support: Support, saves: float, device: str = "a chip") -> Evidence:
    return Evidence(device, support, Seconds(saves, saves - 1e-5, saves + 1e-5), TOTAL)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (evidence(Support.CONFIRMED, 2e-4), "saves 200.0 µs (190.0 µs to 210.0 µs) of 7.90 ms"),
        (evidence(Support.PREDICTED, 2e-4), "saves 200.0 µs (190.0 µs to 210.0 µs) of 7.90 ms"),
        (
            evidence(Support.CONTRADICTED, -2e-4),
            "costs 200.0 µs (190.0 µs to 210.0 µs) more of 7.90 ms",
        ),
        (evidence(Support.NO_DIFFERENCE, 0.0), "saves -10.0 µs to 10.0 µs of 7.90 ms"),
    ],
)
def test_evidence_in_words(said: Evidence, words: str) -> None:
    assert sentence(said) == words


def test_findings_alike_are_counted_by_what_was_seen() -> None:
    finding = AUDIT.findings[0]
    seen = (
        evidence(Support.CONFIRMED, 3e-4),
        evidence(Support.CONFIRMED, 2e-4),
        evidence(Support.CONTRADICTED, -1e-4),
    )
    (claim,) = claims(replace(finding, evidence=(each,)) for each in seen)
    assert claim.support is Support.CONTRADICTED
    assert claim.text == (
        "at 1 of 3 places, confirmed at 2, together they save 400.0 µs of 7.90 ms on a chip"
    )


def test_predictions_of_findings_alike_are_added() -> None:
    seen = evidence(Support.PREDICTED, -3e-4), evidence(Support.PREDICTED, 2e-4)
    (claim,) = claims(replace(AUDIT.findings[0], evidence=(each,)) for each in seen)
    assert claim.text == "together they cost 100.0 µs more of 7.90 ms on a chip"


def test_predictions_and_measurements_are_told_apart() -> None:
    said = (evidence(Support.PREDICTED, 1e-4), evidence(Support.NO_DIFFERENCE, 0.0))
    found = claims([replace(AUDIT.findings[0], evidence=said)])
    assert [claim.support for claim in found] == [Support.PREDICTED, Support.NO_DIFFERENCE]


def _with(support: Support, saves: float) -> Audit:
    def seen(each: Audit) -> Audit:
        said = (evidence(support, saves),)
        guidelines = (
            replace(g, findings=tuple(replace(f, evidence=said) for f in g.findings))
            for g in each.guidelines
        )
        return replace(each, guidelines=tuple(guidelines))

    return seen(AUDIT)


@pytest.mark.parametrize("name", ["terminal", "markdown", "html", "sarif", "junit"])
def test_a_contradicted_finding_is_marked_in_every_report(name: str) -> None:
    contradicted = report(name).render(_with(Support.CONTRADICTED, -2e-4))
    confirmed = report(name).render(_with(Support.CONFIRMED, 2e-4))
    assert isinstance(contradicted, str)
    assert isinstance(confirmed, str)
    assert contradicted.count("contradicted") > confirmed.count("contradicted")
    assert "costs 200.0 µs" in contradicted.replace("\\u00b5", "µ")
    assert "costs 200.0 µs" not in confirmed.replace("\\u00b5", "µ")


def test_every_contradicted_result_of_sarif_says_so() -> None:
    text = report("sarif").render(_with(Support.CONTRADICTED, -2e-4))
    results = json.loads(text)["runs"][0]["results"]
    assert results
    for result in results:
        assert "Contradicted: costs 200.0 µs" in result["message"]["text"]
        assert result["properties"]["evidence"][0]["support"] == "contradicted"


def test_every_contradicted_finding_of_junit_says_so() -> None:
    lines = str(report("junit").render(_with(Support.CONTRADICTED, -2e-4)))
    assert lines.count("contradicted: costs") == len(AUDIT.findings)
