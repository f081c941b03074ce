"""Saved audits: nothing is lost, the schema tells the truth, and damage is said in one line."""

from __future__ import annotations

import json
import pathlib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
import torch
from handmade import AUDIT
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from torch import nn

from shufflenet_audit import audit
from shufflenet_audit.discovery import reports
from shufflenet_audit.errors import FormatError
from shufflenet_audit.plugin import (
    Aggregation,
    Audit,
    Avoidable,
    Budget,
    Convolution,
    Cost,
    CostGraph,
    Drift,
    Evidence,
    Finding,
    Guideline,
    Input,
    Kept,
    Kind,
    Latency,
    Limit,
    Metric,
    Model,
    Op,
    Regression,
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
from shufflenet_audit.results.saved.schema import fault

OLD = pathlib.Path(__file__).parents[1] / "data" / "audit-1.json"
SCHEMA = json.loads(files("shufflenet_audit").joinpath("audit.schema.json").read_text("utf-8"))

texts = st.text(st.characters(), max_size=8)  # with lone surrogates and control characters
counts = st.integers(0, 2**60)
whole = st.integers(-(2**60), 2**60)
finite = st.floats(allow_nan=False, allow_infinity=False)
sizes = st.lists(st.integers(0, 99), max_size=4).map(tuple)
tensors = st.builds(Tensor, sizes, st.sampled_from(["float32", "bfloat16", "bool", "complex64"]))
sources = st.builds(Source, texts, counts, texts)
traffic = st.builds(Traffic, counts, counts, counts)
convolutions = st.builds(
    Convolution, counts, counts, sizes, sizes, counts, counts, counts, st.booleans()
)
kinds = st.sampled_from([kind for kind in Kind if kind is not Kind.UNKNOWN])
costs = st.builds(Cost, kinds, traffic, counts, counts, st.none() | convolutions, st.booleans())
seconds = st.builds(Seconds, finite, finite, finite)
metrics = st.builds(
    Metric, st.none() | finite, texts, st.sampled_from(Unit), finite, st.just(3.0), st.just(4.0)
).filter(lambda metric: metric.best < metric.fail)


@st.composite
def ops(draw: st.DrawFn, name: str, before: list[str]) -> Op:
    parents = tuple(draw(st.lists(st.sampled_from(before), max_size=3)))
    cost = draw(st.none() | costs)
    return Op(
        name=name,
        target=draw(texts),
        module=draw(texts),
        module_class=draw(texts),
        source=draw(st.none() | sources),
        inputs=tuple(draw(tensors) for _ in parents),
        outputs=tuple(draw(st.lists(tensors, max_size=2))),
        parents=parents,
        parameters=tuple(draw(st.lists(texts, max_size=2))),
        params=draw(counts),
        cost=cost,
        fused=draw(st.none() | traffic) if cost else None,
        error="" if cost else draw(texts),
        defined=draw(st.none() | sources),
    )


@st.composite
def graphs(draw: st.DrawFn) -> CostGraph:
    names = draw(st.lists(texts, min_size=2, max_size=6, unique=True))
    inputs = (Input(names[0], draw(tensors)),)
    made = [draw(ops(name, names[: at + 1])) for at, name in enumerate(names[1:])]
    return CostGraph(tuple(made), inputs, (names[-1],), draw(counts))


@st.composite
def findings(draw: st.DrawFn, graph: CostGraph) -> Finding:
    where = draw(st.lists(st.sampled_from(graph.ops), min_size=1, max_size=3))
    avoidable = draw(st.builds(Avoidable, whole, whole, whole, whole, whole))
    evidence = st.builds(Evidence, texts, st.sampled_from(Support), seconds, seconds)
    several = tuple(draw(st.lists(evidence, max_size=2)))
    marks = draw(st.tuples(texts, st.booleans()))
    return Finding(tuple(where), draw(texts), avoidable, draw(texts), several, *marks)


limits = st.builds(
    Limit,
    st.sampled_from(["macs", "ops", "latency_ms"]),
    st.floats(0, 1e300),
    st.floats(0, 1e3),
    st.sampled_from(Aggregation),
)
budgets = st.builds(Budget, limits, st.none() | finite, st.sampled_from(Kept), texts)
regressions = st.builds(Regression, texts, finite, finite, st.booleans())
drifts = st.builds(Drift, texts, st.lists(regressions, max_size=2).map(tuple), counts)


@st.composite
def audits(draw: st.DrawFn) -> Audit:
    graph = draw(graphs())
    found = st.lists(findings(graph), max_size=2).map(tuple)
    severities, verdicts = st.sampled_from(Severity), st.sampled_from(Verdict)
    guidelines = st.builds(
        Guideline,
        *(texts, texts, texts, texts, severities, verdicts),
        st.none() | metrics,
        found,
        texts,
    )
    timings = st.builds(Timing, st.lists(texts, max_size=2).map(tuple), texts, kinds, seconds)
    pairs = st.lists(st.tuples(texts, texts), max_size=2).map(tuple)
    notes, several = st.lists(texts, max_size=2).map(tuple), st.lists(timings, max_size=2)
    latencies = st.builds(
        Latency, texts, texts, st.booleans(), counts, seconds, several.map(tuple), pairs, notes
    )
    return Audit(
        draw(st.builds(Tool, texts, texts, texts, texts)),
        draw(st.builds(Model, texts, texts, texts, notes)),
        graph,
        tuple(draw(st.lists(guidelines, max_size=2))),
        tuple(draw(st.lists(latencies, max_size=1))),
        tuple(draw(st.lists(budgets, max_size=2))),
        draw(st.none() | drifts),
    )


class Shuffled(nn.Module):
    """A group convolution, a shuffle and a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, kernel_size=1, groups=2)
        self.norm = nn.BatchNorm2d(8)
        self.shuffle = nn.ChannelShuffle(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = x + self.shuffle(torch.relu(self.norm(self.conv(x))))
        return y


def real() -> Audit:
    return audit(Shuffled().eval(), torch.zeros(1, 8, 4, 4))


@cache
def saved() -> str:
    return AUDIT.to_json()


@given(audits())
def test_nothing_is_lost(made: Audit) -> None:
    text = made.to_json()
    assert Audit.from_json(text) == made
    assert Audit.from_json(text).to_json() == text


@given(audits())
def test_whatever_is_saved_keeps_to_the_schema(made: Audit) -> None:
    Draft202012Validator(SCHEMA).validate(json.loads(made.to_json()))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_real_audit_keeps_to_the_schema_and_reads_back() -> None:
    made = real()
    Draft202012Validator(SCHEMA).validate(json.loads(made.to_json()))
    assert Audit.from_json(made.to_json()) == made


def test_the_schema_describes_every_field_and_allows_no_other() -> None:
    places: list[dict[str, Any]] = [SCHEMA]
    while places:
        place = places.pop()
        if "properties" in place:
            assert place["additionalProperties"] is False
            assert place["required"] == list(place["properties"])
            for name, field in place["properties"].items():
                assert field.keys() & {"description", "$ref"}, name
        places += [each for each in place.values() if isinstance(each, dict)]


def test_two_runs_give_the_same_bytes() -> None:
    assert real().to_json() == real().to_json()


def test_any_encoding_can_write_it() -> None:
    assert saved().isascii()


NO_AUDITS = {
    "nothing": "",
    "no JSON": "FLOPs: many",
    "half a file": '{"schema_version": 1, "tool": {',
    "another document": '{"openapi": "3.1"}',
    "a list": "[1, 2]",
    "a number": "3",
    "a later version": '{"schema_version": 99}',
    "a version of many lines": '{"schema_version": "1\\n2"}',
    "nothing but a version": '{"schema_version": 1}',
    "no number": '{"schema_version": NaN}',
    "brackets without end": "[" * 100_000,
}


@pytest.mark.parametrize("text", NO_AUDITS.values(), ids=NO_AUDITS.keys())
def test_what_is_no_audit_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(FormatError) as refusal:
        Audit.from_json(text)
    assert len(str(refusal.value).splitlines()) == 1


def test_a_refusal_says_which_version_it_reads() -> None:
    with pytest.raises(FormatError, match="schema_version 99, this program reads 1 to 3"):
        Audit.from_json('{"schema_version": 99}')


def test_an_audit_that_the_first_version_saved_is_still_read() -> None:
    read = Audit.from_json(OLD.read_text(encoding="utf-8"))
    assert read.graph.total == AUDIT.graph.total
    assert [each.verdict for each in read.guidelines] == [each.verdict for each in AUDIT.guidelines]
    assert not any(op.defined for op in read.graph)
    assert Audit.from_json(read.to_json()) == read


Path = tuple[str | int, ...]


def places(document: Any, path: Path = ()) -> list[Path]:
    """Where the values of a document are."""
    inside = document.items() if isinstance(document, dict) else enumerate(document)
    found = []
    for key, value in inside:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += places(value, (*path, key))
    return found


def damaged(path: Path, value: object) -> str:
    """The saved audit with another value at that place; without what was there for `...`."""
    document = json.loads(saved())
    place = document
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(document)


def refusal(text: str) -> str:
    """What is said against a text, if it is refused."""
    try:
        Audit.from_json(text)
    except FormatError as error:
        return str(error)
    return ""


WRONG: list[object] = [..., None, -1, "x\ny", [], {}, {"x\ny": 1}, True, 1.5]


@given(st.data())
def test_a_damaged_audit_is_refused_in_one_line_or_can_be_reported(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places(json.loads(saved()))))
    text = damaged(path, data.draw(st.sampled_from(WRONG)))
    said = refusal(text)
    assert len(said.splitlines()) <= 1
    if not said:
        assert reports()["terminal"].render(Audit.from_json(text))


@given(st.data())
def test_a_document_is_refused_exactly_when_the_schema_says_so(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places(json.loads(saved()))))
    document = json.loads(damaged(path, data.draw(st.sampled_from(WRONG))))
    assert bool(fault(document)) != Draft202012Validator(SCHEMA).is_valid(document)


def test_a_refusal_names_the_place() -> None:
    assert refusal(damaged(("ops", 1, "macs"), "many")) == (
        'the saved audit is damaged: the audit.ops[1].macs is "many",'
        ' which breaks type ["integer", "null"]'
    )


def test_a_finding_about_an_op_that_is_missing_is_refused() -> None:
    guideline = next(at for at, each in enumerate(AUDIT.guidelines) if each.findings)
    where = ("guidelines", guideline, "findings", 0, "ops", 0)
    assert "'gone'" in refusal(damaged(where, "gone"))


def test_totals_that_are_not_the_sums_are_refused() -> None:
    assert "not the sums over the ops" in refusal(damaged(("totals", "macs"), 7))


def test_an_audit_saved_before_there_were_guards_is_read() -> None:
    old = json.loads(saved())
    old["schema_version"] = 2
    del old["budgets"], old["drift"]
    for guideline in old["guidelines"]:
        for finding in guideline["findings"]:
            del finding["suppressed"], finding["known"]
    for latency in old["latencies"]:
        del latency["breakdown"], latency["roof"]
    without = tuple(replace(each, roof=None) for each in AUDIT.latencies)
    assert Audit.from_json(json.dumps(old)) == replace(AUDIT, latencies=without)


@pytest.mark.parametrize("findings", [None, 3, [3]])
def test_an_old_audit_with_damaged_findings_is_refused(findings: object) -> None:
    old = json.loads(saved()) | {"schema_version": 2}
    old["guidelines"][1]["findings"] = findings
    with pytest.raises(FormatError, match="is damaged"):
        Audit.from_json(json.dumps(old))
