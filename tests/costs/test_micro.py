"""Multiply–adds and parameters of small models are those worked out by hand."""

from __future__ import annotations

import pytest
import torch
from micro_cases import CASES, Case
from torch import nn

from shufflenet_audit import AuditError, trace

pytestmark = [  # what PyTorch says of the speed of its own kernels
    pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN"),
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_multiply_adds_and_parameters_are_those_worked_out_by_hand(case: Case) -> None:
    total = trace(case.build(), *case.inputs()).total
    assert (total.macs, total.params, total.unknown) == (case.macs, case.params, 0)


def test_no_two_cases_have_the_same_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=str)
def test_two_runs_and_a_run_after_a_failed_one_give_the_same(case: Case) -> None:
    model = case.build()
    first = trace(model, *case.inputs())
    with pytest.raises(AuditError):
        trace(model, *[torch.zeros(3, 1, 4, 1, 5, 9, 2)] * (len(case.shapes) + 1))
    assert trace(model, *case.inputs()) == first


def test_a_network_run_on_its_own_gives_what_it_gave_before() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
    x = torch.rand(1, 3, 8, 8)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    expected = model(x)
    model.load_state_dict(before)
    trace(model, x)
    assert model.training
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())
    assert model(x).equal(expected)
