"""
Writes the example of a comparison, ShuffleNet V1 and V2: its JSON, its page, a picture of that.

python docs/showcase.py             all that follows from shapes anew, with the times that were kept
python docs/showcase.py --measure   the times too, on this machine
python docs/showcase.py --picture   and the picture, in headless Chromium

The first is also part of docs/generate.py, which tells with --check what is stale.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from shufflenet_audit.discovery import COMPARISONS, report
from shufflenet_audit.plugin import BlockPart, Change, Comparison

ROOT: Final = Path(__file__).parents[1]
SAVED: Final = ROOT / "docs" / "examples" / "shufflenet_v1-v2.json"
PAGE: Final = SAVED.with_suffix(".html")
PICTURE: Final = ROOT / "docs" / "images" / "shufflenet_v1-v2.png"
MODELS: Final = ("shufflenet_v1", "shufflenet_v2")
SIZE: Final = {"width": 1280, "height": 1420}
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


def fresh(*options: str) -> Comparison:
    """What `audit compare` says now."""
    call = "from shufflenet_audit.cli import main; main()"
    with TemporaryDirectory() as folder:
        file = Path(folder) / "comparison.json"
        arguments = ("compare", *MODELS, *options, "--quiet", "-o", str(file))
        subprocess.run([sys.executable, "-c", call, *arguments], cwd=ROOT, check=True)
        return Comparison.from_json(file.read_text())


def kept() -> Comparison:
    """The example as it is."""
    return Comparison.from_json(SAVED.read_text())


def with_times(made: Comparison, times: Comparison) -> Comparison:
    """A comparison with the times of another one of the same models, and with what took them."""
    changes = zip(made.changes, times.changes, strict=True)
    models = zip(made.models, times.models, strict=True)
    return replace(
        made,
        models=tuple(replace(model, tool=old.tool) for model, old in models),
        latencies=times.latencies,
        changes=tuple(_timed(*change) for change in changes),
    )


def page(made: Comparison) -> str:
    """The comparison as a page."""
    text: str = report("html", COMPARISONS).render(made)
    return text


def picture(file: Path) -> None:
    """Take a picture of what is seen first on the page."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (only here)

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        opened = browser.new_page(viewport={"width": SIZE["width"], "height": SIZE["height"]})
        opened.goto(PAGE.as_uri())
        opened.wait_for_selector("html[data-ready]")
        opened.screenshot(path=file)
        browser.close()


def documents() -> Iterator[tuple[Path, str]]:
    """The files of the example, and the text that each must have; times are as they were kept."""
    yield from _documents(with_times(fresh(), kept()))


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    for option in ("--measure", "--picture"):
        parser.add_argument(option, action="store_true")
    wish = parser.parse_args()
    made = fresh("--latency") if wish.measure else with_times(fresh(), kept())
    for path, text in _documents(made):
        path.write_text(text)
    if wish.picture:
        picture(PICTURE)


def _documents(made: Comparison) -> Iterator[tuple[Path, str]]:
    yield SAVED, made.to_json()
    yield PAGE, page(made)


def _timed(change: Change, times: Change) -> Change:
    blocks = zip(change.blocks, times.blocks, strict=True)
    pairs = (
        replace(pair, first=_part(pair.first, old.first), second=_part(pair.second, old.second))
        for pair, old in blocks
    )
    return replace(change, blocks=tuple(pairs))


def _part(part: BlockPart | None, old: BlockPart | None) -> BlockPart | None:
    return replace(part, seconds=old.seconds) if part and old else part


if __name__ == "__main__":
    main()
