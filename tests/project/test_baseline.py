"""Baselines and suppressions: what is known or allowed does not count, what is new does."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import pytest
from handmade import AUDIT
from jsonschema import Draft202012Validator

from shufflenet_audit.errors import FormatError
from shufflenet_audit.plugin import Audit, CostGraph, Finding, Verdict
from shufflenet_audit.project.baseline import (
    Baseline,
    from_json,
    to_json,
    with_drift,
)
from shufflenet_audit.project.suppression import (
    Suppression,
    idle,
    with_suppressed,
)
from shufflenet_audit.results.violation import FailOn, violations

BASELINE = from_json(to_json(AUDIT))


def with_findings(code: str, *findings: Finding, value: float | None = None) -> Audit:
    """The audit in which a rule found these and nothing else, and perhaps its metric is another."""
    guideline = AUDIT.guideline(code)
    metric = guideline.metric
    if metric and value is not None:
        metric = replace(metric, value=value)
    changed = replace(guideline, findings=findings, metric=metric)
    others = {each.code: each for each in AUDIT.guidelines} | {code: changed}
    return replace(AUDIT, guidelines=tuple(others.values()))


def failed(audit: Audit, threshold: FailOn = FailOn.ERROR) -> list[str]:
    return [each.split()[0] for each in violations(audit, threshold)]


def test_a_baseline_keeps_to_its_schema() -> None:
    schema = json.loads(files("shufflenet_audit").joinpath("baseline.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(to_json(AUDIT)))


def test_against_itself_everything_is_known_and_nothing_counts() -> None:
    audit = with_drift(AUDIT, BASELINE)
    assert all(finding.known for finding in audit.findings)
    assert audit.drift
    assert (audit.new, audit.drift.regressions, audit.drift.gone) == ((), (), 0)
    assert failed(AUDIT) == ["G2"]
    assert failed(audit, FailOn.WARNING) == []


def test_a_finding_is_known_after_its_op_was_renamed_and_its_line_moved() -> None:
    (found,) = AUDIT.guideline("G2").findings
    conv = replace(found.ops[0], name="conv_9", source=None, defined=None)
    ops = (conv, *AUDIT.graph.ops[1:])
    audit = with_findings("G2", replace(found, ops=(conv,)))
    renamed = replace(audit, graph=CostGraph(ops, AUDIT.graph.inputs, ("view",), 288))
    assert with_drift(renamed, BASELINE).new == ()


def test_a_new_finding_of_a_violated_guideline_counts() -> None:
    (found,) = AUDIT.guideline("G2").findings
    another = replace(found, ops=(AUDIT.graph["again"],))
    audit = with_drift(with_findings("G2", found, another), BASELINE)
    assert [finding.known for finding in audit.guideline("G2").findings] == [True, False]
    assert failed(audit) == ["G2"]


def test_a_second_finding_like_a_known_one_is_new() -> None:
    found = AUDIT.guideline("G2").findings
    audit = with_drift(with_findings("G2", *found, *found), BASELINE)
    assert len(audit.new) == 1


@pytest.mark.parametrize(("tolerance", "worse"), [(0.0, ["G2"]), (0.1, ["G2"]), (0.3, [])])
def test_a_metric_that_got_worse_beyond_the_tolerance_is_a_regression(
    tolerance: float, worse: list[str]
) -> None:
    audit = with_findings("G2", *AUDIT.guideline("G2").findings, value=0.0725)  # was 0.06
    drift = with_drift(audit, BASELINE, tolerance).drift
    assert drift
    assert [each.name for each in drift.regressions] == worse


def test_a_regression_counts_without_a_new_finding() -> None:
    less = replace(BASELINE, totals=BASELINE.totals | {"macs": 1})
    audit = with_drift(AUDIT, less)
    assert list(violations(audit, FailOn.ERROR)) == [
        "worse than shufflenet-baseline.json: macs: 225.8 k, was 1"
    ]
    assert failed(audit, FailOn.NEVER) == []


def test_what_is_gone_is_counted_and_does_not_fail() -> None:
    audit = with_drift(with_findings("G2"), BASELINE)
    assert audit.drift
    assert audit.drift.gone == 1
    assert failed(audit) == []


def test_a_suppressed_finding_is_not_written_down() -> None:
    audit = with_suppressed(AUDIT, [Suppression("G2", "*", "a partner needs groups")])
    rules = [each["rule"] for each in json.loads(to_json(audit))["findings"]]
    assert rules == ["D1", "D1", "D1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no baseline"),
        ("[]", "has no baseline_version"),
        (AUDIT.to_json(), "has no baseline_version"),
        ('{"baseline_version": 7}', "has baseline_version 7, this program reads 1"),
        ('{"baseline_version": 1}', "is damaged"),
        (to_json(AUDIT).replace('"macs": 225792', '"macs": "many"'), "is damaged"),
    ],
)
def test_what_is_no_baseline_is_said_in_one_line(text: str, said: str) -> None:
    with pytest.raises(FormatError, match=r"^b.json .*: write it anew with audit baseline$") as no:
        from_json(text, "b.json")
    assert said in str(no.value)


@pytest.mark.parametrize(
    ("foreign", "said"),
    [
        (replace(BASELINE, model="Other"), "with the model Other, this is Net"),
        (replace(BASELINE, inputs=()), r"with the input none, this is x float32\[1×24×28×28\]"),
    ],
)
def test_the_baseline_of_another_model_or_input_is_refused(foreign: Baseline, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        with_drift(AUDIT, foreign)


def test_suppressed_findings_keep_their_place_and_say_why() -> None:
    audit = with_suppressed(AUDIT, [Suppression("D1", "stage1.*", "moved on purpose")])
    reasons = [finding.suppressed for finding in audit.guideline("D1").findings]
    assert reasons == ["moved on purpose", "moved on purpose", ""]
    assert audit.guideline("D1").verdict is Verdict.WARN
    assert len(audit.suppressed) == 2


def test_a_guideline_counts_until_all_of_its_findings_are_suppressed() -> None:
    some = with_suppressed(AUDIT, [Suppression("D1", "stage1.*", "so")])
    every = with_suppressed(AUDIT, [Suppression("D1", "*", "so"), Suppression("G2", "*", "so")])
    assert failed(some, FailOn.WARNING) == ["G2", "D1"]
    assert failed(every, FailOn.WARNING) == []


def test_a_violated_guideline_without_findings_counts() -> None:
    assert failed(with_findings("G2")) == ["G2"]


def test_a_suppression_that_fits_nothing_is_idle() -> None:
    fitting, stale = Suppression("D1", "stage*", "so"), Suppression("D1", "stage9", "so")
    unchecked = Suppression("X7", "*", "so")
    assert idle(AUDIT, [fitting, stale, unchecked]) == (stale,)
