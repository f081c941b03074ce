"""What other tools would print, told from the graph: sums, hand-worked cases, PyTorch's own."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
import torch
from micro_cases import CASES, Case
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import get_model

from shufflenet_audit import audit, trace
from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.discovery import report
from shufflenet_audit.plugin import CostGraph
from shufflenet_audit.results.audit import Audit

conventions = import_module("shufflenet_audit.reports.reconcile.conventions")
CONVENTIONS, reconciled = conventions.CONVENTIONS, conventions.reconciled

pytestmark = [  # what PyTorch says of the speed of its own kernels
    pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN"),
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths"),
]

APART = ("attention on three dimensions", "attention with fewer keys than heads")
"""Taken apart on meta, as an audit traces it, but one op on a CPU: the report says so."""


def said(graph: CostGraph, tool: str) -> Any:
    [convention] = [each for each in CONVENTIONS if each.tool == tool]
    return reconciled(graph, [convention])[0]


def printed_by_torch(model: nn.Module, *inputs: torch.Tensor) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as mode:
        model.eval()(*inputs)
    return int(mode.get_total_flops())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_our_count_and_the_reasons_are_together_what_the_tool_counts_op_by_op(case: Case) -> None:
    graph = trace(case.build(), *case.inputs())
    for each in reconciled(graph, CONVENTIONS):
        assert each.macs == case.macs
        if each.figure is None:
            assert each.unavailable
            assert not each.reasons
        else:
            assert each.figure - case.macs == sum(reason.amount for reason in each.reasons)
            assert each.figure % each.convention.per_mac == 0
            assert all(reason.text and reason.amount for reason in each.reasons)


@pytest.mark.parametrize("case", [each for each in CASES if each.name not in APART], ids=str)
def test_pytorchs_own_counter_prints_what_we_say(case: Case) -> None:
    graph = trace(case.build(), *case.inputs())
    figure = said(graph, "FlopCounterMode").figure
    assert figure == printed_by_torch(case.build(), *case.inputs())


@pytest.mark.parametrize("name", ["shufflenet_v2_x0_5", "mobilenet_v3_small", "swin_t", "vit_b_16"])
def test_pytorchs_own_counter_prints_what_we_say_of_networks(name: str) -> None:
    model, x = get_model(name), torch.zeros(1, 3, 224, 224)
    assert said(trace(model, x), "FlopCounterMode").figure == printed_by_torch(model, x)


@pytest.mark.parametrize(
    ("tool", "figure"),
    [
        ("FlopCounterMode", 2 * 9 * 8 * 16 * 196),
        ("fvcore", 9 * 8 * 16 * 196 + 2 * 16 * 196),
        ("ptflops", 9 * 8 * 16 * 196 + 16 * 196),
        ("thop", 9 * 8 * 16 * 196 + 4 * 16 * 196),
        ("torchinfo", 9 * 8 * 16 * 196 + 16 * 196 + 2 * 16),
        ("calflops", 9 * 8 * 16 * 196),
        ("torchprofile", 9 * 8 * 16 * 196 + 16 * 196),
    ],
)
def test_a_convolution_with_bias_and_batch_norm_is_counted_as_each_tool_does(
    tool: str, figure: int
) -> None:
    model = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
    assert said(trace(model, torch.zeros(1, 8, 14, 14)), tool).figure == figure


@pytest.mark.parametrize(
    ("tool", "figure"), [("torchinfo", 2 * (32 * 64 + 64)), ("thop", 2 * 10 * 32 * 64)]
)
def test_torchinfo_forgets_all_but_the_first_dimension_of_a_linear_layer(
    tool: str, figure: int
) -> None:
    assert said(trace(nn.Linear(32, 64), torch.zeros(2, 10, 32)), tool).figure == figure


@pytest.mark.parametrize(("tool", "times"), [("thop", 4), ("torchprofile", 4), ("fvcore", 1)])
def test_some_count_a_transposed_convolution_per_output_element(tool: str, times: int) -> None:
    graph = trace(nn.ConvTranspose2d(8, 16, 2, stride=2, bias=False), torch.zeros(1, 8, 14, 14))
    assert said(graph, tool).figure == times * graph.total.macs


def test_a_tool_that_fails_on_a_model_has_no_figure_but_words() -> None:
    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    found = said(trace(layer, torch.zeros(2, 10, 32)), "torchprofile")
    assert (found.figure, found.unavailable) == (None, "crashes on fused multi-head attention")


def test_of_ops_that_are_not_pytorchs_nothing_is_said() -> None:
    graph = trace(nn.Linear(8, 8), torch.zeros(1, 8))
    foreign = replace(graph, ops=tuple(replace(op, target="onnx.Gemm") for op in graph))
    assert {each.figure for each in reconciled(foreign, CONVENTIONS)} == {None}


@pytest.fixture(scope="module")
def audited() -> Audit:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.AdaptiveAvgPool2d(1))
    return audit(model, torch.zeros(1, 3, 16, 16))


@pytest.mark.parametrize("width", [60, 80, 160])
def test_the_report_fits_the_page_and_says_every_figure(audited: Audit, width: int) -> None:
    text = report("reconcile").render(audited, width=width)
    assert max(map(len, text.splitlines())) <= width
    for each in reconciled(audited.graph, CONVENTIONS):
        assert f"{each.figure:,}" in text
        assert each.convention.tool in text


def test_the_report_of_a_saved_audit_is_that_of_the_audit(audited: Audit) -> None:
    render = report("reconcile").render
    assert render(Audit.from_json(audited.to_json())) == render(audited)


def test_the_short_way_and_the_format_do_not_go_together(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert status(["shufflenet_v2", "--reconcile", "--format", "json"]) == 2
    assert "--reconcile is a report of its own" in capsys.readouterr().err


def test_the_short_way_prints_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    status(["shufflenet_v2", "--reconcile", "--quiet"])
    assert "FlopCounterMode: 291.6 M FLOPs" in capsys.readouterr().out
