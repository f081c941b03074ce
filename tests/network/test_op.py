"""What an op says of itself."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from shufflenet_audit import trace


def test_an_op_outside_all_modules_is_in_the_model_itself() -> None:
    inside, outside = (
        trace(nn.Sequential(nn.ReLU()), torch.zeros(2)),
        trace(nn.ReLU(), torch.zeros(2)),
    )
    assert [op.where() for op in (*inside, *outside)] == ["0", "the model itself"]


@pytest.mark.parametrize(
    ("layer", "operator"),
    [
        (nn.ReLU(), "relu"),
        (nn.ReLU(inplace=True), "relu"),
        (nn.Softmax(dim=0), "softmax"),
        (nn.Linear(2, 2), "addmm"),
    ],
)
def test_an_operator_has_no_namespace_overload_or_underscores(
    layer: nn.Module, operator: str
) -> None:
    assert list(trace(layer, torch.zeros(2, 2)))[-1].operator == operator


def test_the_output_of_an_op_is_the_first_of_its_outputs() -> None:
    (*_, op) = trace(nn.MaxPool2d(2), torch.zeros(1, 3, 4, 4))
    assert op.output == op.outputs[0]
    assert op.output.shape == (1, 3, 2, 2)
