"""What takes time is counted alike in every form of a network, and by what it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from shufflenet_audit import audit, trace
from shufflenet_audit.costs.ops import cost_graph
from shufflenet_audit.latency.predicting.features import FEATURES, features
from shufflenet_audit.loading.ncnn.graph import graph


def amounts(module: nn.Module, *shape: int) -> dict[str, float]:
    found = features(trace(module.eval(), torch.zeros(*shape)))
    return {name: value for name, value in zip(FEATURES, found, strict=True) if value}


def test_a_module_and_its_ncnn_file_have_the_same_amounts(tmp_path: Path) -> None:
    module = nn.Sequential(
        nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 16, 3, padding=1, groups=16),
        nn.Conv2d(16, 30, 1),
        nn.Hardswish(),
        nn.Conv2d(30, 32, 3, padding=1, groups=2),
        nn.MaxPool2d(2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 10),
    )
    path = tmp_path / "model.param"
    lines = (
        "Input in 0 1 x 0=32 1=32 2=3",
        "Convolution c1 1 1 x a 0=16 1=3 3=2 4=1 5=1 6=432 9=1",
        "ConvolutionDepthWise c2 1 1 a b 0=16 1=3 4=1 5=1 6=144 7=16",
        "Convolution c3 1 1 b c 0=30 1=1 5=1 6=480",
        "HardSwish h 1 1 c d",
        "ConvolutionDepthWise c4 1 1 d e 0=32 1=3 4=1 5=1 6=4320 7=2",
        "Pooling p1 1 1 e f 0=0 1=2 2=2",
        "Pooling p2 1 1 f g 0=1 4=1",
        "InnerProduct l 1 1 g out 0=10 1=1 2=320",
    )
    path.write_text("\n".join(["7767517", f"{len(lines)} 9", *lines]), encoding="utf-8")
    read = features(cost_graph(graph(path).calls))
    traced = features(trace(module.eval(), torch.zeros(1, 3, 32, 32)))
    # max_pool2d of PyTorch may write places of the maxima, and a folded bias is 16 numbers
    np.testing.assert_allclose(read, traced, rtol=0.02, atol=2e-4)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (nn.Conv2d(16, 16, 1), "pointwise_macs"),
        (nn.Conv2d(16, 16, 3, padding=1), "3x3_macs"),
        (nn.Conv2d(16, 16, 3, stride=2), "dense_macs"),
        (nn.Conv2d(16, 16, 7), "dense_macs"),
        (nn.Conv2d(16, 16, 3, groups=4), "group_macs"),
        (nn.Conv2d(16, 16, 3, groups=16), "depthwise_3x3_macs"),
        (nn.Conv2d(16, 16, 3, stride=2, groups=16), "depthwise_strided_macs"),
        (nn.Conv2d(16, 16, 7, groups=16, padding=3), "depthwise_large_macs"),
        (nn.Linear(8, 16), "token_macs"),
        (nn.GroupNorm(4, 16), "normalization_bytes"),
        (nn.GELU(), "transcendental_ops"),
        (nn.AvgPool2d(2), "pooling_bytes"),
    ],
)
def test_each_op_counts_as_what_it_is(module: nn.Module, name: str) -> None:
    assert name in amounts(module, 1, 16, 8, 8)


def test_a_first_layer_is_of_its_own_kind() -> None:
    assert "first_layer_macs" in amounts(nn.Conv2d(3, 16, 3), 1, 3, 8, 8)


def test_a_linear_layer_over_few_rows_counts_by_its_weights() -> None:
    found = amounts(nn.Linear(512, 1000), 1, 512)
    assert "token_macs" not in found
    assert found["linear_weight_bytes"] == pytest.approx(4 * 513 * 1000 / 1e6)


def test_batch_norm_and_relu_behind_a_convolution_cost_nothing() -> None:
    alone = amounts(nn.Sequential(nn.Conv2d(8, 8, 1)), 1, 8, 8, 8)
    folded = nn.Sequential(nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8), nn.ReLU())
    assert amounts(folded, 1, 8, 8, 8) == alone


@given(channels=st.integers(1, 4))
def test_channels_count_in_fours(channels: int) -> None:
    found = amounts(nn.Conv2d(8, 12 + channels, 1, bias=False), 1, 8, 8, 8)
    assert found["pointwise_macs"] == pytest.approx(8 * 16 * 64 / 1e6)


@given(batch=st.integers(5, 9))
def test_work_grows_with_the_batch_and_kernels_do_not(batch: int) -> None:
    layers = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 8, 1))
    one, many = (amounts(layers, size, 8, 8, 8) for size in (1, batch))
    for name in ("3x3_macs", "pointwise_macs", "convolution_bytes"):
        assert many[name] == pytest.approx(batch * one[name], rel=0.01)
    assert many["kernels"] == one["kernels"]


def test_an_audit_has_the_amounts_of_its_graph() -> None:
    layer, x = nn.Conv2d(8, 8, 1), torch.zeros(1, 8, 8, 8)
    np.testing.assert_array_equal(features(audit(layer, x, rules=())), features(trace(layer, x)))
