"""Fused kernels, told from their names: every op is in one, and none is lost."""

from __future__ import annotations

from itertools import chain

import pytest
import torch
from torch import nn

from shufflenet_audit import CostGraph, Kind, trace
from shufflenet_audit.latency.measuring.kernels import (
    Ran,
    groups,
    kernels,
    origin,
)


def graph(*layers: nn.Module) -> CostGraph:
    return trace(nn.Sequential(*layers), torch.zeros(1, 4, 8, 8))


CONV_BN_RELU = graph(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3))


@pytest.mark.parametrize("name", ["relu", "native_batch_norm", "convolution"])
def test_a_fused_group_is_found_from_any_of_its_members(name: str) -> None:
    found = groups(CONV_BN_RELU, {name: name, "convolution_1": "convolution_1"})
    fused = ("convolution", "native_batch_norm", "relu")
    assert found == {name: fused, "convolution_1": ("convolution_1",)}


def test_ops_that_have_kernels_of_their_own_are_not_grouped() -> None:
    names = [op.name for op in CONV_BN_RELU]
    assert groups(CONV_BN_RELU, dict(zip(names, names, strict=True))) == {
        name: (name,) for name in names
    }


def test_every_launched_op_is_in_exactly_one_group() -> None:
    net = graph(nn.Conv2d(4, 8, 1), nn.ChannelShuffle(2), nn.ReLU6(), nn.AvgPool2d(2), nn.Flatten())
    found = list(chain.from_iterable(groups(net, {"convolution": "a", "avg_pool2d": "b"}).values()))
    assert sorted(found) == sorted(op.name for op in net if op.launched)


def test_a_group_is_of_the_kind_of_its_heaviest_op() -> None:
    ran = [Ran(("relu",), "Conv", (1.0, 2.0)), Ran(("convolution_1",), "Conv", (3.0, 4.0))]
    first, second = kernels(CONV_BN_RELU, ran)
    assert (first.label, first.kind) == ("convolution + native_batch_norm + relu", "pointwise_conv")
    assert (second.label, second.kind) == ("convolution", "conv")
    assert (first.seconds, second.seconds) == ((1.0, 2.0), (3.0, 4.0))


def test_what_was_made_of_one_op_is_one_kernel() -> None:
    (kernel,) = kernels(graph(nn.Hardswish()), [Ran(("hardswish",), "Mul", (1.0,))] * 2)
    assert (kernel.ops, kernel.seconds) == (("hardswish",), (2.0,))


def test_what_no_op_asked_for_is_a_row_of_kind_data() -> None:
    strangers = [Ran((), "ReorderInput", (1.0, 2.0)), Ran((), "ReorderInput", (3.0, 4.0))]
    _, kernel = kernels(graph(nn.ReLU()), [Ran(("relu",), "Relu", (1.0, 1.0)), *strangers])
    assert kernel.ops == ()
    assert (kernel.label, kernel.kind) == ("2 × ReorderInput", Kind.DATA)
    assert kernel.seconds == (4.0, 6.0)


@pytest.mark.parametrize(("moves", "kind"), [(True, Kind.DATA), (False, Kind.VIEW)])
def test_a_view_that_a_runtime_copies_is_data(moves: bool, kind: Kind) -> None:
    (kernel,) = kernels(graph(nn.Flatten()), [Ran(("view",), "Reshape", (1.0,), moves=moves)])
    assert kernel.kind is kind


def test_what_a_runtime_says_of_a_group_goes_before_what_is_likely() -> None:
    class Shortcut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(4, 4, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = self.conv(x)
            return x + y.relu()

    net = graph(Shortcut())
    ran = [Ran(("convolution", "relu"), "Conv", (1.0,)), Ran(("add",), "Add", (1.0,))]
    assert [kernel.ops for kernel in kernels(net, ran)] == [("convolution", "relu"), ("add",)]


def test_what_no_op_asked_for_and_moves_no_data_is_other() -> None:
    strangers = [Ran((), "SkipLayerNormalization", (1.0,))]
    _, kernel = kernels(graph(nn.ReLU()), [Ran(("relu",), "Relu", (1.0,)), *strangers])
    assert kernel.kind is Kind.OTHER


ORIGINS = {"relu": "relu_", "node_silu": "silu", "/conv/Conv": "conv", "node_Slice_38": "slice_1"}


@pytest.mark.parametrize(
    ("name", "op"),
    [
        ("relu", "relu_"),
        ("relu_nchwc", "relu_"),
        ("relu_nchwc_token_3", "relu_"),
        ("node_silu/QuickGeluFusion/", "silu"),
        ("node_silu/MatMulScaleFusion//MatmulTransposeFusion/", "silu"),
        ("node_silu/WithoutBiases", "silu"),
        ("node_Slice_38/GatherSliceToSplitFusion", "slice_1"),
        ("node_Slice_38_new_reshape", "slice_1"),
        ("/conv/Conv", "conv"),
        ("/conv/Conv_nchwc", "conv"),
        ("/other/Conv", None),
        ("ReorderOutput_token_7", None),
        ("relu_2", None),
        ("", None),
    ],
)
def test_what_a_runtime_adds_to_a_name_is_left_out(name: str, op: str | None) -> None:
    assert origin(ORIGINS, name) == op
