"""The paper's experiments: networks as it builds them, relative speeds from interleaved runs."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

import pytest
import torch

from shufflenet_audit import trace
from shufflenet_audit.latency.backend import (
    Backend,
    Session,
    Settings,
    Task,
)
from shufflenet_audit.latency.paper import figure2
from shufflenet_audit.latency.paper.experiments import (
    EXPERIMENTS,
    SIZE,
    Case,
    experiment,
    rows,
)
from shufflenet_audit.latency.paper.reproduced import (
    FORMS,
    Reproduction,
    Table,
)
from shufflenet_audit.latency.paper.reproduction import (
    Cell,
    Column,
    column,
    columns,
    notes,
    text,
    verdict,
)
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.timings import (
    Latency,
    Seconds,
    Timing,
)

# How far apart the multiply–adds of a column may be: the paper rounds channels.
ROUNDING = {"table1": 0.06, "table2": 0.06, "table3": 0.02, "table4": 0.0}


def macs(case: Case) -> int:
    x = torch.zeros(1, case.channels, SIZE, SIZE, device="meta")
    with torch.device("meta"):
        return trace(case.build(), x).total.macs


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_networks_of_a_column_have_as_many_multiply_adds(name: str) -> None:
    cases = sorted(experiment(name).cases, key=attrgetter("column"))
    for _, group in groupby(cases, key=attrgetter("column")):
        counts = [macs(case) for case in group]
        assert max(counts) / min(counts) - 1 <= ROUNDING[name]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_cell_of_the_paper_is_a_case(name: str) -> None:
    made = experiment(name)
    assert [case.speed for case in made.cases] == [float(row["value"]) for row in rows(name)]
    assert len(columns(made)) == 6


def test_what_cannot_be_built_is_built_otherwise_and_said() -> None:
    notes = {case.channels: case.note for case in experiment("table2").cases if case.note}
    assert notes == {176: "180 channels are no multiple of 8: built with 176"}


class Watch:
    """A clock, and a backend on which a network takes a given time for each input channel."""

    def __init__(self, *per_channel: float) -> None:
        self.now = 0
        self._left = iter(per_channel)

    def __call__(self) -> int:
        return self.now

    def prepare(self, task: Task) -> Session:
        spent = round(next(self._left) * 1e9)

        def run() -> None:
            self.now += spent

        return Session(whole=run, instrumented=run, kernels=tuple)


def test_a_speed_is_relative_to_the_first_row() -> None:
    watch = Watch(1.0, 1.25, 2.0, 4.0)
    cases = [case for case in experiment("table2").cases if case.column == "ARM ×1"]
    runtime = Backend("fake", watch.prepare)
    found = column(cases, runtime, Settings(warmup=0, rounds=6, seconds=1000), watch)
    assert [cell.here.median for cell in found.cells] == pytest.approx([1, 0.8, 0.5, 0.25])
    assert [cell.paper for cell in found.cells] == pytest.approx([1, 35 / 40, 32.9 / 40, 27.8 / 40])


def measured(name: str, *speeds: tuple[float, float, float]) -> tuple[Column, ...]:
    """Columns whose last row has these relative speeds."""
    cases = experiment(name).cases
    first, last = cases[0], cases[-1]
    base = Cell(first, Seconds(1, 1, 1), 1.0)
    return tuple(Column("c", (base, Cell(last, Seconds(*each), 0.7))) for each in speeds)


@pytest.mark.parametrize(
    ("name", "speeds", "says"),
    [
        ("table1", [(0.5, 0.4, 0.6)] * 3, "holds here, in 3 of 3 columns"),
        ("table1", [(0.5, 0.4, 0.6)] * 2 + [(1, 0.9, 1.1)], "mostly holds here, in 2 of 3 columns"),
        (
            "table1",
            [(0.5, 0.4, 0.6)] + [(1, 0.9, 1.1)] * 2,
            "holds here in part, in 1 of 3 columns",
        ),
        ("table1", [(1.0, 0.9, 1.1)] * 3, "makes no difference that can be seen here, in 0 of 3"),
        ("table1", [(1.5, 1.4, 1.6)] * 3, "does not hold here, in 0 of 3 columns"),
        ("table4", [(1.5, 1.4, 1.6)] * 3, "holds here, in 3 of 3 columns"),
        ("table4", [(0.5, 0.4, 0.6)] * 3, "does not hold here, in 0 of 3 columns"),
    ],
)
def test_a_guideline_is_judged_by_the_last_row(
    name: str, speeds: list[tuple[float, float, float]], says: str
) -> None:
    assert says in verdict(experiment(name), measured(name, *speeds))


def test_the_table_shows_each_speed_with_its_interval_and_the_paper_s() -> None:
    shown = text(experiment("table1"), measured("table1", (0.5, 0.4, 0.6))).splitlines()
    assert shown[3].split() == ["c1:c2", "=", "1:1", "1.00", "(1.00–1.00)", "1.00"]
    assert shown[4].split() == ["c1:c2", "=", "1:12", "0.50", "(0.40–0.60)", "0.70"]


def test_figure_2_stands_beside_the_paper_s() -> None:
    def timing(kind: Kind, seconds: float) -> Timing:
        return Timing(("op",), "op", kind, Seconds(seconds, seconds, seconds))

    parts = (timing(Kind.CONV, 3.0), timing(Kind.SHUFFLE, 1.0))
    latency = Latency("eager", "here", False, 1, Seconds(4.0, 4.0, 4.0), parts)
    name, *_ = figure2.NETWORKS
    lines = {
        line.split()[0]: line.split() for line in figure2.text({name: latency}).splitlines() if line
    }
    assert lines["Conv"][-4:] == ["3.00", "s", "50%", "87%"]
    assert lines["Shuffle"][-4:] == ["1.00", "s", "5%", "0%"]
    assert lines["columns"][-2:] == ["GPU,", "ARM"]


FOUND = Reproduction(
    "a chip",
    "eager",
    2,
    (Table(experiment("table2"), measured("table2", (0.5, 0.4, 0.6))),),
    {
        next(iter(figure2.NETWORKS)): Latency(
            "eager",
            "a chip",
            False,
            2,
            Seconds(4.0, 4.0, 4.0),
            (Timing(("op",), "op", Kind.CONV, Seconds(3.0, 3.0, 3.0)),),
        )
    },
)


def test_the_text_has_a_chart_and_says_where_it_ran() -> None:
    lines = FORMS["text"](FOUND).splitlines()
    assert lines[0] == "on a chip, 2 threads, eager"
    bars = [line.split() for line in lines if "█" in line]
    assert bars[0] == ["g", "=", "1", "here", "█" * 24, "1.00"]
    assert [line[-1] for line in bars[:4]] == ["1.00", "1.00", "0.50", "0.70"]
    assert bars[2][-2] == "█" * 12


def test_the_markdown_has_a_table_a_chart_and_a_sentence() -> None:
    text = FORMS["markdown"](FOUND)
    assert "## Table 2: G2, groups make it slower" in text
    assert "| g = 8 | 0.50 (0.40–0.60) | 0.70 |" in text
    assert "**G2 (groups make it slower) holds here, in 1 of 1 columns" in text
    assert "| Conv | 100.0% | 50% | 87% |" in text
    assert text.count("```text") == 2


def test_the_json_has_the_numbers() -> None:
    saved = json.loads(FORMS["json"](FOUND))
    (table,) = saved["tables"]
    assert table["columns"][0]["cells"][1]["here"] == {"median": 0.5, "low": 0.4, "high": 0.6}
    (network,) = saved["figure2"]
    assert network["paper"]["GPU"]["Conv"] == 50
    assert network["here"][0]["share"] == 1


def test_from_a_few_runs_nothing_follows() -> None:
    few = replace(measured("table1", (0.5, 0.4, 0.6))[0], rounds=5)
    assert "makes no difference that can be seen here" in verdict(experiment("table1"), [few])
    assert notes([few])[-1].startswith("c ran 5 times only")
