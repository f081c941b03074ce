"""Plans on real networks: as many multiply–adds, the aim reached, and networks that run."""

from __future__ import annotations

import pytest
import torch
from small_networks import Frequencies, Parallel, grouped_block, images, network
from torch import nn

from shufflenet_audit.fixing.widths import (
    EQUAL_WIDTHS,
    NO_GROUPS,
    ONE_BRANCH,
    RETRAIN,
    Aim,
    Inputs,
    Plan,
    PlanError,
    plan,
)
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.zoo.layers import pointwise
from shufflenet_audit.zoo.shufflenet_v1 import STAGE2, shufflenet_v1

SIZE = (2, 3, 128, 128)
"""Small images: planning looks at shapes alone, and what is built runs on them."""


def planned(model: nn.Module, *aims: Aim, multiple_of: int = 1) -> Plan:
    return plan(model, Inputs((images(SIZE),)), aims, multiple_of=multiple_of)


def torchvision_network(name: str) -> nn.Module:
    models = pytest.importorskip("torchvision.models")
    with torch.random.fork_rng(devices=()):
        model: nn.Module = models.get_model(name, weights=None)
    return model


def assert_as_many_multiply_adds(found: Plan) -> None:
    assert abs(found.macs_change) <= 0.01
    assert {
        stage.places: round(stage.change, 3) for stage in found.stages if not stage.is_within
    } == {}
    assert found.after.unknown == ()


def assert_runs(found: Plan) -> None:
    """At the batch of the example, and at another, with outputs of the same shape."""
    built = found.build()
    (name,) = found.before.outputs
    classes = found.before[name].outputs[0].shape[1:]
    with torch.no_grad():
        for batch in (SIZE[0], 3):
            assert built(torch.rand(batch, *SIZE[1:])).shape == (batch, *classes)


@pytest.mark.parametrize("groups", STAGE2)
def test_shufflenet_v1_without_groups(groups: int) -> None:
    found = planned(shufflenet_v1(groups=groups), NO_GROUPS)
    assert_as_many_multiply_adds(found)
    assert not list(found.after.of_kind(Kind.GROUP_CONV))
    assert_runs(found)
    if groups > 1:
        before, after = found.before.total, found.after.total
        assert after.memory_access_fused < before.memory_access_fused
        assert after.launches == before.launches - 16  # its shuffles, which order nothing any more
        assert len(found.removed) == 16
    else:
        assert found.changes == ()


@pytest.mark.parametrize("groups", STAGE2)
def test_shufflenet_v1_with_equal_widths_and_without_groups(groups: int) -> None:
    found = planned(shufflenet_v1(groups=groups), NO_GROUPS, EQUAL_WIDTHS)
    assert_as_many_multiply_adds(found)
    assert not list(found.after.of_kind(Kind.GROUP_CONV))
    assert found.after.total.memory_access_fused < 0.9 * found.before.total.memory_access_fused
    assert all(measure.after <= measure.before for measure in found.measures)


@pytest.mark.parametrize("name", ["resnext50_32x4d", "regnet_x_400mf", "regnet_y_400mf"])
def test_residual_networks_without_groups(name: str) -> None:
    found = planned(torchvision_network(name), NO_GROUPS)
    assert_as_many_multiply_adds(found)
    assert not list(found.after.of_kind(Kind.GROUP_CONV))
    assert found.after.total.memory_access_fused < found.before.total.memory_access_fused
    assert_runs(found)


def test_resnext_without_groups_is_resnet() -> None:
    """Its residual stream stays, and the bottleneck in it gets about as wide as in ResNet-50."""
    inputs = Inputs((images((1, 3, 224, 224)),))
    found = plan(torchvision_network("resnext50_32x4d"), inputs, (NO_GROUPS,))
    resnet = torchvision_network("resnet50")
    widths = {
        name: module.out_channels
        for name, module in resnet.named_modules()
        if isinstance(module, nn.Conv2d)
    }
    for row in found.rows:
        if row.module in widths:
            assert row.width[1] == pytest.approx(widths[row.module], rel=0.1), row.module


@pytest.mark.parametrize(
    "name",
    ["mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0", "resnet50"],
)
def test_networks_with_equal_widths(name: str) -> None:
    found = planned(torchvision_network(name), EQUAL_WIDTHS)
    assert_as_many_multiply_adds(found)
    (measure,) = found.measures
    assert measure.after < measure.before / 4
    assert found.after.total.memory_access_fused < 0.85 * found.before.total.memory_access_fused
    assert_runs(found)


def test_densenet_with_equal_widths() -> None:
    found = planned(torchvision_network("densenet121"), EQUAL_WIDTHS)
    assert_as_many_multiply_adds(found)
    (measure,) = found.measures
    assert measure.after < measure.before / 2
    assert found.after.total.memory_access_fused < found.before.total.memory_access_fused
    assert_runs(found)


@pytest.mark.parametrize(
    "name", ["resnest50d", "dpn68", "ghostnet_100", "mixnet_s", "hrnet_w18_small"]
)
@pytest.mark.parametrize("aim", [NO_GROUPS, EQUAL_WIDTHS], ids=lambda aim: aim.name)
def test_timm_networks_keep_their_multiply_adds_and_run(name: str, aim: Aim) -> None:
    timm = pytest.importorskip("timm")
    found = planned(timm.create_model(name), aim)
    assert abs(found.macs_change) <= 0.01
    assert found.after.total.memory_access_fused <= found.before.total.memory_access_fused
    if aim is NO_GROUPS:
        assert not list(found.after.of_kind(Kind.GROUP_CONV))
    assert_runs(found)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_branches_of_one_kind_become_one() -> None:
    googlenet = torchvision_network("googlenet")  # its 5×5 convolutions are 3×3
    found = planned(googlenet, ONE_BRANCH)
    assert_as_many_multiply_adds(found)
    (measure,) = found.measures
    assert measure.after == measure.before - 18  # two convolutions in each of nine blocks
    assert found.after.total.launches < found.before.total.launches
    assert_runs(found)


@pytest.mark.parametrize("summed", [False, True], ids=["concatenated", "summed"])
def test_three_branches_of_one_kind_become_one(summed: bool) -> None:
    branches = [nn.Sequential(pointwise(16, 16), nn.ReLU()) for _ in range(3)]
    model = network(Parallel(*branches, summed=summed), c_in=16, c_out=16 if summed else 48)
    found = planned(model, ONE_BRANCH)
    assert len(found.removed) == 2
    assert found.measures[0].after == found.measures[0].before - 2
    assert abs(found.macs_change) <= 0.01
    assert_runs(found)


def test_widths_are_multiples_where_that_is_asked() -> None:
    found = planned(shufflenet_v1(groups=3), NO_GROUPS, EQUAL_WIDTHS, multiple_of=8)
    assert {row.width[1] % 8 for row in found.rows} == {0}
    assert abs(found.macs_change) <= 0.01
    assert_runs(found)


def test_a_network_that_has_what_is_aimed_at_stays_as_it_is() -> None:
    found = planned(torchvision_network("mobilenet_v2"), NO_GROUPS)
    assert found.changes == ()
    assert found.after.total == found.before.total
    assert found.is_within


def test_it_is_always_said_that_accuracy_is_not_known() -> None:
    found = planned(network(grouped_block(24, 3), c_in=24, c_out=24), NO_GROUPS)
    assert found.warning == RETRAIN
    assert "not known" in found.warning


def test_what_is_pinned_stays_and_the_rest_makes_up_for_it() -> None:
    body = (
        grouped_block(24, 3),
        pointwise(24, 32),
        Frequencies(),
        pointwise(32, 24),
        grouped_block(24, 3),
    )
    found = planned(network(*body, c_in=24, c_out=24), NO_GROUPS)
    assert found.pins
    (pinned,) = (row for row in found.rows if row.module == "3.conv")
    assert pinned.width == (32, 32)
    assert pinned.width_class == "fixed"
    assert found.measures[0].after == 0
    assert abs(found.macs_change) <= 0.01
    assert_runs(found)


def test_widths_that_stay_unequal_are_listed_with_the_reason() -> None:
    found = planned(torchvision_network("mobilenet_v2"), EQUAL_WIDTHS)
    assert found.unmet
    assert all(each.reason and each.line for each in found.unmet)


def test_a_network_without_multiply_adds_has_no_plan() -> None:
    with pytest.raises(PlanError, match="no multiply–adds"):
        planned(nn.ReLU(), NO_GROUPS)


def test_two_plans_of_one_network_are_the_same() -> None:
    first, second = (planned(shufflenet_v1(groups=2), NO_GROUPS) for _ in range(2))
    assert first.rows == second.rows
    assert first.after.total == second.after.total


def test_the_table_has_a_row_per_layer() -> None:
    found = planned(shufflenet_v1(groups=3), NO_GROUPS)
    table = found.table()
    assert len(table) == len(found.rows) == 50
    grouped = table[table["groups"] == 3]
    assert len(grouped) == 31
    assert set(grouped["new_groups"]) == {1}
    assert table["line"].notna().all()


class Repeats(nn.Module):
    """Reads its batch size and writes it into the shapes of what it makes."""

    def __init__(self) -> None:
        super().__init__()
        self.reduce = nn.Linear(12, 8)
        self.token = nn.Parameter(torch.zeros(1, 1, 8))
        self.head = nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, places, _ = x.shape
        tokens = torch.cat((self.token.expand(batch, 1, -1), self.reduce(x)), dim=1)
        y: torch.Tensor = self.head(tokens.reshape(batch * (places + 1), 8))
        return y.reshape(batch, places + 1, 3).mean(1)


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_a_batch_that_is_written_into_shapes_is_not_baked_in(batch: int) -> None:
    found = plan(Repeats(), Inputs((torch.empty(batch, 7, 12, device="meta"),)), (EQUAL_WIDTHS,))
    built = found.build()
    for other in (1, 2, 3, 4):
        assert built(torch.rand(other, 7, 12)).shape == (other, 3)


class Positions(nn.Module):
    """Numbers its images, so that the batch is a number in a call that is not of sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        numbers = torch.arange(x.shape[0], device=x.device, dtype=x.dtype)
        y: torch.Tensor = self.layer(x) + numbers.reshape(-1, 1, 1, 1)
        return y


def test_a_batch_that_is_counted_is_fixed_and_that_is_said() -> None:
    found = plan(Positions(), Inputs((torch.empty(2, 3, 8, 8, device="meta"),)), (NO_GROUPS,))
    assert any("arange" in note for note in found.notes)
    assert found.build()(torch.rand(2, 3, 8, 8)).shape == (2, 4, 8, 8)


class FixedBatch(nn.Module):
    """Refuses any batch but one of two."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.layer(x.reshape(2, 3, 8, 8))
        return y


def test_a_network_for_one_batch_size_is_planned_for_that_and_says_so() -> None:
    found = plan(FixedBatch(), Inputs((torch.empty(2, 3, 8, 8, device="meta"),)), (NO_GROUPS,))
    assert any("batch" in note for note in found.notes)
    assert found.build()(torch.rand(2, 3, 8, 8)).shape == (2, 4, 8, 8)
