"""Alternatives to the ops of findings: what is built has the shapes that the finding speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import nn

from shufflenet_audit import audit
from shufflenet_audit.checking.finding import Avoidable, Finding
from shufflenet_audit.latency.whatif.alternatives import Alternative, alternative
from shufflenet_audit.latency.whatif.programs import Program, light
from shufflenet_audit.results.audit import Audit


def audited(*layers: nn.Module, width: int = 48) -> Audit:
    return audit(nn.Sequential(*layers), torch.zeros(1, width, 28, 28))


def shapes(found: Alternative | None) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    assert found is not None
    return list(_shapes(found.now.run())), list(_shapes(found.instead.run()))


def _shapes(made: object) -> Iterator[tuple[int, ...]]:
    if isinstance(made, torch.Tensor):
        yield tuple(made.shape)
    elif isinstance(made, list):
        for each in made:
            yield from _shapes(each)


def test_unequal_widths_are_replaced_by_equal_ones() -> None:
    finding = audited(nn.Conv2d(24, 240, 1), width=24).guideline("G1").findings[0]
    assert shapes(alternative(finding)) == ([(1, 240, 28, 28)], [(1, 76, 28, 28)])


def test_a_linear_layer_gets_equal_widths() -> None:
    audit_ = audit(nn.Sequential(nn.Linear(24, 240)), torch.zeros(2, 5, 24))
    (finding,) = audit_.guideline("G1").findings
    assert shapes(alternative(finding)) == ([(10, 240)], [(10, 76)])


def test_a_batch_norm_that_cannot_be_folded_is_left_out() -> None:
    (finding,) = audited(nn.BatchNorm2d(48), nn.Conv2d(48, 48, 1)).guideline("G4").findings
    assert shapes(alternative(finding)) == ([(1, 48, 28, 28)], [])


def test_groups_are_replaced_by_a_narrower_dense_convolution() -> None:
    finding = audited(nn.Conv2d(240, 240, 1, groups=3), width=240).guideline("G2").findings[0]
    assert shapes(alternative(finding)) == ([(1, 240, 28, 28)], [(1, 139, 28, 28)])


def test_a_thick_depthwise_convolution_gets_as_few_channels_as_the_finding_says() -> None:
    layers = (
        nn.Conv2d(16, 96, 1), nn.Conv2d(96, 96, 3, padding=1, groups=96), nn.Conv2d(96, 16, 1),
    )  # fmt: skip
    (finding,) = audited(*layers, width=16).guideline("G4").findings
    assert "in a block of equal widths it has 16 channels" in finding.instead
    assert shapes(alternative(finding)) == ([(1, 96, 28, 28)], [(1, 16, 28, 28)])


def test_a_shuffle_is_left_out() -> None:
    finding = audited(nn.Conv2d(48, 48, 1), nn.ChannelShuffle(2)).guideline("D1").findings[0]
    now, instead = shapes(alternative(finding))
    assert len(now) == 1
    assert not instead


class Shortcut(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(48, 48, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = x + self.conv(x)
        return y


def test_a_sum_of_two_maps_becomes_two_halves_concatenated() -> None:
    (finding,) = audited(Shortcut()).guideline("G4").findings
    found = alternative(finding)
    assert shapes(found) == ([(1, 48, 28, 28)], [(1, 48, 28, 28)])
    assert found is not None
    assert [each.shape[1] for each in found.instead.maps] == [24, 24]


def test_group_convolutions_of_a_fragmented_block_become_dense() -> None:
    (finding,) = audited(nn.Conv2d(54, 54, 1, groups=9), width=54).guideline("G3").findings
    assert shapes(alternative(finding)) == ([(1, 54, 28, 28)], [(1, 18, 28, 28)])


class Parallel(nn.Module):
    """Convolutions of the same input, added."""

    def __init__(self, paths: int) -> None:
        super().__init__()
        self.paths = nn.ModuleList(nn.Conv2d(48, 8 + 8 * at, 1) for at in range(paths))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([path(x) for path in self.paths], dim=1)


def launches(model: nn.Module) -> Finding:
    """All convolutions of a model as a finding of too many launches."""
    ops = tuple(audited(model).graph.of_kind("pointwise_conv", "conv", "depthwise_conv", "pooling"))
    return Finding(ops, "too many", Avoidable(launches=len(ops) - 1))


@pytest.mark.parametrize("dim", [0, 1, 2, 3])
def test_a_concatenation_is_along_the_dimension_in_which_it_grows(dim: int) -> None:
    class Joined(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat((x, x.relu()), dim=dim)

    op = next(audited(Joined()).graph.of_kind("data"))
    program = light(op)
    assert program is not None
    assert tuple(_shapes(program.run())) == (op.outputs[0].shape,)


def test_convolutions_of_the_same_input_become_one() -> None:
    now, instead = shapes(alternative(launches(Parallel(3))))
    assert [shape[1] for shape in now] == [8, 16, 24]
    assert [shape[1] for shape in instead] == [48]


def test_a_chain_of_fragments_becomes_one_convolution_with_as_many_multiply_adds() -> None:
    chain = nn.Sequential(
        nn.Conv2d(48, 48, 1), nn.Conv2d(48, 48, 3, padding=1, groups=48), nn.AvgPool2d(3, 2, 1)
    )
    finding = launches(chain)
    now, instead = shapes(alternative(finding))
    assert now == [(1, 48, 28, 28), (1, 48, 28, 28), (1, 48, 14, 14)]
    ((_, width, *size),) = instead
    macs = sum(op.macs for op in finding.ops)
    assert size == [28, 28]
    assert abs(9 * width * width * 28 * 28 / macs - 1) < 0.05


def test_what_cannot_be_built_has_no_alternative() -> None:
    unknown = replace(
        audited(nn.Conv2d(240, 240, 1, groups=3), width=240).findings[0],
        ops=(audited(nn.Softmax(dim=1)).graph.ops[0],),
    )
    assert alternative(unknown) is None
    assert alternative(replace(unknown, avoidable=Avoidable(launches=1))) is None


def test_a_map_arrives_without_a_change_to_its_numbers() -> None:
    x = torch.rand(8)
    before = x.clone()
    Program(lambda: None, (x,)).arrive()
    assert torch.equal(x, before)
