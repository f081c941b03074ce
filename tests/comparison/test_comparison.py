"""Audits side by side: laws that hold for any two, and what corresponds in some."""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
import torch
from handmade import AUDIT
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from torch import nn

from shufflenet_audit import audit, compare
from shufflenet_audit.comparison.alignment import aligned
from shufflenet_audit.errors import FormatError
from shufflenet_audit.plugin import Audit, Comparison, Fate, Kind, Seconds
from shufflenet_audit.zoo.shufflenet_v1 import shufflenet_v1
from shufflenet_audit.zoo.shufflenet_v2 import shufflenet_v2

WORDS = st.lists(st.sampled_from("abcd"), max_size=8)
LAYERS: dict[str, Callable[[], nn.Module]] = {
    "wide": lambda: nn.Conv2d(8, 8, 3, padding=1),
    "narrow": lambda: nn.Conv2d(8, 8, 1),
    "grouped": lambda: nn.Conv2d(8, 8, 1, groups=4),
    "apart": lambda: nn.Sequential(nn.Conv2d(8, 64, 1), nn.Conv2d(64, 8, 1)),
    "relu": nn.ReLU,
    "shuffle": lambda: nn.ChannelShuffle(2),
}
NETWORKS = st.lists(st.sampled_from(sorted(LAYERS)), min_size=1, max_size=6)


def network(names: Iterable[str]) -> Audit:
    layers = [LAYERS[name]() for name in names]
    return audit(nn.Sequential(*layers).eval(), torch.zeros(1, 8, 6, 6))


def itself(word: str) -> tuple[str, ...]:
    return (word,)


def timed(made: Audit, *, low: float, high: float) -> Audit:
    middle = Seconds((low + high) / 2, low, high)
    return replace(made, latencies=(replace(AUDIT.latencies[0], total=middle),))


@pytest.fixture(scope="module")
def v1() -> Audit:
    return audit(shufflenet_v1().eval(), torch.zeros(1, 3, 224, 224))


@pytest.fixture(scope="module")
def v2() -> Audit:
    return audit(shufflenet_v2().eval(), torch.zeros(1, 3, 224, 224))


@given(NETWORKS)
def test_an_audit_does_not_differ_from_itself(names: list[str]) -> None:
    made = network(names)
    both = compare(made, made)
    assert all(not any(amount.differences) for amount in both.totals)
    (change,) = both.changes
    assert change.ops == ()
    assert change.same == made.graph.total.launches
    assert {pair.fate for pair in change.blocks} == {Fate.SAME}
    assert {pair.fate for pair in change.findings} <= {Fate.SAME}
    assert len(change.findings) == len(made.findings)


@given(NETWORKS, NETWORKS)
def test_the_other_way_round_everything_is_the_opposite(one: list[str], other: list[str]) -> None:
    first, second = network(one), network(other)
    there, back = compare(first, second), compare(second, first)
    for amount, opposite in zip(there.totals, back.totals, strict=True):
        assert amount.differences == tuple(-each for each in opposite.differences)
    opposites = {Fate.GAINED: Fate.LOST, Fate.LOST: Fate.GAINED}
    (change,), (returned,) = there.changes, back.changes
    assert change.same == returned.same
    for name in ("blocks", "ops", "findings"):
        fates = Counter(pair.fate for pair in getattr(change, name))
        turned = Counter(opposites.get(pair.fate, pair.fate) for pair in getattr(returned, name))
        assert fates == turned, name


@given(NETWORKS, NETWORKS)
def test_nothing_gets_lost_between_two_models(one: list[str], other: list[str]) -> None:
    first, second = network(one), network(other)
    (change,) = compare(first, second).changes
    for made, side in ((first, "first"), (second, "second")):
        parts = [part for pair in change.blocks if (part := getattr(pair, side))]
        assert [part.name for part in parts] == [block.name for block in made.graph.blocks()]
        assert sum(part.totals.macs for part in parts) == made.graph.total.macs
        assert sum(part.totals.params for part in parts) == made.graph.total.params
        alone = [pair for pair in change.ops if getattr(pair, side)]
        assert len(alone) + change.same == made.graph.total.launches
        found = [pair for pair in change.findings if getattr(pair, side)]
        assert len(found) == len(made.findings)


@given(WORDS, WORDS)
def test_an_alignment_keeps_both_orders(first: list[str], second: list[str]) -> None:
    found = aligned(first, second, [itself])
    pairs = list(found)
    assert [one for one, _ in pairs if one] == first
    assert [other for _, other in pairs if other] == second
    assert all(one == other for one, other in pairs if one and other)


@given(WORDS, WORDS)
def test_an_alignment_is_the_same_from_both_sides(first: list[str], second: list[str]) -> None:
    keys = [lambda word: (word,), lambda word: (str(word in "ab"),)]
    there, back = aligned(first, second, keys), aligned(second, first, keys)
    assert Counter(there) == Counter((one, other) for other, one in back)


def test_what_a_stricter_key_pairs_no_looser_one_takes_apart() -> None:
    keys = [lambda word: (word,), lambda word: (str(len(word)),)]
    assert list(aligned(["aa", "b", "c"], ["xx", "c"], keys)) == [
        ("aa", "xx"),
        ("b", None),
        ("c", "c"),
    ]


def test_the_two_shufflenets_correspond_unit_by_unit(v1: Audit, v2: Audit) -> None:
    (change,) = compare(v1, v2).changes
    paired = [pair for pair in change.blocks if pair.first and pair.second]
    assert [pair.second.name for pair in change.blocks if pair.second and not pair.first] == [
        "conv5.conv.conv"
    ]
    units = [pair.first.name for pair in paired if pair.first and "stage" in pair.first.name]
    assert len(units) == 16
    for pair in paired:
        assert pair.first
        assert pair.second
        assert pair.first.name == pair.second.name or "block" in pair.first.name
    kinds = Counter((pair.fate, part.kind) for pair in change.ops if (part := pair.first))
    assert kinds[Fate.LOST, Kind.GROUP_CONV] == 31
    assert kinds[Fate.CHANGED, Kind.DEPTHWISE_CONV] == 16


def test_a_wider_layer_is_changed_and_the_others_are_the_same() -> None:
    def net(width: int) -> Audit:
        layers = nn.Sequential(nn.Conv2d(8, width, 1), nn.ReLU(), nn.Conv2d(width, 8, 1), nn.ReLU())
        return audit(layers.eval(), torch.zeros(1, 8, 6, 6))

    (change,) = compare(net(8), net(16)).changes
    changed = [(part.module, pair.fate) for pair in change.ops if (part := pair.second)]
    assert changed == [("0", Fate.CHANGED), ("1", Fate.CHANGED), ("2", Fate.CHANGED)]
    assert change.same == 1


def test_parameters_that_two_blocks_share_count_in_the_first() -> None:
    layer = nn.Conv2d(8, 8, 3, padding=1)
    made = audit(nn.Sequential(layer, nn.MaxPool2d(2), layer).eval(), torch.zeros(1, 8, 6, 6))
    (change,) = compare(made, made).changes
    assert [pair.first.totals.params for pair in change.blocks if pair.first] == [584, 0, 0]


def test_an_inserted_layer_is_gained_though_all_behind_it_are_renamed() -> None:
    (change,) = compare(network(["wide", "narrow"]), network(["wide", "relu", "narrow"])).changes
    (gained,) = change.ops
    assert (gained.fate, gained.second and gained.second.kind) == (Fate.GAINED, Kind.ELEMENTWISE)
    assert change.same == 2


def test_a_finding_is_the_same_changed_new_or_gone() -> None:
    made = AUDIT.guideline("D1")
    first, second, third = made.findings
    later = replace(made, findings=(first, replace(second, message="shuffle 77 of a <map>")))
    others = tuple(each for each in AUDIT.guidelines if each.code != "D1")
    (change,) = compare(AUDIT, replace(AUDIT, guidelines=(*others, later))).changes
    fates = [pair.fate for pair in change.findings if pair.code == "D1"]
    assert fates == [Fate.SAME, Fate.CHANGED, Fate.LOST]
    assert third.module == change.findings[-1].first.module  # type: ignore[union-attr]  # it is lost, so it was there


def test_a_finding_is_the_same_though_all_modules_are_renamed() -> None:
    first = network(["apart", "relu"])
    named = nn.Sequential(OrderedDict(zip("xy", (LAYERS["apart"](), nn.ReLU()), strict=True)))
    (change,) = compare(first, audit(named.eval(), torch.zeros(1, 8, 6, 6))).changes
    assert change.findings
    assert {pair.fate for pair in change.findings} == {Fate.SAME}


def test_a_rule_that_one_was_not_checked_by_has_no_new_findings() -> None:
    without = replace(AUDIT, guidelines=AUDIT.guidelines[:2])
    both = compare(without, AUDIT)
    assert {pair.code for pair in both.changes[0].findings} == {"G2"}
    (judged,) = (each for each in both.guidelines if each.code == "D1")
    assert judged.standings[0] is None
    assert judged.standings[1]


def test_times_whose_intervals_overlap_are_not_told_apart() -> None:
    (apart,) = compare(timed(AUDIT, low=1, high=2), timed(AUDIT, low=3, high=4)).latencies
    (close,) = compare(timed(AUDIT, low=1, high=3), timed(AUDIT, low=2, high=4)).latencies
    assert (apart.told_apart, apart.ratios) == ((True,), (3.5 / 1.5,))
    assert close.told_apart == (False,)


def test_times_of_another_backend_or_batch_stand_apart() -> None:
    (latency,) = AUDIT.latencies
    for other in (
        replace(latency, backend="onnxruntime"),
        replace(latency, settings=(("batch", "8"),)),
        replace(latency, predicted=True),
    ):
        both = compare(AUDIT, replace(AUDIT, latencies=(other,)))
        assert [each.ratios for each in both.latencies] == [(None,), (None,)]
        assert [each.told_apart for each in both.latencies] == [(None,), (None,)]
    noted = replace(latency, settings=(*latency.settings, ("runs", "7")), notes=("busy",))
    assert len(compare(AUDIT, replace(AUDIT, latencies=(noted,))).latencies) == 1


def test_models_of_one_name_are_told_apart() -> None:
    names = [model.name for model in compare(AUDIT, AUDIT, AUDIT).models]
    assert len(set(names)) == 3


def test_several_are_compared_to_the_first(v1: Audit, v2: Audit) -> None:
    three = compare(v1, v2, v1)
    macs = next(amount for amount in three.totals if amount.name == "macs")
    assert list(macs.differences) == [v2.graph.total.macs - v1.graph.total.macs, 0]
    assert [change.same == v1.graph.total.launches for change in three.changes] == [False, True]


def test_a_comparison_is_read_back_without_loss(v1: Audit, v2: Audit) -> None:
    for both in (compare(v1, v2), compare(AUDIT, v2), compare(AUDIT, AUDIT, v1)):
        assert Comparison.from_json(both.to_json()) == both


def test_the_saved_form_keeps_to_its_schema(v1: Audit) -> None:
    text = files("shufflenet_audit").joinpath("comparison.schema.json").read_text("utf-8")
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(compare(AUDIT, v1, AUDIT).to_json()))


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda saved: "{", "not a saved comparison"),
        (lambda saved: "[1]", "comparison_version None"),
        (lambda saved: {**saved, "comparison_version": 2}, "comparison_version 2"),
        (lambda saved: {**saved, "models": "none"}, "models is "),
        (lambda saved: {**saved, "models": saved["models"][:1]}, "minItems 2"),
        (lambda saved: {**saved, "changes": []}, "changes has 0 values, not 1"),
        (
            lambda saved: {**saved, "totals": [{**saved["totals"][0], "values": [1, 2]}]},
            "its differences are not those of its numbers",
        ),
        (
            lambda saved: {**saved, "totals": [{**saved["totals"][0], "values": [1]}]},
            "totals.values has 1 values, not 2",
        ),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_a_damaged_comparison_is_refused(damage: Callable[[Any], Any], complaint: str) -> None:
    damaged = damage(json.loads(compare(AUDIT, AUDIT).to_json()))
    text = damaged if isinstance(damaged, str) else json.dumps(damaged)
    with pytest.raises(FormatError, match=complaint):
        Comparison.from_json(text)


def test_a_pair_of_nothing_is_damage() -> None:
    saved = json.loads(compare(AUDIT, AUDIT).to_json())
    saved["changes"][0]["blocks"][0].update(first=None, second=None)
    with pytest.raises(FormatError, match="damaged"):
        Comparison.from_json(json.dumps(saved))
