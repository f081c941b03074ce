"""ONNX Runtime and OpenVINO: what their profilers saw is mapped back to the ops of the model."""

from __future__ import annotations

from itertools import chain

import pytest
import torch
from torch import nn

from shufflenet_audit import AuditError, Kind, measure, trace
from shufflenet_audit.latency.backend import Settings
from shufflenet_audit.network.timings import Latency

pytest.importorskip("onnxscript", reason="an optional extra")


def net() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.ChannelShuffle(2),
        nn.Flatten(),
        nn.Linear(16 * 36, 5),
    )


X = torch.rand(2, 3, 8, 8)


@pytest.fixture(scope="module", params=["onnxruntime", "openvino"])
def latency(request: pytest.FixtureRequest) -> Latency:
    pytest.importorskip(request.param, reason="an optional extra")
    return measure(net(), X, backend=request.param, settings=Settings(warmup=1, rounds=3))


def test_convolution_batch_norm_and_activation_are_one_kernel(latency: Latency) -> None:
    labels = [timing.label for timing in latency.timings]
    assert "convolution + native_batch_norm + relu" in labels


def test_every_launched_op_is_in_one_kernel(latency: Latency) -> None:
    ran = list(chain.from_iterable(timing.ops for timing in latency.timings))
    assert len(ran) == len(set(ran))
    assert {op.name for op in trace(net(), X) if op.launched} <= set(ran)


def test_the_shuffle_is_called_so(latency: Latency) -> None:
    assert Kind.SHUFFLE in {timing.kind for timing in latency.timings}


def test_the_runtime_and_its_version_are_named(latency: Latency) -> None:
    assert latency.backend in dict(latency.settings)


def test_a_dtype_that_it_does_not_run_is_refused() -> None:
    with pytest.raises(AuditError, match="the onnxruntime backend has no dtype 'bfloat16'"):
        measure(net(), X, backend="onnxruntime", settings=Settings(dtype="bfloat16"))
