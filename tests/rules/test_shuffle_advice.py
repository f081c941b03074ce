"""What D1 says of a channel shuffle is what `fix` can do with it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from shufflenet_audit import Kind, audit, fix

GROUPED, DENSE = 4, 1


def block(before: int, behind: int, *between: nn.Module) -> nn.Module:
    """A shuffle between two convolutions of so many groups."""
    return nn.Sequential(
        nn.Conv2d(16, 16, 1, groups=before),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.ChannelShuffle(4),
        *between,
        nn.Conv2d(16, 16, 1, groups=behind),
        nn.Conv2d(16, 8, 3),
    ).eval()


X = torch.rand(2, 16, 8, 8, generator=torch.Generator().manual_seed(0))
DEPTHWISE = nn.Conv2d(16, 16, 3, groups=16, padding=1)
CASES = {
    "a dense convolution before it": (block(DENSE, GROUPED), "exact: reorder the filters"),
    "a dense convolution behind it": (block(GROUPED, DENSE), "exact: reorder the input channels"),
    "a depthwise one between": (block(GROUPED, DENSE, DEPTHWISE), "exact: reorder the input"),
    "groups on both sides": (block(GROUPED, GROUPED), "none known"),
    "groups, and a depthwise one": (block(GROUPED, GROUPED, DEPTHWISE), "none known"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_shuffle_that_is_called_exact_can_be_fixed_and_no_other(case: str) -> None:
    model, words = CASES[case]
    (finding,) = (
        each
        for each in audit(model, X).guideline("D1").findings
        if each.ops[0].kind is Kind.SHUFFLE
    )
    assert finding.instead.startswith(words)
    left = [op for op in fix(model, X).after if op.kind is Kind.SHUFFLE]
    assert (not left) == words.startswith("exact")
