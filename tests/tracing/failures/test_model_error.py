"""A model that raises shows the user's own line; a wrong shape says which would have fit."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from torch import nn

from shufflenet_audit import trace
from shufflenet_audit.errors import TraceError

X = torch.ones(2, 4, 6, 6)


class Raises(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise KeyError("what is not there")  # this very line


def test_a_model_that_raises_shows_its_own_line() -> None:
    with pytest.raises(
        TraceError, match=r"Raises raised KeyError at .*test_model_error\.py:\d+: 'what"
    ):
        trace(Raises(), X)


class WrongShape(nn.Module):
    """Takes 4 channels, by a line of its own."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> Any:
        return self.layer(x)


@pytest.mark.parametrize(
    ("layer", "given", "fits"),
    [
        (nn.Conv2d(4, 8, 3), (1, 3, 6, 6), "1x4x6x6"),
        (nn.Conv2d(4, 8, 3, groups=2), (1, 3, 6, 6), "1x4x6x6"),
        (nn.Conv1d(4, 8, 3), (1, 3, 6), "1x4x6"),
        (nn.ConvTranspose2d(4, 8, 3), (1, 3, 6, 6), "1x4x6x6"),
        (nn.Linear(4, 8), (2, 5), "2x4"),
        (nn.Linear(4, 8), (2, 7, 5), "2x7x4"),
    ],
)
def test_a_wrong_shape_says_which_op_refused_and_what_would_fit(
    layer: nn.Module, given: tuple[int, ...], fits: str
) -> None:
    with pytest.raises(TraceError) as raised:
        trace(WrongShape(layer), torch.ones(given))
    said = str(raised.value)
    assert re.search(r"test_model_error\.py:\d+", said)
    assert f"layer ({type(layer).__name__})" in said
    assert fits in said
    assert "\n" not in said


def test_a_shape_with_too_few_dimensions_says_how_many_are_wanted() -> None:
    with pytest.raises(TraceError, match=r"layer \(Conv2d\).*4 channels"):
        trace(WrongShape(nn.Conv2d(4, 8, 3)), torch.ones(7, 7))
