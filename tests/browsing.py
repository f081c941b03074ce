"""A real browser, in which the tests of pages open them as a person would."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
SIZES: Final = {"desktop": (1280, 900), "phone": (390, 844)}


@dataclass
class Opened:
    """A page in a browser, and all that went wrong in it."""

    page: Page
    trouble: list[str] = field(default_factory=list)


Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        reason = f"no browser: install one of {', '.join(BROWSERS)}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def open_text(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the text of a page, and waits until it is ready."""
    contexts = []

    def open_page(text: str, *, size: str = "desktop", scheme: Any = "light") -> Opened:
        file = tmp_path / "report.html"
        file.write_text(text, encoding="utf-8")
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        contexts.append(context)
        result = Opened(context.new_page())
        page, note = result.page, result.trouble.append
        page.on("console", lambda message: note(message.text))
        page.on("pageerror", lambda error: note(str(error)))
        page.on("request", lambda request: _noted(request.url, file.as_uri(), note))
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-ready]")
        return result

    yield open_page
    for context in contexts:
        context.close()


def _noted(url: str, own: str, note: Callable[[str], None]) -> None:
    if url != own:
        note(url)
