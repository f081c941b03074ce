"""What a device is measured with: every probe runs, and together they know the usual ops."""

from __future__ import annotations

import pytest
import torch

from shufflenet_audit import CostGraph, trace
from shufflenet_audit.discovery import backend
from shufflenet_audit.latency.backend import Settings
from shufflenet_audit.latency.predicting.calibration import bandwidth, run
from shufflenet_audit.latency.predicting.probes import Probe, probes

PROBES = {probe.name: probe for probe in probes()}
BRIEF = Settings(warmup=0, rounds=1)


def traced(probe: Probe) -> CostGraph:
    with torch.device("meta"):
        return trace(probe.build(), torch.zeros(probe.shape))


@pytest.mark.parametrize("name", PROBES)
def test_every_op_of_a_probe_is_known(name: str) -> None:
    assert not traced(PROBES[name]).unknown


def test_the_probes_have_the_ops_of_usual_networks() -> None:
    targets = {op.target.split(".")[1].strip("_") for probe in probes() for op in traced(probe)}
    usual = "convolution addmm native_batch_norm native_layer_norm relu gelu silu hardswish sigmoid"
    assert set(f"{usual} add mul cat mean max_pool2d_with_indices avg_pool2d".split()) <= targets


def test_a_run_tells_the_time_of_each_op() -> None:
    probe = PROBES["plain"]
    told = run(probe, backend("eager"), BRIEF)
    assert [sample.op.name for sample in told.samples if sample.op.launched] == [
        op.name for op in traced(probe) if op.launched
    ]


def test_bandwidth_is_measured_by_working_set() -> None:
    sizes = [size for size, _ in bandwidth(BRIEF)]
    assert sizes == sorted(sizes)
    assert sizes[0] < 100_000
    assert sizes[-1] > 10_000_000
