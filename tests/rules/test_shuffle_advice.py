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


class Split(nn.Module):
    """The halves of what was shuffled go separate ways: the order decides what each gets."""

    def __init__(self) -> None:
        super().__init__()
        self.before = nn.Conv2d(16, 16, 1, groups=GROUPED)
        self.shuffle = nn.ChannelShuffle(4)
        self.one, self.two = nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a, b = self.shuffle(self.before(x)).chunk(2, dim=1)
        one: torch.Tensor = self.one(a) + self.two(b)
        return one


class Skipped(nn.Module):
    """What is shuffled is also read in its old order."""

    def __init__(self) -> None:
        super().__init__()
        self.before = nn.Conv2d(16, 16, 1)
        self.shuffle = nn.ChannelShuffle(4)
        self.behind = nn.Conv2d(16, 16, 1, groups=GROUPED)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.before(x)
        behind: torch.Tensor = self.behind(self.shuffle(y)) + y
        return behind


@pytest.mark.parametrize("model", [Split(), Skipped()], ids=["split", "read twice"])
def test_nothing_is_called_exact_where_the_old_order_matters(model: nn.Module) -> None:
    findings = audit(model.eval(), X).guideline("D1").findings
    (finding,) = (each for each in findings if each.ops[0].kind is Kind.SHUFFLE)
    assert not finding.instead.startswith("exact")
