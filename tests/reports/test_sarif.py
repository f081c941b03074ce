"""SARIF: valid against the official schema, at the right lines, with fingerprints that stay."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from handmade import AUDIT, GUARDED
from jsonschema import Draft4Validator

from shufflenet_audit.discovery import report
from shufflenet_audit.plugin import Audit, Finding, Source, Verdict

HERE: Final = Path(__file__).parents[1]
SCHEMA: Final = HERE / "data" / "sarif-2.1.0.json"  # as in npm's @microsoft/jest-sarif 1.0.0-beta.0


def run(audit: Audit) -> dict[str, Any]:
    document = json.loads(report("sarif").render(audit))
    run: dict[str, Any] = document["runs"][0]
    return run


def with_findings(*findings: Finding, verdict: Verdict = Verdict.FAIL) -> Audit:
    guideline = replace(AUDIT.guideline("G2"), verdict=verdict, findings=findings)
    return replace(AUDIT, guidelines=(guideline,))


def finding(message: str = "3 groups", file: str = "model.py", line: int = 7) -> Finding:
    ran = Source(file, line, "y = self.layer(x)")
    op = replace(AUDIT.graph.ops[0], source=ran, defined=None)
    return Finding((op,), message)


def fingerprint(found: Finding) -> str:
    said: str = run(with_findings(found))["results"][0]["partialFingerprints"]["finding/v1"]
    return said


def location(found: Finding) -> dict[str, Any]:
    place: dict[str, Any] = run(with_findings(found))["results"][0]["locations"][0]
    return place


def test_it_is_valid() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft4Validator(schema).validate(json.loads(report("sarif").render(AUDIT)))
    Draft4Validator(schema).validate(json.loads(report("sarif").render(GUARDED)))


def test_a_finding_is_at_its_line() -> None:
    place = location(finding(line=7))["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "model.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 7, "snippet": {"text": "y = self.layer(x)"}}


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("nets/my model.py", "nets/my%20model.py"),
        ("../beside.py", "../beside.py"),
        ("/srv/nets/model.py", "file:///srv/nets/model.py"),
    ],
)
def test_a_file_becomes_a_uri(file: str, uri: str) -> None:
    said = location(finding(file=file))["physicalLocation"]["artifactLocation"]
    assert said["uri"] == uri
    assert ("uriBaseId" in said) == file.startswith("nets")


def test_a_finding_without_a_line_has_its_module_alone() -> None:
    op = replace(AUDIT.graph.ops[0], source=None, defined=None)
    assert set(location(Finding((op,), "nowhere"))) == {"logicalLocations"}


def test_a_finding_of_a_file_without_lines_is_in_that_file() -> None:
    op = replace(AUDIT.graph.ops[0], source=None, defined=None)
    made = replace(
        with_findings(Finding((op,), "nowhere")), model=replace(AUDIT.model, name="nets/m.onnx")
    )
    (place,) = run(made)["results"][0]["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "nets/m.onnx", "uriBaseId": "%SRCROOT%"}
    }


def test_no_more_results_than_github_takes_and_the_rest_are_counted() -> None:
    made = run(with_findings(*[finding()] * 25_003))
    assert len(made["results"]) == 25_000
    (note,) = made["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("3 results are left out")


def test_a_finding_at_the_line_that_builds_a_layer_relates_to_the_one_that_runs_it() -> None:
    built = replace(finding().ops[0], defined=Source("model.py", 3, "self.layer = conv(24)"))
    (result,) = run(with_findings(Finding((built,), "3 groups")))["results"]
    (related,) = result["relatedLocations"]
    lines = [
        place["physicalLocation"]["region"]["startLine"]
        for place in (*result["locations"], related)
    ]
    assert lines == [3, 7]


def test_the_help_is_the_documentation() -> None:
    rules = run(AUDIT)["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules] == [each.code for each in AUDIT.guidelines]
    assert [each["help"]["markdown"] for each in rules] == [
        each.documentation for each in AUDIT.guidelines
    ]


@pytest.mark.parametrize(
    ("verdict", "level"),
    [(Verdict.FAIL, "error"), (Verdict.WARN, "warning"), (Verdict.PASS, "note")],
)
def test_the_level_is_that_of_the_verdict(verdict: Verdict, level: str) -> None:
    assert run(with_findings(finding(), verdict=verdict))["results"][0]["level"] == level


def test_a_fingerprint_outlives_edits_above_and_other_widths() -> None:
    assert fingerprint(finding("3 groups", line=7)) == fingerprint(finding("4 groups", line=90))


def test_a_fingerprint_tells_findings_apart() -> None:
    elsewhere = Finding((replace(AUDIT.graph.ops[0], module="other"),), "3 groups")
    assert len({fingerprint(finding(text)) for text in ("3 groups", "3 adds")}) == 2
    assert fingerprint(elsewhere) != fingerprint(finding("3 groups"))


def test_a_crashed_rule_is_an_error_of_the_run() -> None:
    invocation = run(AUDIT)["invocations"][0]
    assert not invocation["executionSuccessful"]
    (note,) = invocation["toolExecutionNotifications"]
    assert note["associatedRule"] == {"id": "X9"}
    assert run(with_findings())["invocations"][0]["executionSuccessful"]
