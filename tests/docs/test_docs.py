"""The documentation tells the truth: its code runs, its links lead somewhere, nothing is stale."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted(
    path for pattern in ("*.md", "docs/*.md", "benchmarks/*.md") for path in ROOT.glob(pattern)
)
LINK: Final = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")
FENCE: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SETUP: Final = re.compile(r"^python3 -m venv .*$", re.MULTILINE)
CHECK: Final = re.compile(
    r"^ *(?:entry: )?(\.venv/bin/(?:ruff|mypy|lint-imports).*)$", re.MULTILINE
)

pytestmark = pytest.mark.skipif(not (ROOT / ".ci").exists(), reason="not in a checkout")


def blocks(path: Path, language: str) -> list[str]:
    """The code blocks of a page in that language."""
    fence = rf"^```{language}\n(.*?)^```$"
    return re.findall(fence, path.read_text(), re.MULTILINE | re.DOTALL)


def test_nothing_that_the_program_writes_is_stale() -> None:
    generate = (sys.executable, str(ROOT / "docs" / "generate.py"), "--check")
    done = subprocess.run(generate, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", ["README.md", "docs/comparing.md", "docs/tour.md"])
def test_python_code_runs_from_top_to_bottom(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    for code in blocks(ROOT / page, "python"):
        exec(code, names)


def test_the_readme_has_library_use_in_five_lines_and_a_rule_in_twelve() -> None:
    library, own_rule, *_ = blocks(ROOT / "README.md", "python")
    assert len(list(filter(str.strip, library.splitlines()))) <= 5
    assert len(list(filter(str.strip, own_rule.splitlines()))) <= 12


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", page.read_text())):
        assert (page.parent / target).exists(), target


def test_whatever_the_design_sends_a_reader_to_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    table = text.partition("## To change X, look at Y")[2]
    places = re.findall(r"`([\w./]+/[\w./]*)`", table)
    assert len(places) > 20
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_the_readme_begins_with_the_two_commands_that_ci_runs() -> None:
    main_job, tests = SETUP.findall((ROOT / "README.md").read_text())[:2]
    ci = (ROOT / ".ci" / "run").read_text()
    assert main_job.endswith(".venv/bin/audit shufflenet_v1")
    assert tests.endswith(".venv/bin/pytest")
    assert "$(readme '/audit ')" in ci
    assert "$(readme '/pytest$')" in ci


def test_the_checks_are_the_same_everywhere() -> None:
    places = (".ci/run", "CONTRIBUTING.md", ".pre-commit-config.yaml")
    first, *others = (CHECK.findall((ROOT / place).read_text()) for place in places)
    assert len(first) == 4
    assert others == [first, first]


def test_the_tests_are_run_in_the_same_way_everywhere() -> None:
    (_, tests, *_), (contributing,) = (
        SETUP.findall((ROOT / page).read_text()) for page in ("README.md", "CONTRIBUTING.md")
    )
    assert contributing == tests
    assert "entry: .venv/bin/pytest\n" in (ROOT / ".pre-commit-config.yaml").read_text()
