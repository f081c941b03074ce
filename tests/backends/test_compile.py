"""The compile backend: kernels of generated code, and the ops that they are."""

from __future__ import annotations

import shutil
from importlib import import_module
from itertools import chain

import pytest
import torch
from torch import nn

from shufflenet_audit import measure, trace
from shufflenet_audit.latency.backend import Settings

generated = import_module("shufflenet_audit.backends.compile")
Called = generated.Called

CODE = """
        cpp_fused_relu_0(arg7_1, buf0)
        # Topologically Sorted Source Nodes: [relu], Original ATen: [aten.relu]
        buf1 = torch.ops.mkldnn._convolution_pointwise.default(buf0, 'relu', [None], '')
        cpp_fused_add_exp_1(buf2, buf3)
        # Topologically Sorted Source Nodes: [view, addmm], Original ATen: [aten.view, aten.addmm]
        extern_kernels.addmm(buf3, buf4, out=buf5)
"""
CALLS = (
    Called("cpp_fused_relu_0"),
    Called("mkldnn::_convolution_pointwise", ("relu",)),
    Called("cpp_fused_add_exp_1"),
    Called("aten::addmm", ("view", "addmm")),
)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.fc = nn.Linear(4 * 36, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv(x).relu()
        z: torch.Tensor = self.fc((y + 1).exp().flatten(1))
        return z


X = torch.rand(2, 3, 8, 8)


def test_the_calls_are_read_from_the_generated_code() -> None:
    assert tuple(generated.called(CODE)) == CALLS


def test_a_kernel_has_the_ops_in_its_name_that_no_call_has() -> None:
    assert generated.ops(trace(Net(), X), CALLS) == ((), ("relu",), ("exp", "add"), ("addmm",))


@pytest.mark.skipif(shutil.which("g++") is None, reason="inductor needs a compiler")
def test_every_launched_op_of_a_compiled_model_is_in_one_kernel() -> None:
    latency = measure(Net(), X, backend="compile", settings=Settings(warmup=1, rounds=2))
    ran = list(chain.from_iterable(timing.ops for timing in latency.timings))
    assert len(ran) == len(set(ran))
    assert {op.name for op in trace(Net(), X) if op.launched} <= set(ran)
