"""The rules against the paper: its verdicts on the networks that it speaks of."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Final

import pytest
import torch

from shufflenet_audit import Audit, Verdict, audit
from shufflenet_audit.discovery import rules
from shufflenet_audit.zoo import resolve

V1: Final = tuple(f"shufflenet_v1_{width}x_g3" for width in ("0.25", "0.5", "1", "1.5", "2"))
V2: Final = tuple(f"shufflenet_v2_{width}x" for width in ("0.5", "1", "1.5", "2"))
V2_50: Final = "shufflenet_v2_50"
MOBILENET: Final = ("mobilenet_v2",)

# Which networks keep a guideline, and which violate it; on the others the paper says nothing.
KEPT: Final = {
    "G1": (*V2, V2_50),
    "G2": (*V2, V2_50, *MOBILENET),
    "G3": (*V2, V2_50, *MOBILENET, "resnet_50"),
    "G4": (*V2, V2_50),
}
VIOLATED: Final = {
    "G1": (*V1, *MOBILENET),
    "G2": V1,
    "G3": (*V1, "nasnet_a_cell"),
    "G4": (*V1, *MOBILENET),
}


@cache
def audited(name: str) -> Audit:
    """The audit of a reference network, with default options."""
    resolved = resolve(name)
    assert resolved is not None
    network, arguments = resolved
    module, function = network.factory.split(":")
    with torch.device("meta"):
        model = getattr(import_module(module), function)(**arguments)
    return audit(model, torch.zeros(network.input_shape, device="meta"))


def metric(code: str, name: str) -> float:
    found = audited(name).guideline(code).metric
    assert found is not None
    assert found.value is not None
    return found.value


def words(code: str, name: str) -> list[str]:
    return [finding.message for finding in audited(name).guideline(code).findings]


@pytest.mark.parametrize(
    ("code", "name"), [(code, name) for code, names in KEPT.items() for name in names]
)
def test_a_guideline_that_the_paper_finds_kept_passes(code: str, name: str) -> None:
    assert audited(name).guideline(code).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("code", "name"), [(code, name) for code, names in VIOLATED.items() for name in names]
)
def test_a_guideline_that_the_paper_finds_violated_fails(code: str, name: str) -> None:
    guideline = audited(name).guideline(code)
    assert guideline.verdict is Verdict.FAIL
    assert guideline.findings


@pytest.mark.parametrize("code", VIOLATED)
def test_the_metric_of_violating_networks_is_a_quarter_above_that_of_keeping_ones(
    code: str,
) -> None:
    least = min(metric(code, name) for name in VIOLATED[code])
    most = max(metric(code, name) for name in KEPT[code])
    assert least >= 1.25 * most


@pytest.mark.parametrize("code", VIOLATED)
def test_thresholds_lie_well_between_keeping_and_violating_networks(code: str) -> None:
    found = audited("shufflenet_v2").guideline(code).metric
    assert found is not None
    assert max(metric(code, name) for name in KEPT[code]) <= 0.9 * found.warn
    assert min(metric(code, name) for name in VIOLATED[code]) >= 1.1 * found.fail


@pytest.mark.parametrize("name", V1)
def test_shufflenet_v1_is_told_of_its_bottlenecks_groups_and_adds(name: str) -> None:
    assert any("4.0 times apart" in message for message in words("G1", name))
    assert all(message.startswith("3 groups") for message in words("G2", name))
    assert any(message.startswith("add of 2 maps") for message in words("G4", name))


def test_mobilenet_v2_is_told_of_all_its_thick_depthwise_convolutions_relus_and_adds() -> None:
    check = rules()["G4"].check
    found = [each.message for each in check(audited("mobilenet_v2").graph, min_share=0)]
    thick = [message for message in found if "thick map" in message]
    blocks, strided, last = 16, 4, 1  # all blocks but the first are six times as wide inside
    assert len([message for message in thick if message.startswith("depthwise")]) == blocks
    assert len([message for message in thick if message.startswith("relu6")]) == (
        2 * blocks - strided + last  # a stride leaves a map that is only 1.5 times as large
    )
    assert len([message for message in found if message.startswith("add of 2 maps")]) == 10


def test_a_cell_of_nasnet_is_one_block_of_twenty_three_fragments() -> None:
    (message,) = words("G3", "nasnet_a_cell")
    assert message.startswith("23 fragments on 11 paths")


def test_groups_make_shufflenet_v1_worse_and_worse() -> None:
    names = [f"shufflenet_v1_g{groups}" for groups in (1, 2, 3, 4, 8)]
    for code in ("G2", "G3"):
        metrics = [metric(code, name) for name in names]
        assert metrics == sorted(metrics)
    assert metric("G2", names[0]) == 0
