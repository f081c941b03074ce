"""The HTML page, driven in a real browser as a person would."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from browsing import SIZES, Open, Opened, browser, open_text  # noqa: F401  (fixtures)
from handmade import GUARDED
from playwright.sync_api import Page, expect
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from shufflenet_audit import audit
from shufflenet_audit.discovery import report
from shufflenet_audit.plugin import (
    Audit,
    Cost,
    CostGraph,
    Input,
    Kind,
    Op,
    Seconds,
    Source,
    Support,
    Tensor,
    Traffic,
)
from shufflenet_audit.project.suppression import Suppression
from shufflenet_audit.zoo.shufflenet_v1 import shufflenet_v1
from shufflenet_audit.zoo.shufflenet_v2 import shufflenet_v2

HERE: Final = Path(__file__).parents[1]
SAVED: Final = HERE / "__snapshots__" / "test_reports" / "test_report[json].json"
MAP: Final = Tensor((1, 8, 4, 4), "float32")


@pytest.fixture
def opened(open_text: Open) -> Open:  # noqa: F811  (the fixture that is imported)
    def open_page(audit: Audit, **how: str) -> Opened:
        return open_text(report("html").render(audit), **how)

    return open_page


@pytest.fixture(scope="module")
def v1() -> Audit:
    return audit(shufflenet_v1().eval(), torch.zeros(1, 3, 224, 224))


@pytest.fixture(scope="module")
def made() -> Audit:
    """The audit by hand of the golden files: hostile names, times, a crashed rule."""
    return Audit.from_json(SAVED.read_text(encoding="utf-8"))


def chain(length: int, *, joined: bool) -> Audit:
    """A network of so many ops; where it is joined, all of them are one block."""
    cost = Cost(Kind.ELEMENTWISE, Traffic(MAP.elements, MAP.elements, 8 * MAP.elements))
    ops = [
        Op(
            f"op_{at}", "aten.relu.default", f"stage{at // 900}.{at // 90}.relu", "ReLU", None,
            (MAP,), (MAP,), (f"op_{at - 1}" if at else "x",), (), 0, cost,
        )
        for at in range(length)
    ]  # fmt: skip
    if joined:
        ops[-1] = replace(ops[-1], inputs=(MAP, MAP), parents=(ops[-1].parents[0], "x"))
    graph = CostGraph.of(ops, (Input("x", MAP),), (ops[-1].name,), 0)
    return replace(Audit.from_json(SAVED.read_text(encoding="utf-8")), graph=graph,
                   guidelines=(), latencies=())  # fmt: skip


def data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    read: dict[str, Any] = json.loads(found[1])
    return read


def visible_codes(page: Page) -> list[str | None]:
    shown = page.locator("#cards .card").locator("visible=true").all()
    return [card.get_attribute("data-code") for card in shown]


def choose(page: Page, group: str, value: str) -> None:
    page.locator(f'#{group} label:has([value="{value}"])').click()


def rows(page: Page, table: str = "ops") -> int:
    said = page.locator(f"#{table} .count").text_content() or ""
    return int(said.split()[0])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_without_an_error_or_a_request(
    opened: Open, made: Audit, size: str, scheme: str
) -> None:
    far = Source("a/folder/" + "_and_another_one" * 9 + "/model.py", 12, "y = self.f(x)")
    failed = made.guideline("G2")
    finding = replace(failed.findings[0], ops=(replace(failed.findings[0].ops[0], source=far),))
    longer = replace(failed, findings=(finding,))
    guidelines = tuple(longer if each.code == "G2" else each for each in made.guidelines)
    page = opened(replace(made, guidelines=guidelines), size=size, scheme=scheme)
    assert page.trouble == []
    wider = page.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0, "nothing is wider than the screen"


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_axe_finds_no_serious_problem(opened: Open, v1: Audit, size: str, scheme: str) -> None:
    page = opened(v1, size=size, scheme=scheme).page
    page.locator("#cards .card button.op").first.click()
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    found = Axe().run(page).response["violations"]
    serious = [
        (each["id"], each["nodes"][0]["html"][:200])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("size", SIZES)
def test_a_finding_leads_to_its_op_and_back(opened: Open, v1: Audit, size: str) -> None:
    opening = opened(v1, size=size)
    page, panel = opening.page, opening.page.locator("#op")
    card = page.locator("#cards .card").first
    code, name = (
        card.get_attribute("data-code"),
        card.locator("button.op").first.get_attribute("data-op"),
    )
    card.locator("button.op").first.click()
    expect(panel.locator("h2")).to_have_text(str(name))
    panel.get_by_role("button", name="In the graph").click()
    node = page.locator("#canvas .node.selected")
    expect(node).to_be_focused()
    expect(node).to_be_in_viewport()
    panel.get_by_role("button", name="In the table").click()
    row = page.locator("#ops tr.selected")
    expect(row).to_be_in_viewport()
    expect(row).to_contain_text(str(name))
    panel.locator(".of-op button", has_text=str(code)).click()
    expect(page.locator(".card:focus")).to_have_attribute("data-code", str(code))
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    assert opening.trouble == []


def test_a_row_leads_to_the_finding_of_its_op(opened: Open, v1: Audit) -> None:
    page = opened(v1).page
    page.get_by_label("with a finding").check()
    page.locator("#ops tbody tr").nth(1).click()
    page.locator("#op .of-op button").first.click()
    expect(page.locator(".card:focus")).to_be_in_viewport()


def test_filters_filter(opened: Open, v1: Audit) -> None:
    page = opened(v1).page
    assert rows(page) == len(v1.graph)
    page.get_by_label("Kind").select_option("shuffle")
    assert rows(page) == len(list(v1.graph.of_kind(Kind.SHUFFLE)))
    page.locator("#ops [type=search]").fill("stage3")
    stage3 = [op for op in v1.graph.of_kind(Kind.SHUFFLE) if op.module.startswith("stage3")]
    assert rows(page) == len(stage3)
    page.get_by_label("Kind").select_option("")
    page.locator("#ops [type=search]").fill("")
    page.get_by_label("with a finding").check()
    assert rows(page) == len({op.name for found in v1.findings for op in found.ops})
    page.locator("#modules [type=search]").fill("stage4.0.branch.shuffle")
    assert rows(page, "modules") == 1


def test_a_table_sorts_and_turns_pages(opened: Open, v1: Audit) -> None:
    page = opened(v1).page
    by_macs = sorted(v1.graph, key=lambda op: -op.macs)
    first = page.locator("#ops tbody tr").first
    page.locator("#ops thead").get_by_role("button", name="Multiply–adds").click()
    expect(first).to_contain_text(by_macs[0].module)
    assert page.locator("#ops th[aria-sort=descending]").count() == 1
    page.locator("#ops").get_by_role("button", name="Next").click()
    expect(page.locator("#ops .page")).to_have_text(f"26 to 50 of {len(v1.graph)}")
    expect(first).not_to_contain_text(by_macs[0].module)


def test_a_table_is_copied_as_csv(opened: Open, v1: Audit) -> None:
    page = opened(v1).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_label("Kind").select_option("shuffle")
    page.locator("#ops").get_by_role("button", name="Copy as CSV").click()
    expect(page.locator("#said")).to_have_text("Copied as CSV")
    heading, *lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert heading.startswith("Op,Kind,Module,Multiply–adds")
    assert len(lines) == len(list(v1.graph.of_kind(Kind.SHUFFLE)))


def test_switches_switch(opened: Open, made: Audit) -> None:
    page = opened(made).page
    saves = page.locator("#cards .card").first.locator("header .saves")
    total = {
        cluster: found.avoidable for cluster, found in enumerate(made.guideline("D1").findings)
    }
    assert len(total) == 3
    expect(saves).to_contain_text("B avoidable", use_inner_text=True)
    fused = saves.inner_text()
    choose(page, "fusion", "alone")
    choose(page, "measure", "elements")
    expect(saves).to_contain_text("elements", use_inner_text=True)
    choose(page, "measure", "launches")
    expect(saves).to_contain_text("launches", use_inner_text=True)
    choose(page, "measure", "seconds")
    assert visible_codes(page)[0] == "G2", "the one that was timed"
    expect(saves).to_contain_text("20.0 µs", use_inner_text=True)
    choose(page, "measure", "bytes")
    choose(page, "fusion", "fused")
    assert saves.inner_text() == fused
    choose(page, "codes", "D1")
    assert visible_codes(page) == ["D1"]


def test_flops_are_doubled_on_request(opened: Open, v1: Audit) -> None:
    page = opened(v1).page
    flops = page.locator(".tiles div", has_text="FLOPs").locator("dd").first
    assert flops.inner_text() == "137.5 M"
    page.get_by_label("count ×2").check()
    assert flops.inner_text() == "274.9 M"


def test_the_graph_opens_with_the_keyboard_and_follows_its_edges(opened: Open, v1: Audit) -> None:
    page = opened(v1).page
    nodes = page.locator("#canvas .node")
    closed = nodes.count()
    nodes.first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#canvas .node:focus")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(page.locator("#canvas .frame")).to_have_attribute("aria-expanded", "true")
    assert nodes.count() > closed
    page.get_by_role("button", name="Fold all").click()
    assert nodes.count() == closed


def test_the_graph_zooms_and_is_coloured(opened: Open, v1: Audit) -> None:
    page = opened(v1).page
    width = page.locator("#canvas svg").bounding_box()
    page.get_by_role("button", name="Zoom in").click()
    wider = page.locator("#canvas svg").bounding_box()
    assert width
    assert wider
    assert wider["width"] > width["width"]
    page.get_by_label("Colour").select_option("category")
    expect(page.locator("#key")).to_contain_text("Elemwise")
    page.get_by_label("Colour").select_option("guideline")
    expect(page.locator("#key")).to_contain_text("has a finding")


def test_the_treemap_is_gone_into_and_out_of(opened: Open, v1: Audit) -> None:
    page = opened(v1).page
    page.get_by_role("button", name=re.compile("^stage3: ")).press("Enter")
    expect(page.locator("#crumbs")).to_contain_text("stage3")
    expect(page.get_by_role("button", name=re.compile("^stage2: "))).to_have_count(0)
    page.locator("#crumbs button").first.click()
    expect(page.get_by_role("button", name=re.compile("^stage2: "))).to_have_count(1)


def test_times_draw_a_roofline_and_their_lack_is_said(opened: Open, made: Audit) -> None:
    timed = opened(made).page
    expect(timed.locator("#roofline")).to_contain_text("The roof is that of cpu.")
    expect(timed.locator("#outliers")).to_contain_text("of the roof at its intensity")
    expect(timed.locator("#figure2 svg").last).to_have_attribute(
        "aria-label", re.compile("Time, eager: Conv 66.7%")
    )
    (latency,) = made.latencies
    without = opened(replace(made, latencies=(replace(latency, roof=None),))).page
    expect(without.locator("#roofline")).to_contain_text("best that any kernel of this run reached")
    page = opened(replace(made, latencies=())).page
    expect(page.locator("#roofline")).to_contain_text("unavailable, run with --latency")
    expect(page.locator(".tiles")).to_contain_text("unavailable")


def test_a_time_without_an_interval_claims_none(opened: Open, made: Audit) -> None:
    exact = replace(made.latencies[0], predicted=True, total=Seconds(1e-3, 1e-3, 1e-3))
    tiles = opened(replace(made, latencies=(exact,))).page.locator(".tiles")
    expect(tiles).to_contain_text("spread unknown")
    expect(opened(made).page.locator(".tiles")).to_contain_text("950.0 µs to 1.20 ms")


def test_a_crashed_rule_is_an_alert_and_passed_ones_are_folded(opened: Open, made: Audit) -> None:
    page = opened(made).page
    expect(page.get_by_role("alert")).to_contain_text("X9 its-own-fault crashed")
    passed = page.locator("#pass")
    expect(passed.locator("h3")).to_be_hidden()
    passed.locator("summary").first.click()
    expect(passed.locator("h3")).to_have_text("G3 fragmented-blocks")
    expect(page.locator("#not_applicable summary")).to_contain_text("G1")


def test_limits_and_suppressed_findings_are_told(opened: Open) -> None:
    page = opened(GUARDED).page
    limits = page.locator("#limits")
    expect(limits.locator(".bad").first).to_contain_text("macs: 225.8 k of 200.0 k: 12.9% over")
    expect(limits).to_contain_text("Against the baseline <old>.json: 1 known finding, 2 new")
    expect(page.locator("#cards .card header .chip")).to_have_text(["new"])
    page.locator("#suppressed summary").click()
    expect(page.locator("#suppressed")).to_contain_text("Reason: a <b>partner</b> needs")
    page.locator("#suppressed button.op").click()
    expect(page.locator("#op h2")).to_have_text("conv")


def test_a_card_says_what_suppresses_it(opened: Open, v1: Audit) -> None:
    card = opened(v1).page.locator("#cards .card[data-code=G3]").first
    card.get_by_text("How to suppress").click()
    said = card.locator("pre", has_text="suppress").text_content() or ""
    (told,) = tomllib.loads(said)["tool"]["shufflenet-audit"]["suppress"]
    suppression = Suppression(**told)
    assert any(suppression.fits("G3", finding) for finding in v1.guideline("G3").findings)


def test_what_a_measurement_contradicts_is_marked(opened: Open, made: Audit) -> None:
    failed = made.guideline("G2")
    (finding,) = failed.findings
    worse = replace(
        finding.evidence[0], support=Support.CONTRADICTED, saves=Seconds(-2e-5, -3e-5, -1e-5)
    )
    changed = replace(failed, findings=(replace(finding, evidence=(worse,)),))
    guidelines = tuple(changed if each.code == "G2" else each for each in made.guidelines)
    page = opened(replace(made, guidelines=guidelines)).page
    expect(page.locator(".card[data-code=G2] .contradicted")).to_have_text("contradicted")


def test_times_of_two_runs_stand_beside_each_other(opened: Open, made: Audit) -> None:
    first = made.latencies[0]
    twice = replace(
        made, latencies=(first, replace(first, device="gpu"), replace(first, predicted=True))
    )
    label = opened(twice).page.locator("#figure2 svg").last.get_attribute("aria-label") or ""
    names = re.findall(r"(Time, .*?): Conv 66.7%", label)
    assert names == ["Time, eager 1, cpu", "Time, eager 2, gpu", "Time, predicted"]


def test_text_from_a_model_is_only_text(opened: Open, made: Audit) -> None:
    opening = opened(made)
    expect(opening.page.get_by_role("heading", level=1)).to_have_text(
        "net <script>alert(1)</script>"
    )
    assert "</script>" not in json.dumps(data(report("html").render(made))).replace("<", "\\u003c")
    text = report("html").render(made)
    assert "<script>alert" not in text
    assert not set(text) & set("\x1b\x9b\u202e")


def test_the_policy_lets_no_other_script_run(opened: Open, made: Audit) -> None:
    opening = opened(made)
    opening.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
        " {textContent: 'window.ran = true'}))"
    )
    assert opening.page.evaluate("window.ran === undefined")
    assert "Content Security Policy" in opening.trouble[0]


def test_a_print_has_the_findings_and_no_controls(opened: Open, v1: Audit) -> None:
    page = opened(v1, scheme="dark").page
    page.emulate_media(media="print")
    expect(page.locator("#cards .card").first).to_be_visible()
    for each in (".bar", ".controls", ".tiles label", "#more", "#op"):
        expect(page.locator(each).first).to_be_hidden()
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert ink == "rgb(28, 33, 38)", "dark on white, whatever the screen shows"


def test_the_same_audit_gives_the_same_page(v1: Audit) -> None:
    assert report("html").render(v1) == report("html").render(v1)


def test_a_page_is_small() -> None:
    v2 = audit(shufflenet_v2().eval(), torch.zeros(1, 3, 224, 224))
    assert len(report("html").render(v2).encode()) < 2e6
    assert len(report("html").render(chain(20_000, joined=False)).encode()) < 10e6


@pytest.mark.parametrize("joined", [False, True], ids=["many blocks", "one block"])
@pytest.mark.parametrize("length", [1, 150, 5_000])
def test_parts_hold_each_op_once_and_few_stand_side_by_side(length: int, *, joined: bool) -> None:
    def leaves(parts: list[Any]) -> Iterator[tuple[int, int]]:
        assert len(parts) <= 60
        for _, start, stop, inside in parts:
            yield from leaves(inside) if inside else [(start, stop)]

    ranges = list(leaves(data(report("html").render(chain(length, joined=joined)))["parts"]))
    assert [at for start, stop in ranges for at in range(start, stop)] == list(range(length))
    assert all(stop - start <= 120 for start, stop in ranges)


def test_five_thousand_ops_are_closed_and_open_to_any_of_them(opened: Open) -> None:
    opening = opened(chain(5_000, joined=True))
    page = opening.page
    assert page.locator("#canvas .node").count() <= 61
    assert page.evaluate("document.querySelectorAll('*').length") < 2_000, "no row for each op"
    page.locator("#ops [type=search]").fill("op_4321")
    page.locator("#ops tbody button.op").click()
    page.get_by_role("button", name="In the graph").click()
    expect(page.locator("#canvas .node:focus")).to_have_attribute("data-op-at", "4321")
    assert opening.trouble == []


def test_what_the_scripts_work_with(made: Audit, snapshot: SnapshotAssertion) -> None:
    class Golden(SingleFileSnapshotExtension):
        _write_mode = WriteMode.TEXT
        file_extension = "json"

    text = json.dumps(data(report("html").render(made)), indent=1, ensure_ascii=True) + "\n"
    assert text == snapshot(extension_class=Golden)
