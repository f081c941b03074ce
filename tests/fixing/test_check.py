"""A rewrite that is wrong is caught by running both networks, and taken back alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
import torch
from torch import nn
from torch.fx import Node
from trained_networks import as_trained

from shufflenet_audit.errors import AuditError
from shufflenet_audit.fixing import Fixed, Match, Rewrite, fix
from shufflenet_audit.fixing.exact import EXACT
from shufflenet_audit.fixing.program import Program, args, calls, shape

aten = torch.ops.aten
Apply = Callable[[Program, Node], None]


def planted(apply: Apply, *targets: object) -> Rewrite:
    """A rewrite that does this once to each call of these."""

    def carry_out(program: Program, node: Node) -> None:
        apply(program, node)
        for new in program.touched:
            new.meta["done"] = True

    def find(program: Program) -> Iterator[Match]:
        for node in program.nodes():
            if calls(node, *targets) and "done" not in node.meta:
                yield Match((node,), "planted", partial(carry_out, program, node))

    return Rewrite("planted", "It is wrong.", find)


def slightly_other_weights(program: Program, node: Node) -> None:
    weight = program.constant(args(node)[1])
    assert weight is not None
    with program.before(node, [node]):
        held = program.hold(weight * (1 + 1e-6), "wrong")
        new = program.call(node.target, args(node)[0], held, *args(node)[2:])
    program.replace(node, new)


def one_batch_alone(program: Program, node: Node) -> None:
    with program.before(node, [node]):
        new = program.call(aten.reshape.default, args(node)[0], list(shape(node)))
        again = program.call(node.target, new)
    program.replace(node, again)


def a_kernel_that_raises(program: Program, node: Node) -> None:
    with program.before(node, [node]):
        new = program.call(aten.convolution.default, *args(node))
    new.args = (*args(new)[:8], 3)
    program.replace(node, new)


def more_multiply_adds(program: Program, node: Node) -> None:
    with program.before(node, [node]):
        again = program.call(node.target, *args(node))
        zero = program.call(aten.sub.Tensor, again, program.call(node.target, *args(node)))
        new = program.call(aten.add.Tensor, program.call(node.target, *args(node)), zero)
    program.replace(node, new)


def more_memory(program: Program, node: Node) -> None:
    with program.before(node, [node]):
        same = program.call(aten.clone.default, args(node)[0])
        new = program.call(node.target, same, *args(node)[1:])
    program.replace(node, new)


CONVOLUTION = aten.convolution.default
WRONG = [
    (slightly_other_weights, CONVOLUTION, "outputs differ"),
    (one_batch_alone, aten.relu.default, "RuntimeError"),
    (a_kernel_that_raises, CONVOLUTION, "RuntimeError"),
    (more_multiply_adds, CONVOLUTION, "multiply–adds more"),
    (more_memory, CONVOLUTION, "elements more moved"),
]


def network() -> nn.Module:
    layers = [nn.Conv2d(4, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU()]
    return as_trained(nn.Sequential(*layers, nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4)))


def found(*rewrites: Rewrite) -> Fixed:
    torch.manual_seed(0)
    return fix(network(), torch.randn(1, 4, 6, 6), rewrites=rewrites)


@pytest.mark.parametrize(
    ("apply", "target", "reason"), WRONG, ids=lambda part: getattr(part, "__name__", str(part))
)
def test_a_wrong_rewrite_is_taken_back_and_reported(
    apply: Apply, target: object, reason: str
) -> None:
    result = found(planted(apply, target))
    assert "planted" not in {change.rewrite for change in result.changes}
    assert result.refusals
    assert all(reason in refusal.reason for refusal in result.refusals)


def test_the_right_rewrites_beside_it_are_kept() -> None:
    alone = found(*EXACT)
    beside = found(planted(slightly_other_weights, CONVOLUTION), *EXACT)
    assert beside.after.total.macs == alone.after.total.macs
    assert [change.rewrite for change in beside.changes] == ["folded-scale"] * 2


def test_a_rewrite_that_is_wrong_at_one_place_is_kept_at_the_others() -> None:
    folds = next(rewrite for rewrite in EXACT if rewrite.name == "folded-scale")

    def find(program: Program) -> Iterator[Match]:
        for match in folds.find(program):
            if isinstance(match, Match):
                yield spoilt(program, match) if match.nodes[1].name == "convolution_1" else match

    result = found(Rewrite("half-wrong", "", find))
    assert len(result.changes) == 1
    assert [refusal.place.modules for refusal in result.refusals] == [("4", "3")]


def spoilt(program: Program, match: Match) -> Match:
    def apply() -> None:
        match.apply()
        last = [node for node in program.nodes() if calls(node, CONVOLUTION)][-1]
        slightly_other_weights(program, last)

    return Match(match.nodes, match.sentence, apply)


def test_a_check_says_on_what_it_was_made() -> None:
    check = found(*EXACT).check
    assert check.inputs >= 5
    assert check.batches == (1, 2)
    assert check.relative_wide is not None
    assert 0 < check.relative_wide < 1e-12
    assert 0 < check.relative < 1e-5


def test_a_network_in_float64_is_checked_in_float64() -> None:
    check = fix(network().double(), torch.randn(2, 4, 6, 6).double()).check
    assert check.tolerance == 1e-9
    assert check.relative < 1e-12


def test_a_network_in_half_precision_is_fixed_in_it() -> None:
    result = fix(network().bfloat16(), torch.randn(2, 4, 6, 6).bfloat16())
    assert {tensor.dtype for tensor in result.module.state_dict().values()} == {torch.bfloat16}
    assert result.check.relative_wide is None


class Coin(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.rand(1)


class Branch(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + 1 if x.sum() > 0 else x - 1


class Counter(nn.Module):
    count: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("count", torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.count += 1
        return x + self.count


class Refuses(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        message = "not today"
        raise ValueError(message)


REFUSED = [
    (Coin(), "random numbers"),
    (Branch(), "values of its inputs"),
    (Counter(), "writes to count"),
    (Refuses(), "not today"),
    (nn.Linear(6, 6, device="meta"), "on meta, without weights"),
    (nn.LazyLinear(4), "takes its width from the first input"),
]


@pytest.mark.parametrize(("model", "reason"), REFUSED, ids=lambda each: type(each).__name__)
def test_what_cannot_be_rewritten_is_refused_in_one_line(model: nn.Module, reason: str) -> None:
    with pytest.raises(AuditError) as raised:
        fix(model, torch.ones(2, 6))
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)


class InPlace(nn.Module):
    """Writes to a part of a map that is read as a whole afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.clone()
        x[:, :2] = self.norm(self.conv(x[:, :2]))
        mask = torch.zeros(6, 6)
        mask[2:, 2:] = 1
        return x.relu_() * mask


def test_maps_that_are_written_to_in_place_stay_right() -> None:
    model = as_trained(nn.Sequential(InPlace(), nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4)))
    result = fix(model, torch.randn(1, 4, 6, 6))
    x = torch.randn(3, 4, 6, 6)
    with torch.no_grad():
        torch.testing.assert_close(result.module(x), model(x))
    assert [change.place.modules for change in result.changes] == [("2", "1")]


class Fixed3(nn.Module):
    """Asks for its one batch size by name."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(3, -1) * 2


def test_a_network_of_one_batch_size_keeps_it_and_that_is_said() -> None:
    result = fix(nn.Sequential(Fixed3(), nn.Linear(8, 2)), torch.randn(3, 8))
    assert result.fixed_batch
    assert result.check.batches == (3,)
    assert "one batch size" in result.check.note


def test_outputs_are_returned_in_the_form_that_the_model_gives_them() -> None:
    class Several(nn.Module):
        def forward(self, x: torch.Tensor, *, y: torch.Tensor) -> dict[str, object]:
            return {"sum": x + y, "parts": [x * 2, (y,)]}

    x, y = torch.randn(2, 3), torch.randn(2, 3)
    given = fix(Several(), x, y=y).module(x, y)
    assert list(given) == ["sum", "parts"]
    assert torch.equal(given["parts"][1][0], y)


def test_parameters_that_nobody_reads_are_left_out_and_that_is_a_change() -> None:
    class Spare(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.spare = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = self.used(x)
            return y

    result = fix(Spare(), torch.randn(2, 4))
    assert [change.rewrite for change in result.changes] == ["unread-parameters"]
    assert "20 parameters" in result.changes[0].sentence
    assert set(result.module.state_dict()) == {"used.weight", "used.bias"}
