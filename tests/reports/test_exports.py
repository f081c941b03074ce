"""JUnit, DOT, GraphML, Parquet and traces, read by the programs that they are for."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import networkx as nx
import pandas as pd
import pytest
from handmade import AUDIT

from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.discovery import report
from shufflenet_audit.plugin import Audit, UnavailableError

UNTIMED: Final = replace(AUDIT, latencies=())


def rendered(name: str, audit: Audit = AUDIT) -> str:
    text: str = report(name).render(audit)
    return text


def test_junit_has_a_case_for_each_guideline() -> None:
    suite = ET.fromstring(rendered("junit"))[0]
    became = {str(case.get("name"))[:2]: [each.tag for each in case] for case in suite}
    assert became == {
        "G1": ["skipped"], "G2": ["failure"], "G3": [], "D1": ["system-out"], "X9": ["error"]
    }  # fmt: skip
    assert [suite.get(each) for each in ("tests", "failures", "errors", "skipped")] == [
        "5", "1", "1", "1"
    ]  # fmt: skip


def test_junit_says_how_many_findings_it_leaves_out() -> None:
    guideline = AUDIT.guideline("G2")
    many = replace(guideline, findings=guideline.findings * 25)
    (failure,) = ET.fromstring(rendered("junit", replace(AUDIT, guidelines=(many,)))).iter(
        "failure"
    )
    lines = str(failure.text).splitlines()
    assert (len(lines), lines[-1]) == (21, "and 5 more")


def test_graphml_is_the_graph_with_its_numbers() -> None:
    graph = nx.parse_graphml(rendered("graphml"))
    ours = AUDIT.graph.networkx()
    assert set(graph.edges) == set(ours.edges)
    assert graph.nodes["conv"]["macs"] == AUDIT.graph["conv"].macs
    assert "macs" not in graph.nodes["fancy"], "what is not known is not there"


def test_dot_has_every_op_in_its_block_and_every_edge() -> None:
    lines = [line.strip() for line in rendered("dot").splitlines()]
    edges = {tuple(line.rstrip(";").split(" -> ")) for line in lines if " -> " in line}
    assert edges == {(f'"{a}"', f'"{b}"') for a, b in AUDIT.graph.networkx().edges}
    assert sum("[label=" in line for line in lines) == len(AUDIT.graph) + 1
    assert sum(line.startswith("subgraph") for line in lines) == len(AUDIT.graph.blocks())


def test_dot_quotes_what_would_end_a_string() -> None:
    model = replace(AUDIT.model, name='a "quoted\\" name')
    first = rendered("dot", replace(AUDIT, model=model)).splitlines()[0]
    assert first == 'digraph "a \\"quoted\\\\\\" name" {'


def test_a_trace_lays_kernels_end_to_end() -> None:
    events = json.loads(rendered("chrome-trace"))["traceEvents"]
    name, *kernels = events
    assert name["args"]["name"].endswith("eager on cpu, measured")
    ends = [event["ts"] + event["dur"] for event in kernels]
    assert [event["ts"] for event in kernels] == pytest.approx([0, *ends[:-1]])
    assert ends[-1] == pytest.approx(1e6 * AUDIT.latencies[0].sum_of_parts)


def test_a_trace_of_no_times_says_how_to_get_some() -> None:
    with pytest.raises(UnavailableError, match="--latency"):
        rendered("chrome-trace", UNTIMED)


def test_parquet_is_the_table() -> None:
    table = pd.read_parquet(BytesIO(report("parquet").render(AUDIT)))
    pd.testing.assert_frame_equal(table, AUDIT.table(), check_dtype=False)


def test_a_report_of_bytes_is_written_to_a_file(tmp_path: Path) -> None:
    saved, file = tmp_path / "saved.json", tmp_path / "ops.parquet"
    saved.write_text(AUDIT.to_json(), encoding="utf-8")
    assert status(["report", str(saved), "-o", str(file)]) == 2, "a rule of it crashed"
    assert file.read_bytes() == report("parquet").render(AUDIT)


def test_a_report_that_is_unavailable_is_no_crash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "untimed.json"
    saved.write_text(UNTIMED.to_json(), encoding="utf-8")
    assert status(["report", str(saved), "--format", "chrome-trace"]) == 2
    assert capsys.readouterr().err.startswith("audit: the audit holds no timings")
