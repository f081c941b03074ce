"""Networks put together by chance: whatever is rewritten in them, the laws hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional
from trained_networks import Halves, LayerScale, Shuffle, as_trained

from shufflenet_audit.fixing import fix

WIDTH = 8
Make = Callable[[], nn.Module]


class Sum(nn.Module):
    def __init__(self, branches: Sequence[nn.Module], signs: list[int]) -> None:
        super().__init__()
        self.branches, self.signs = nn.ModuleList(branches), signs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total: torch.Tensor = self.branches[0](x)
        for branch, sign in zip(list(self.branches)[1:], self.signs, strict=True):
            total = total + branch(x) if sign > 0 else total - branch(x)
        return total


class Cat(nn.Module):
    """Halves of the channels, each through a branch."""

    def __init__(self, one: nn.Module, other: nn.Module) -> None:
        super().__init__()
        self.one, self.other = one, other

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat((self.one(x)[:, : WIDTH // 2], self.other(x)[:, WIDTH // 2 :]), 1)


class HandMade(nn.Module):
    def __init__(self, kind: int) -> None:
        super().__init__()
        self.kind = kind

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        match self.kind:
            case 0:
                return x * torch.sigmoid(x)
            case 1:
                return x * functional.relu6(x + 3) / 6
            case 2:
                return functional.pad(x, (1, 1, 1, 1))[:, :, 1:-1, 1:-1]
            case _:
                return x.clone() * 1 + 0


@st.composite
def convolutions(draw: st.DrawFn) -> nn.Module:
    kernel = draw(st.sampled_from((1, 3, 5)))
    dilation = draw(st.sampled_from((1, 2)))
    groups = draw(st.sampled_from((1, 2, WIDTH)))
    padding = dilation * (kernel // 2)
    bias = draw(st.booleans())
    return nn.Conv2d(
        WIDTH, WIDTH, kernel, padding=padding, dilation=dilation, groups=groups, bias=bias
    )


norms = st.builds(lambda: nn.BatchNorm2d(WIDTH))
simple = st.one_of(
    convolutions(),
    norms,
    st.builds(lambda: LayerScale(WIDTH, 1, 1)),
    st.builds(nn.ReLU),
    st.builds(nn.Identity),
    st.builds(HandMade, st.integers(0, 3)),
    st.builds(Shuffle, st.sampled_from((2, 4))),
    st.builds(lambda: nn.AvgPool2d(3, 1, 1)),
)
chains = st.lists(simple, min_size=1, max_size=3).map(lambda layers: nn.Sequential(*layers))


@st.composite
def sums(draw: st.DrawFn) -> nn.Module:
    branches = draw(st.lists(chains, min_size=2, max_size=4))
    signs = draw(st.lists(st.sampled_from((1, -1)), min_size=3, max_size=3))
    return Sum(branches, signs[: len(branches) - 1])


parts = st.one_of(simple, sums(), st.builds(Cat, chains, chains))
networks = st.lists(parts, min_size=1, max_size=5).map(lambda layers: nn.Sequential(*layers))


@given(networks, st.integers(1, 2), st.integers(0, 9))
def test_the_laws_hold_for_any_network(model: nn.Sequential, batch: int, seed: int) -> None:
    torch.manual_seed(seed)
    model = as_trained(nn.Sequential(*model, nn.Conv2d(WIDTH, 3, 1)))  # type: ignore[assignment]  # both are sequences
    found = fix(model, torch.randn(batch, WIDTH, 5, 5))
    x = torch.randn(3, WIDTH, 5, 5)
    with torch.no_grad():
        expected = model(x)
        largest = expected.abs().max().item()
        torch.testing.assert_close(found.module(x), expected, rtol=1e-4, atol=1e-5 * (1 + largest))
    before, after = found.before.total, found.after.total
    assert after.macs <= before.macs
    assert after.launches <= before.launches
    assert not [each for each in found.refusals if "taken back: outputs" in each.reason]


@given(networks)
def test_a_second_fix_finds_nothing_more(model: nn.Sequential) -> None:
    once = fix(as_trained(model), torch.randn(1, WIDTH, 5, 5))
    again = fix(once.module, torch.randn(1, WIDTH, 5, 5))
    assert again.after.total.launches == once.after.total.launches


def test_the_shuffles_of_shufflenet_v2_are_gone() -> None:
    found = fix(as_trained(Halves()), torch.randn(1, WIDTH, 5, 5))
    assert not [op for op in found.after if op.kind == "shuffle"]
