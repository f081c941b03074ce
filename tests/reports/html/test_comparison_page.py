"""The HTML page of a comparison, driven in a real browser as a person would."""

from __future__ import annotations

import re

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from browsing import SIZES, Open, Opened, browser, open_text  # noqa: F401  (fixtures)
from compared import BOTH, THREE
from playwright.sync_api import Page, expect

from shufflenet_audit import audit, compare
from shufflenet_audit.discovery import COMPARISONS, report
from shufflenet_audit.plugin import Comparison, Fate
from shufflenet_audit.zoo.shufflenet_v1 import shufflenet_v1
from shufflenet_audit.zoo.shufflenet_v2 import shufflenet_v2


def rendered(comparison: Comparison) -> str:
    text: str = report("html", COMPARISONS).render(comparison)
    return text


@pytest.fixture
def opened(open_text: Open) -> Open:  # noqa: F811  (the fixture that is imported)
    def open_page(comparison: Comparison, **how: str) -> Opened:
        return open_text(rendered(comparison), **how)

    return open_page


@pytest.fixture(scope="module")
def nets() -> Comparison:
    x = torch.zeros(1, 3, 224, 224)
    return compare(audit(shufflenet_v1().eval(), x), audit(shufflenet_v2().eval(), x))


def choose(page: Page, group: str, value: str) -> None:
    page.locator(f'#{group} label:has([value="{value}"])').click()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_without_an_error_or_a_request(opened: Open, size: str, scheme: str) -> None:
    page = opened(THREE, size=size, scheme=scheme)
    for button in page.page.locator("button.opens").all():
        button.click()
    assert page.trouble == []
    wider = page.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0, "nothing is wider than the screen"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_problem(
    opened: Open, nets: Comparison, size: str, scheme: str
) -> None:
    page = opened(nets, size=size, scheme=scheme).page
    page.locator("button.opens").first.click()
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    serious = [
        (each["id"], each["nodes"][0]["html"][:200])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_figure_2_has_a_bar_for_each_model_and_measure(opened: Open) -> None:
    page = opened(BOTH).page
    said = [str(svg.get_attribute("aria-label")) for svg in page.locator("#figure2 svg").all()]
    assert len(said) == 5
    assert said[0].startswith("Time, eager, measured. net <script>")
    assert "net|2 <b>: 400.0 µs, 0.40×, Conv 100.0%" in said[0]
    assert "1.00 ms, Conv 66.7%, Data 33.3%" in said[0]
    assert "unavailable" in said[1], "the first was not timed in ONNX Runtime"


def test_bars_are_relative_to_the_first_or_shares(opened: Open, nets: Comparison) -> None:
    page = opened(nets).page
    bar = page.locator("#figure2 svg").nth(0).locator("g rect").last
    before = bar.bounding_box()
    choose(page, "scale", "own")
    after = page.locator("#figure2 svg").nth(0).locator("g rect").last.bounding_box()
    assert before
    assert after
    assert after["x"] + after["width"] > before["x"] + before["width"]


def test_the_switch_of_fusion_changes_tables_and_charts(opened: Open, nets: Comparison) -> None:
    page = opened(nets).page
    row = page.locator('.blocks tr[data-block="2"]')
    (change,) = nets.changes
    first = change.blocks[2].first
    assert first
    expect(row).to_contain_text("7.78 MB", use_inner_text=True)
    choose(page, "fusion", "alone")
    expect(row).not_to_contain_text("7.78 MB", use_inner_text=True)
    expect(row).to_contain_text(f"{first.totals.bytes / 1e6:.1f} MB")
    label = page.locator("#kinds svg").first
    expect(label).to_have_attribute("aria-label", re.compile("elementwise: .* 37.7 MB"))
    choose(page, "amount", "macs")
    expect(label).to_have_attribute("aria-label", re.compile("group conv: ShuffleNetV1 120.0 M"))


def test_a_block_opens_to_the_ops_that_differ(opened: Open, nets: Comparison) -> None:
    opening = opened(nets)
    page = opening.page
    button = page.get_by_role("button", name="stage2.1.branch")
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    inside = page.locator("tr.inside")
    ops = [op for op in nets.changes[0].ops if op.block == 3]
    expect(inside.locator("tbody tr")).to_have_count(len(ops))
    expect(inside).to_contain_text("stage2.1.branch.reduce.conv")
    button.press("Enter")
    expect(inside).to_have_count(0)
    assert opening.trouble == []


def test_findings_are_new_gone_changed_and_folded_where_unchanged(opened: Open) -> None:
    page = opened(BOTH).page
    fates = [card.get_attribute("data-fate") for card in page.locator("#findings .card").all()]
    assert fates == [Fate.GAINED, Fate.CHANGED, Fate.LOST, Fate.LOST, Fate.SAME]
    same = page.locator("#findings .folded .card")
    expect(same).to_be_hidden()
    page.locator("#findings .folded summary").click()
    expect(same).to_be_visible()


def test_what_is_missing_is_said(opened: Open) -> None:
    page = opened(BOTH).page
    expect(page.locator(".standings")).to_contain_text("not checked")
    expect(page.locator(".tiles")).to_contain_text("unavailable")
    expect(page.locator(".models")).to_contain_text("1 op of unknown cost left out of all sums")


def test_text_from_a_model_is_only_text(opened: Open) -> None:
    page = opened(BOTH).page
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "net <script>alert(1)</script> and net|2 <b>"
    )
    text = rendered(BOTH)
    assert "<script>alert" not in text
    assert not set(text) & set("\x1b\x9b\u202e")


def test_the_policy_lets_no_other_script_run(opened: Open) -> None:
    opening = opened(BOTH)
    opening.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
        " {textContent: 'window.ran = true'}))"
    )
    assert opening.page.evaluate("window.ran === undefined")
    assert "Content Security Policy" in opening.trouble[0]


def test_a_page_is_small_and_the_same_each_time(nets: Comparison) -> None:
    assert rendered(nets) == rendered(nets)
    assert len(rendered(nets).encode()) < 1e6
