"""
How large the HTML page is, how soon it can be used in Chromium, and how soon all of it is drawn.

Run as `python benchmarks/page.py`; needs Chromium and the test extra.
"""

from __future__ import annotations

import shutil
import statistics
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import torch
from playwright.sync_api import Browser, sync_playwright
from torchvision.models import densenet121, resnet50

from shufflenet_audit import Audit, audit
from shufflenet_audit.discovery import report
from shufflenet_audit.zoo.shufflenet_v1 import shufflenet_v1
from shufflenet_audit.zoo.shufflenet_v2 import shufflenet_v2

ROUNDS = 5


def main() -> None:
    print(f"{'model':<16}{'ops':>7}{'kB':>8}{'render ms':>11}{'usable ms':>11}{'drawn ms':>10}")
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, made in models():
            start = perf_counter()
            page = report("html").render(made)
            rendered = 1000 * (perf_counter() - start)
            file = Path(folder, f"{name}.html")
            file.write_text(page, encoding="utf-8")
            times = [opened(browser, file) for _ in range(ROUNDS)]
            usable, drawn = map(statistics.median, zip(*times, strict=True))
            size = len(page.encode()) / 1000
            print(
                f"{name:<16}{len(made.graph):>7}{size:>8.0f}{rendered:>11.0f}"
                f"{usable:>11.0f}{drawn:>10.0f}"
            )


def models() -> list[tuple[str, Audit]]:
    builders = (shufflenet_v1, shufflenet_v2, resnet50, densenet121)
    images = torch.zeros(1, 3, 224, 224)
    audits = [(each.__name__, audit(each().eval(), images)) for each in builders]
    for depth in (5_000, 20_000):
        stack = torch.nn.Sequential(*(torch.nn.ReLU() for _ in range(depth)))
        audits.append((f"stack of {depth}", audit(stack, torch.zeros(1, 8, 4, 4))))
    return [(name, replace(made, model=replace(made.model, name=name))) for name, made in audits]


def opened(browser: Browser, file: Path) -> tuple[float, float]:
    """Milliseconds from the request to where findings and switches work, and to the last part."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-ready]")
    usable, drawn = page.evaluate(
        "[performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,"
        " performance.getEntriesByName('drawn')[0].startTime]"
    )  # modules run before the former, up to their first await
    page.close()
    return float(usable), float(drawn)


if __name__ == "__main__":
    main()
