"""
The page's scripts, as far as Python can tell without node.

Their own tests are in `scripts/` beside this file and run under `node --test`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest

from shufflenet_audit.plugin import duration, human

HTML: Final = Path(str(files("shufflenet_audit.reports.html")))
SCRIPTS: Final = HTML / "scripts"
TOOLS: Final = ("build.js", "package-lock.json")
SOURCES: Final = {
    "libraries": ("shared/libraries.js",),
    "audit": ("audit/*", "shared/*"),
    "comparison": ("comparison/*", "shared/*"),
}
NUMBERS: Final = json.loads((Path(__file__).parent / "scripts" / "numbers.json").read_text("utf-8"))


def bundle(name: str) -> str:
    return (HTML / "bundles" / f"{name}.min.js").read_text(encoding="utf-8")


def sources(name: str) -> Iterator[str]:
    """What a bundle is made of, as its build reads it: paths and contents."""
    paths = {path for pattern in (*SOURCES[name], *TOOLS) for path in SCRIPTS.glob(pattern)}
    for path in sorted(path.relative_to(SCRIPTS).as_posix() for path in paths):
        yield f"{path}\0{(SCRIPTS / path).read_text(encoding='utf-8')}\0"


@pytest.mark.parametrize("name", SOURCES)
def test_a_bundle_is_made_of_the_sources_as_they_are(name: str) -> None:
    digest = sha256("".join(sources(name)).encode()).hexdigest()
    first_line = bundle(name).partition("\n")[0]
    assert first_line == f"/* sources: sha256 {digest} */", "stale: npm run build"


@pytest.mark.parametrize("name", SOURCES)
def test_a_bundle_can_stand_inside_a_page_and_evaluates_no_text(name: str) -> None:
    text = bundle(name)
    assert "</script" not in text.lower()
    assert "<!--" not in text
    assert "eval(" not in text
    assert "new Function" not in text


@pytest.mark.parametrize("row", NUMBERS["human"], ids=str)
def test_a_count_is_written_as_the_scripts_write_it(row: tuple[float, str, str]) -> None:
    n, unit, text = row
    assert human(n, unit) == text


@pytest.mark.parametrize("row", NUMBERS["duration"], ids=str)
def test_a_time_is_written_as_the_scripts_write_it(row: tuple[float, str]) -> None:
    seconds, text = row
    assert duration(seconds) == text


@pytest.mark.parametrize("row", NUMBERS["percent"], ids=str)
def test_a_share_is_written_as_the_scripts_write_it(row: tuple[float, str]) -> None:
    share, text = row
    assert f"{100 * share:.1f}%" == text


def test_the_licences_are_those_of_the_versions_that_are_bundled() -> None:
    packages: dict[str, Any] = json.loads((SCRIPTS / "package-lock.json").read_text())["packages"]
    text = (HTML / "bundles" / "LICENSES.txt").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^={80}\n(\S+) (\S+) \(.+\)$", text, re.MULTILINE))
    assert listed.keys() >= {"@dagrejs/dagre", "@observablehq/plot", "@tanstack/table-core"}
    assert listed == {name: packages[f"node_modules/{name}"]["version"] for name in listed}
