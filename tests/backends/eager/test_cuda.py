"""Times on a GPU: what is made of the profiler's events. No GPU is needed, and none is used."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import pytest
import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

from shufflenet_audit import Kind
from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.latency.backend import Settings
from shufflenet_audit.latency.measuring.measurement import CLOCK
from shufflenet_audit.latency.measuring.task import Subject, task

cuda = import_module("shufflenet_audit.backends.eager.cuda")


class Event(NamedTuple):
    name: str
    device_type: object
    device_time_total: float


EVENTS = (
    Event("shufflenet-audit:convolution", "DeviceType.CPU", 120.0),
    Event("aten::convolution", "DeviceType.CPU", 120.0),
    Event("shufflenet-audit:convolution", "DeviceType.CUDA", 119.0),
    Event("cudnn_implicit_gemm", "DeviceType.CUDA", 118.0),
    Event("shufflenet-audit:relu", "DeviceType.CPU", 10.0),
    Event("shufflenet-audit:relu", "DeviceType.CPU", 5.0),
    Event("shufflenet-audit:view", "DeviceType.CPU", 0.0),
    Event("cudaDeviceSynchronize", "DeviceType.CPU", 0.0),
)


def net() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten()).eval()


def test_an_op_has_the_time_of_the_kernels_that_were_started_within_its_range() -> None:
    assert cuda.device_seconds(EVENTS) == pytest.approx(
        {"convolution": 120e-6, "relu": 15e-6, "view": 0.0}
    )


def test_each_op_that_starts_a_kernel_has_its_time_in_each_run() -> None:
    graph = task(Subject(net(), (torch.rand(1, 3, 8, 8),)), Settings(), CLOCK).graph
    runs = [cuda.device_seconds(EVENTS), {"convolution": 2.0}]
    first, second = cuda.kernels(graph, runs)
    assert (first.ops, first.label, first.kind) == (("convolution",), "convolution", Kind.CONV)
    assert first.seconds == pytest.approx((120e-6, 2.0))
    assert second.seconds == pytest.approx((15e-6, 0.0))


def test_every_node_runs_within_a_range_of_its_name_and_gives_what_the_model_gives() -> None:
    x = torch.rand(1, 3, 8, 8)
    model = net()
    with torch.no_grad():
        prepared = task(Subject(model, (x,)), Settings(), CLOCK)
        marked = cuda.Marked(prepared.nodes, prepared.attributes)
        with profile(activities=[ProfilerActivity.CPU]) as seen:
            made = marked.run(*prepared.leaves)
        expected = model(x)
    assert torch.equal(made if isinstance(made, torch.Tensor) else made[0], expected)
    assert set(cuda.device_seconds(seen.events())) == {op.name for op in prepared.graph}


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what is said without one")
def test_without_a_gpu_it_is_one_line_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["latency", "shufflenet_v2_0.5x", "--device", "cuda"]) == 2
    said = capsys.readouterr()
    assert said.err == "audit: unavailable: no CUDA device; measure on --device cpu\n"
    assert said.out == ""
