"""What is built is a network like any other: it trains, saves and exports."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from small_networks import Gate, Halves, grouped_block, images, network
from torch import nn
from torch.nn import functional

from shufflenet_audit.fixing.widths import EQUAL_WIDTHS, NO_GROUPS, Inputs, Plan, plan


@pytest.fixture(scope="module")
def original() -> nn.Module:
    body = (grouped_block(24, 3), Gate(24, 8), Halves(24), nn.Conv2d(24, 32, 1), nn.Dropout(0.5))
    return network(*body, c_in=24, c_out=32)


@pytest.fixture(scope="module")
def found(original: nn.Module) -> Plan:
    return plan(original, Inputs((images(),)), (NO_GROUPS,))


def batch(size: int = 4) -> torch.Tensor:
    return torch.rand(size, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def test_it_holds_what_the_original_holds_under_the_same_names(
    original: nn.Module, found: Plan
) -> None:
    assert set(found.build().state_dict()) == set(original.state_dict())


def test_convolutions_and_norms_are_modules(found: Plan) -> None:
    modules = dict(found.build().named_modules())
    for row in found.rows:
        layer = modules[row.module]
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        assert layer.weight.shape[0] == row.width[1]
    assert isinstance(modules["0.norm"], nn.BatchNorm2d)


def test_its_multiply_adds_are_counted_on_the_modules_it_is_made_of(found: Plan) -> None:
    layers = {op.module for op in found.after.known if op.macs}
    assert layers == {row.module for row in found.rows}


def test_a_step_of_training_changes_the_weights_of_every_layer(found: Plan) -> None:
    built = found.build().train()
    layers = {f"{row.module}.weight" for row in found.rows}
    before = {name: built.get_parameter(name).clone() for name in layers}
    optimizer = torch.optim.SGD(built.parameters(), lr=0.1)
    loss = functional.cross_entropy(built(batch()), torch.arange(4))
    loss.backward()
    optimizer.step()
    assert all(each.grad is not None for each in built.parameters())
    assert [name for name in layers if torch.equal(built.get_parameter(name), before[name])] == []


def test_training_lowers_the_loss(found: Plan) -> None:
    built, x, y = found.build().train(), batch(), torch.arange(4)
    optimizer = torch.optim.SGD(built.parameters(), lr=0.05)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = functional.cross_entropy(built(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_batch_norm_uses_the_batch_in_training_and_what_it_has_seen_in_evaluation(
    found: Plan,
) -> None:
    built = found.build()
    before = built.get_buffer("0.norm.running_mean").clone()
    built.eval()(batch())
    assert torch.equal(built.get_buffer("0.norm.running_mean"), before)
    built.train()(batch())
    assert not torch.equal(built.get_buffer("0.norm.running_mean"), before)


def test_one_seed_gives_one_network(found: Plan) -> None:
    x = batch()
    first, again, other = (found.build(seed=seed)(x) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_building_leaves_the_random_numbers_of_the_user_alone(found: Plan) -> None:
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    found.build()
    assert torch.equal(torch.rand(3), expected)


def test_its_weights_are_saved_and_loaded(found: Plan, tmp_path: Path) -> None:
    built, other = found.build(seed=1), found.build(seed=2)
    torch.save(built.state_dict(), tmp_path / "weights.pt")
    other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    assert torch.equal(other(batch()), built(batch()))


@pytest.mark.filterwarnings("ignore")  # of the exporter, about itself
def test_it_is_exported_with_a_batch_of_any_size(found: Plan, tmp_path: Path) -> None:
    built = found.build()
    program = torch.export.export(
        built, (batch(),), dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=64)},)
    )
    torch.export.save(program, tmp_path / "fixed.pt2")
    loaded = torch.export.load(tmp_path / "fixed.pt2").module()
    x = batch(7)
    torch.testing.assert_close(loaded(x), built(x))


def test_a_dropout_of_the_original_is_gone_and_that_is_said(found: Plan) -> None:
    assert any("Dropout" in note for note in found.notes)


class Attention(nn.Module):
    """Attention, layer norm and an MLP: tokens, heads, and parameters of no layer."""

    def __init__(self, width: int = 48, heads: int = 2) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, width, 8, stride=8)
        self.place = nn.Parameter(torch.randn(1, 16, width))
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self.head = nn.Linear(width, 5)
        self.heads = heads

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2) + self.place
        batch, tokens, width = x.shape
        qkv = self.qkv(self.norm(x)).reshape(batch, tokens, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, tokens, width))
        y: torch.Tensor = self.head((x + self.mlp(x)).mean(1))
        return y


def test_a_transformer_trains_with_its_stream_and_heads_intact() -> None:
    found = plan(Attention(), Inputs((images(),)), (EQUAL_WIDTHS,))
    built = found.build().train()
    functional.cross_entropy(built(batch()), torch.arange(4)).backward()
    assert all(each.grad is not None for each in built.parameters())
    rows = {row.module: row for row in found.rows}
    assert rows["qkv"].width[1] % 6 == 0  # three projections of two heads
    assert rows["out"].width[1] == rows["head"].width_in[1]
    assert abs(found.macs_change) <= 0.01
