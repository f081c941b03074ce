"""Every exact rewrite on the smallest networks that it is for, and on those that it must leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt

import pytest
import torch
from torch import nn
from torch.nn import functional
from trained_networks import Attention, Halves, LayerScale, Shuffle, as_trained

from shufflenet_audit.fixing import Fixed, fix
from shufflenet_audit.fixing.exact import EXACT


class Run(nn.Module):
    """Runs a function on its input and its layers."""

    def __init__(self, function: Callable[..., torch.Tensor], *layers: nn.Module) -> None:
        super().__init__()
        self.function = function
        self.layers = nn.ModuleList(layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x, *self.layers)


@dataclass(frozen=True)
class Case:
    rewrite: str
    name: str
    model: Callable[[], nn.Module]
    shape: tuple[int, ...] = (2, 8, 6, 6)
    kernels: int | None = None

    def __str__(self) -> str:
        return f"{self.rewrite}: {self.name}"


def conv(c_in: int = 8, c_out: int = 8, kernel: int = 3, **how: object) -> nn.Conv2d:
    how = {"padding": kernel // 2, **how}
    return nn.Conv2d(c_in, c_out, kernel, **how)  # type: ignore[arg-type]  # as nn.Conv2d takes it


def norm(width: int = 8) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(width)


def seq(*layers: nn.Module) -> Callable[[], nn.Module]:
    return lambda: nn.Sequential(*layers)


def run(function: Callable[..., torch.Tensor], *layers: nn.Module) -> Callable[[], nn.Module]:
    return lambda: Run(function, *layers)


class Standardised(nn.Conv2d):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mean, std = self.weight.mean((1, 2, 3), True), self.weight.std((1, 2, 3), keepdim=True)
        return functional.conv2d(x, (self.weight - mean) / std, self.bias, padding=self.padding)


FOLD, BRANCHES, AHEAD = "folded-scale", "merged-branches", "scale-taken-ahead"
ACTIVATION, SIBLINGS, SHUFFLE = "activation-op", "merged-siblings", "relabelled-channels"

CASES = [
    Case(FOLD, "batch norm behind a convolution", seq(conv(bias=False), norm()), kernels=1),
    Case(FOLD, "and behind one in groups", seq(conv(groups=4), norm()), kernels=1),
    Case(FOLD, "and behind a depthwise one", seq(conv(groups=8), norm()), kernels=1),
    Case(FOLD, "and behind a transposed one",
         seq(nn.ConvTranspose2d(8, 12, 3, 2, groups=2), norm(12)), kernels=1),
    Case(FOLD, "and behind a linear layer", seq(nn.Linear(8, 4), nn.BatchNorm1d(4)), (3, 8), 1),
    Case(FOLD, "and behind one without bias that reads three dimensions",
         run(lambda x, a, b: b(a(x).flatten(0, 1)).reshape(x.shape), nn.Linear(8, 8, bias=False),
             nn.BatchNorm1d(8)), (2, 5, 8)),
    Case(FOLD, "behind a concatenation of layers",
         run(lambda x, a, b, c: c(torch.cat((a(x), b(x)), 1)), conv(8, 4, groups=2), conv(8, 6, 1),
             norm(10)), kernels=3),
    Case(FOLD, "two in a row", seq(conv(), norm(), norm()), kernels=1),
    Case(FOLD, "LayerScale behind a convolution", seq(conv(), LayerScale(8, 1, 1)), kernels=1),
    Case(FOLD, "LayerScale behind a linear layer, through a permutation",
         run(lambda x, a, b: b(a(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)), nn.Linear(8, 8),
             LayerScale(8, 1, 1))),
    Case(FOLD, "the queries alone, of queries, keys and values",
         run(lambda x, a: torch.cat([f * t for f, t in zip((2.0, 1.0, 1.0), a(x).chunk(3, -1),
             strict=True)], 1), nn.Linear(8, 24)), (3, 8)),
    Case(FOLD, "a constant that is added", run(lambda x, a: 3 - a(x) / 2, conv()), kernels=1),
    Case(AHEAD, "batch norm before a convolution that does not pad",
         seq(norm(), conv(kernel=1)), kernels=1),
    Case(AHEAD, "and before one in groups", seq(norm(), conv(padding=0, groups=2)), kernels=1),
    Case(AHEAD, "a factor before a convolution that pads",
         run(lambda x, a: a(x / 255), conv()), kernels=1),
    Case(BRANCHES, "RepVGG", run(lambda x, a, b, c, d, e: b(a(x)) + d(c(x)) + e(x), conv(), norm(),
                                 conv(kernel=1), norm(), norm()), kernels=1),
    Case(BRANCHES, "RepVGG with steps of two",
         run(lambda x, a, b: a(x) + b(x), conv(stride=2), conv(kernel=1, stride=2)), kernels=1),
    Case(BRANCHES, "in groups", run(lambda x, a, b: a(x) + b(x) + x, conv(groups=2),
                                    conv(kernel=1, groups=4)), kernels=1),
    Case(BRANCHES, "depthwise", run(lambda x, a, b: a(x) + b(x) + x, conv(kernel=7, groups=8),
                                    conv(groups=8)), kernels=1),
    Case(BRANCHES, "FastViT's token mixer", run(
        lambda x, a, b, c, s: x + s((a(x) + b(x)) - c(x)), conv(groups=8), norm(), norm(),
        LayerScale(8, 1, 1)), kernels=1),
    Case(BRANCHES, "holes in the kernel",
         run(lambda x, a, b: a(x) + b(x), conv(dilation=2, padding=2), conv(kernel=1)), kernels=1),
    Case(BRANCHES, "linear layers", run(lambda x, a, b: a(x) - b(x) + x, nn.Linear(8, 8),
                                        nn.Linear(8, 8)), (3, 8), 1),
    Case(BRANCHES, "beside a term of another input", run(
        lambda x, a, b: a(x) + x.relu() + b(x), conv(), conv(kernel=1)), kernels=3),
    Case("merged-sequence", "1×1 before 3×3",
         seq(conv(8, 16, 1, bias=False), conv(16, 4)), kernels=1),
    Case("merged-sequence", "3×3 before 1×1",
         seq(conv(8, 16, stride=2), conv(16, 4, 1)), kernels=1),
    Case("merged-sequence", "linear layers", seq(nn.Linear(8, 16), nn.Linear(16, 4)), (3, 8), 1),
    Case(SIBLINGS, "Inception", run(
        lambda x, a, b, c: torch.cat([a(x).relu(), b(x).relu(), c(x).relu()], 1), conv(8, 2, 1),
        conv(8, 3, 1), conv(8, 3, 1)), kernels=3),
    Case(SIBLINGS, "queries, keys and values", run(
        lambda x, q, k, v: functional.scaled_dot_product_attention(q(x)[:, None], k(x)[:, None],
                                                                   v(x)[:, None]),
        nn.Linear(8, 8), nn.Linear(8, 8, bias=False), nn.Linear(8, 8)), (2, 5, 8), 2),
    Case(ACTIVATION, "SiLU", run(lambda x: x * torch.sigmoid(x)), kernels=1),
    Case(ACTIVATION, "hard-swish", run(lambda x: x * functional.relu6(x + 3) / 6), kernels=1),
    Case(ACTIVATION, "hard-swish, clamped", run(lambda x: x * (x + 3).clamp(0, 6) / 6), kernels=1),
    Case(ACTIVATION, "GELU", run(lambda x: 0.5 * x * (1 + torch.erf(x / sqrt(2)))), kernels=1),
    Case(ACTIVATION, "GELU from tanh", run(
        lambda x: 0.5 * x * (1 + torch.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))), kernels=1),
    Case(ACTIVATION, "mish", run(lambda x: x * torch.tanh(functional.softplus(x))), kernels=1),
    Case(ACTIVATION, "leaky ReLU", run(lambda x: torch.maximum(x, 0.1 * x)), kernels=1),
    Case("attention-op", "plain", lambda: Attention(biased=False), (2, 5, 16)),
    Case("attention-op", "with a bias", lambda: Attention(biased=True), (2, 5, 16)),
    Case("no-op", "zero-width pad", run(lambda x, a: a(functional.pad(x, (0, 0, 0, 0))), conv()),
         kernels=1),
    Case("no-op", "copies and zeros", run(lambda x, a: a(x.clone() + 0) * 1, conv()), kernels=1),
    Case("padding-taken-in", "before a convolution",
         seq(nn.ZeroPad2d(1), conv(padding=1), nn.ReLU()), kernels=2),
    Case("padding-taken-in", "on one side, where nothing reads it",
         seq(nn.ZeroPad2d((1, 1, 1, 2)), conv(padding=0, stride=2)), (2, 8, 7, 7), 1),
    Case("padding-taken-in", "before a maximum of what is not negative",
         seq(nn.ReLU(), nn.ZeroPad2d(1), nn.MaxPool2d(3, 2)), kernels=2),
    Case("padding-taken-in", "before a mean over the zeros, too",
         seq(nn.ZeroPad2d(1), nn.AvgPool2d(3, 2)), kernels=1),
    Case("constant", "a standardised weight", lambda: Standardised(8, 8, 3, padding=1), kernels=1),
    Case("unread-op", "a layer for nobody", run(lambda x, a, b: (b(x), a(x))[1], conv(), conv()),
         kernels=1),
    Case(SHUFFLE, "behind a layer", seq(conv(), nn.ReLU(), Shuffle(2), conv(groups=8)), kernels=3),
    Case(SHUFFLE, "before a layer",
         seq(nn.ReLU(), Shuffle(4), conv(groups=8), nn.ReLU(), conv(8, 5, 1)), kernels=4),
    Case(SHUFFLE, "ShuffleNet V2", Halves, kernels=20),
]  # fmt: skip


def fixed(case: Case) -> tuple[nn.Module, torch.Tensor, Fixed]:
    torch.manual_seed(0)
    model = as_trained(case.model())
    x = torch.randn(case.shape)
    return model, x, fix(model, x)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_outputs_are_equal_for_less(case: Case) -> None:
    model, _, found = fixed(case)
    counts = Counter(change.rewrite for change in found.changes)
    assert case.rewrite in counts, found.refusals
    x = torch.randn(5, *case.shape[1:])
    with torch.no_grad():
        torch.testing.assert_close(found.module(x), model(x), rtol=1e-4, atol=1e-5)
    before, after = found.before.total, found.after.total
    assert after.macs <= before.macs
    assert after.launches < before.launches
    if case.kernels is not None:
        assert after.launches == case.kernels, [op.target for op in found.after]


def test_every_rewrite_has_a_case() -> None:
    assert {case.rewrite for case in CASES} == {rewrite.name for rewrite in EXACT}


def normed_and_not(x: torch.Tensor, layer: nn.Module, norm: nn.Module) -> torch.Tensor:
    y = layer(x)
    product: torch.Tensor = norm(y) * y.relu()
    return product


LEFT = [
    Case(FOLD, "somebody else reads the convolution", run(normed_and_not, conv(), norm())),
    Case(FOLD, "one number for each place", seq(conv(), LayerScale(8, 6, 6))),
    Case(AHEAD, "the convolution pads a shift", seq(norm(), conv())),
    Case(BRANCHES, "an activation on one branch", run(lambda x, a, b: a(x) + b(x).relu(), conv(),
                                                      conv())),
    Case(BRANCHES, "other inputs", run(lambda x, a, b: a(x) + b(x.relu()), conv(), conv())),
    Case(BRANCHES, "depthwise and dense, which costs more together",
         run(lambda x, a, b: a(x) + b(x), conv(groups=8), conv(kernel=1))),
    Case("merged-sequence", "the border sees no bias", seq(conv(8, 16, 1), conv(16, 4))),
    Case("merged-sequence", "a bottleneck, which is cheaper as it is",
         seq(nn.Linear(8, 2), nn.Linear(2, 8)), (3, 8)),
    Case(ACTIVATION, "nearly hard-swish", run(lambda x: x * functional.relu6(x + 3) / 6.001)),
    Case(ACTIVATION, "the sigmoid of another map",
         run(lambda x, a: x * torch.sigmoid(a(x)), conv())),
    Case("padding-taken-in", "a maximum of what may be negative",
         seq(nn.ZeroPad2d(1), nn.MaxPool2d(3, 2))),
    Case("padding-taken-in", "more on one side",
         seq(nn.ZeroPad2d((0, 1, 0, 1)), conv(padding=0, stride=2))),
    Case(SIBLINGS, "a residual add behind one of them", run(
        lambda x, a, b: (a(x) + x.relu()) * b(x), conv(8, 8, 1), conv(8, 8, 1))),
    Case(SHUFFLE, "filters in groups on both sides",
         seq(conv(groups=2), nn.ReLU(), Shuffle(2), conv(groups=2))),
    Case(SHUFFLE, "at the end", seq(nn.ReLU(), Shuffle(2))),
]  # fmt: skip


@pytest.mark.parametrize("case", LEFT, ids=str)
def test_what_would_not_be_exact_is_left(case: Case) -> None:
    _, _, found = fixed(case)
    assert case.rewrite not in {change.rewrite for change in found.changes}


def test_grouped_filters_on_both_sides_of_a_shuffle_are_the_reason_that_it_stays() -> None:
    case = next(each for each in LEFT if each.name == "filters in groups on both sides")
    _, _, found = fixed(case)
    reasons = [refusal.reason for refusal in found.refusals if refusal.rewrite == SHUFFLE]
    assert len(reasons) == 1
    assert "grouped" in reasons[0]


def test_a_change_names_the_ops_modules_and_lines_that_it_is_about() -> None:
    _, _, found = fixed(CASES[0])
    (change,) = found.changes
    assert change.place.modules == ("1", "0")
    assert change.place.ops == ("native_batch_norm", "convolution")
    assert set(change.place.ops) <= {op.name for op in found.before}
    assert change.before.kernels - change.after.kernels == 1
    assert all(source.file.endswith("test_exact.py") for source in change.place.sources)


def test_parameters_keep_their_names() -> None:
    model, _, found = fixed(CASES[0])
    assert set(found.module.state_dict()) == {"0.weight", "0.bias"}
    assert set(model.state_dict()) > {"0.weight", "1.weight"}


def test_the_model_itself_stays_as_it_is() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(conv(), norm(), nn.Dropout()).train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    fix(model, torch.randn(2, 8, 6, 6))
    assert model.training
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
