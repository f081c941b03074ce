"""Devices: fitting finds the rates that made the times, and predictions follow from costs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from shufflenet_audit import AuditError, CostGraph, Kind, audit, trace
from shufflenet_audit.latency.backend import Settings
from shufflenet_audit.latency.predicting.calibration import (
    NetworkRun,
    device,
    samples_of,
)
from shufflenet_audit.latency.predicting.datasheet import DEVICES
from shufflenet_audit.latency.predicting.device import (
    Device,
    Rate,
    Work,
    from_json,
    to_json,
)
from shufflenet_audit.latency.predicting.devices import device as known
from shufflenet_audit.latency.predicting.devices import (
    devices,
    keep,
    table,
    with_roof,
)
from shufflenet_audit.latency.predicting.fit import (
    Sample,
    leave_one_out,
    non_negative_least_squares,
    rates,
)
from shufflenet_audit.latency.predicting.prediction import (
    predicted,
    saving,
    with_evidence,
)
from shufflenet_audit.network.timings import (
    Latency,
    Roof,
    Seconds,
    Support,
    Timing,
)

CONV = Rate(per_op=2e-5, per_mac=1e-11, per_byte=1e-10)
OTHER = Rate(per_op=1e-5, per_byte=5e-11)
MACHINE = Device(
    name="made up",
    source="this test",
    measured=True,
    threads=1,
    macs_per_second=1e11,
    bandwidth=((0, 1e10),),
    rates={"conv": CONV, "pointwise_conv": CONV, "*": OTHER},
    error=0.1,
)


def net(width: int, size: int = 32) -> CostGraph:
    layers = (nn.Conv2d(3, width, 3), nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, 8, 1))
    return trace(nn.Sequential(*layers), torch.zeros(1, 3, size, size))


def samples(graph: CostGraph) -> list[Sample]:
    return [Sample(op, MACHINE.seconds(op)) for op in graph]


GRAPHS = [net(width, size) for width in (8, 16, 32, 64) for size in (16, 24, 40)]


def test_the_time_of_an_op_is_the_sum_of_what_it_does() -> None:
    conv, _, relu, _ = net(8)
    work = Work.of(conv, fused=False)
    seconds = 2e-5 + conv.macs * 1e-11 + work.activations * 1e-10
    assert MACHINE.seconds(conv) == pytest.approx(seconds)
    assert MACHINE.seconds(relu) == pytest.approx(1e-5 + relu.bytes * 5e-11)


def test_bytes_beyond_a_cache_cost_more() -> None:
    rate = Rate(per_byte=1.0, beyond=((100, 2.0),))
    assert rate.seconds(Work(activations=100)) == 100
    assert rate.seconds(Work(activations=110)) == 110 + 20


def test_a_fit_explains_the_times_that_it_was_made_of() -> None:
    fitted = replace(MACHINE, rates=rates(each for graph in GRAPHS for each in samples(graph)))
    for op in net(48, 28):
        assert fitted.seconds(op) == pytest.approx(MACHINE.seconds(op), rel=0.02)


def test_networks_that_were_left_out_are_predicted() -> None:
    networks = {str(at): samples(graph) for at, graph in enumerate(GRAPHS)}
    totals = {name: sum(each.seconds for each in part) for name, part in networks.items()}
    assert list(leave_one_out(networks, totals).values()) == pytest.approx([1.0] * 12, rel=0.05)


@given(
    st.lists(st.floats(-1, 1), min_size=12, max_size=12),
    st.lists(st.floats(0, 1), min_size=4, max_size=4),
    st.lists(st.floats(0, 4), min_size=3, max_size=3),
)
def test_no_rates_that_are_not_negative_fit_better(
    factors: list[float], results: list[float], others: list[float]
) -> None:
    matrix, times = np.array(factors).reshape(4, 3), np.array(results)
    solution = non_negative_least_squares(matrix, times)
    assert (solution >= 0).all()
    residual, other = (np.linalg.norm(matrix @ each - times) for each in (solution, others))
    assert residual <= other + 1e-7


def test_a_solution_without_negatives_is_that_of_least_squares() -> None:
    factors = np.array([[1.0, 2.0], [1.0, 5.0], [1.0, 11.0]])
    solution = non_negative_least_squares(factors, factors @ [3.0, 0.5])
    assert solution == pytest.approx([3.0, 0.5])


def test_a_prediction_is_labelled_and_has_the_error_of_its_device() -> None:
    latency = predicted(net(8), MACHINE)
    total = sum(MACHINE.seconds(op) for op in net(8))
    assert latency.predicted
    assert latency.total == Seconds(total, total * 0.9, total * 1.1)
    assert len(latency.timings) == 4
    assert latency.notes == ("predicted from costs; the device is measured: this test",)


def test_a_data_sheet_is_said_not_to_be_measured() -> None:
    for each in DEVICES.values():
        notes = predicted(net(8), each).notes
        assert "the device is not measured" in notes[0]
        assert notes[1] == "the error of such a prediction is not known"


def test_fused_ops_cost_nothing_on_a_device_that_fuses() -> None:
    gpu = DEVICES["gtx-1080ti"]
    conv, norm, relu, _ = net(8)
    assert gpu.seconds(norm) == gpu.seconds(relu) == 0
    assert gpu.seconds(conv) > 4e-6


def test_findings_get_what_mending_them_saves() -> None:
    model = nn.Sequential(nn.Conv2d(8, 256, 1), nn.Conv2d(256, 8, 1))
    plain = audit(model, torch.zeros(1, 8, 56, 56))
    total = predicted(plain.graph, MACHINE).total
    audited = with_evidence(plain, MACHINE, total)
    finding = audited.guideline("G1").findings[0]
    (evidence,) = finding.evidence
    assert evidence.support is Support.PREDICTED
    assert evidence.saves.median == pytest.approx(finding.avoidable.bytes * 1e-10)
    assert evidence.total == total


def test_findings_are_sorted_by_what_mending_them_saves() -> None:
    model = nn.Sequential(
        nn.Conv2d(8, 256, 1), nn.Conv2d(256, 8, 1), nn.Conv2d(8, 8, 1), nn.Conv2d(8, 64, 1)
    )
    plain = audit(model, torch.zeros(1, 8, 56, 56))
    slow = replace(MACHINE, rates={"pointwise_conv": Rate(per_byte=1e-9), "*": Rate()})
    audited = with_evidence(plain, slow, Seconds(1.0, 1.0, 1.0))
    saved = [finding.evidence[0].saves.median for finding in audited.findings]
    assert len(saved) > 2
    assert saved == sorted(saved, reverse=True)


def test_a_finding_never_saves_more_than_its_ops_are() -> None:
    model = nn.Conv2d(48, 48, 1, groups=6)
    for finding in audit(model, torch.zeros(1, 48, 28, 28)).findings:
        assert (
            0 <= saving(finding, MACHINE) <= sum(MACHINE.seconds(op) for op in finding.ops) + 1e-9
        )


def test_what_the_whole_took_beyond_its_ops_is_spread_over_them() -> None:
    graph = net(8)
    timings = tuple(
        Timing((op.name,), op.name, op.kind, Seconds(1.0, 1.0, 1.0)) for op in graph
    )  # fmt: skip
    python = Timing((), "Python between the ops", Kind.OTHER, Seconds(1.0, 1.0, 1.0))
    whole = Seconds(6.0, 6.0, 6.0)
    latency = Latency("eager", "here", False, 1, whole, (*timings, python))
    run = samples_of(graph, latency)
    assert [sample.seconds for sample in run.samples] == [1.5] * 4
    assert run.total == 6.0


def test_this_machine_is_what_its_networks_show() -> None:
    runs = {
        str(at): NetworkRun(tuple(samples(graph)), sum(each.seconds for each in samples(graph)))
        for at, graph in enumerate(GRAPHS)
    }
    found = device(runs, Settings(threads=2), [(1024, 1e9)])
    assert (found.name, found.threads, found.bandwidth) == ("this", 2, ((1024, 1e9),))
    assert found.error is not None
    assert found.error < 0.05


def test_a_device_is_saved_and_read_back() -> None:
    for each in (MACHINE, *DEVICES.values()):
        assert from_json(to_json(each)) == each


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"rates": 3}'])
def test_a_damaged_device_is_refused(text: str) -> None:
    with pytest.raises(AuditError, match="audit devices measure"):
        from_json(text)


def test_a_measured_machine_is_kept_and_found(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="has not been measured"):
        known("this", tmp_path)
    keep(MACHINE, tmp_path / "new")
    assert known("this", tmp_path / "new") == MACHINE
    assert list(devices(tmp_path / "new"))[:3] == ["this", "gtx-1080ti", "snapdragon-810"]


def test_the_roof_of_a_device_is_its_peak_and_its_fastest_cache() -> None:
    cached = replace(MACHINE, bandwidth=((1024, 5e10), (1 << 27, 1e10)))
    assert cached.roof == Roof(1e11, 5e10)
    assert replace(MACHINE, bandwidth=()).roof is None
    assert predicted(GRAPHS[0], cached).roof == cached.roof


def test_what_was_measured_like_this_machine_has_its_roof(tmp_path: Path) -> None:
    at = Seconds(1.0, 1.0, 1.0)
    latency = Latency("eager", "this", False, 1, at, (), (("dtype", "float32"),))
    assert with_roof(latency, tmp_path, "eager").roof is None
    keep(MACHINE, tmp_path)
    assert with_roof(latency, tmp_path, "eager").roof == MACHINE.roof
    for other in ({"threads": 2}, {"backend": "openvino"}, {"device": "a phone"}, {"settings": ()}):
        assert with_roof(replace(latency, **other), tmp_path, "eager").roof is None


def test_a_damaged_record_of_this_machine_does_not_cost_a_measurement(tmp_path: Path) -> None:
    keep(MACHINE, tmp_path).write_bytes(b"\xff")
    at = Seconds(1.0, 1.0, 1.0)
    latency = Latency("eager", "this", False, 1, at, (), (("dtype", "float32"),))
    assert with_roof(latency, tmp_path, "eager") == latency


def test_an_unknown_device_is_named_with_one_that_there_is(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="did you mean gtx-1080ti"):
        known("gtx1080ti", tmp_path)


def test_the_table_says_what_is_measured_and_from_where() -> None:
    text = table([MACHINE, DEVICES["snapdragon-810"]])
    assert "made up (measured, 1 thread)" in text
    assert "snapdragon-810 (not measured, 1 thread)" in text
    assert "source: one Cortex-A57" in text
