"""Writes what the documentation takes from the program; with --check, tells what is stale."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import reference
import showcase

from shufflenet_audit.discovery import RULES, pack, rules
from shufflenet_audit.plugin import Rule, Severity, Unit

ROOT: Final = Path(__file__).parents[1]
SESSION: Final = re.compile(r"^```console\n\$ audit ([^\n]*)\n.*?^```$", re.MULTILINE | re.DOTALL)
PART: Final = re.compile(r"^<!-- (\w+) -->\n.*?^<!-- end of \1 -->$", re.MULTILINE | re.DOTALL)
VERSIONS: Final = re.compile(r"torch \S+, Python \S+")
WRITTEN: Final = ("rules.md", "cli.md", "api.md")  # whole, by the program
UNJUDGED: Final = 2
HEADING: Final = re.compile(r"^##+ ", re.MULTILINE)
HEADER: Final = """\
# The rules

Written by `docs/generate.py` from the documentation in each rule's file in `rules/`. `audit
explain CODE` shows the same. A rule of your own: [writing-a-rule.md](writing-a-rule.md).
"""


def documents() -> Iterator[tuple[Path, str]]:
    """Each file that takes something from the program, and the text that it must have."""
    own = [rule for rule in rules().values() if pack(RULES, rule.code) == "shufflenet-audit"]
    parts = {
        name: "\n".join(lines)
        for name, lines in (("rules", _table(own)), ("tree", _tree()), ("layers", _layers()))
    }
    yield ROOT / "docs" / "rules.md", "\n".join((HEADER, *map(_section, own)))
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        if path.name not in WRITTEN:
            text = SESSION.sub(_session, path.read_text())
            yield path, PART.sub(lambda found: _part(found[1], parts), text)
    yield from reference.documents()
    yield from showcase.documents()


def _part(name: str, parts: Mapping[str, str]) -> str:
    return f"<!-- {name} -->\n\n{parts[name]}\n\n<!-- end of {name} -->"


def _session(found: re.Match[str]) -> str:
    """A command and what it prints on a terminal of 80 columns."""
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    call = "from shufflenet_audit.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", call, *shlex.split(found[1])],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == UNJUDGED:
        sys.exit(f"audit {found[1]}: {done.stderr}")
    said = VERSIONS.sub("torch …, Python …", done.stdout + done.stderr).strip("\n")
    lines = (line.rstrip() for line in said.split("\n"))
    return "\n".join(("```console", f"$ audit {found[1]}", *lines, "```"))


def _table(own: Iterable[Rule]) -> Iterator[str]:
    yield from ("| | rule | speaks of |", "|---|---|---|")
    for rule in own:
        link = f"docs/rules.md#{rule.code.lower()}-{rule.name}"
        yield f"| [{rule.code}]({link}) | {rule.name} | {rule.summary} |"


def _tree() -> Iterator[str]:
    """Every folder of the program, and the files at the root of the package, a line each."""
    yield "```text"
    for top in ("shufflenet_audit", "rules", "reports", "backends"):
        folder = ROOT / top
        yield f"{top + '/':26}{_first_line(folder / '__init__.py')}"
        yield from (
            _row(path, top) for path in sorted(folder.rglob("__init__.py")) if _below(path, top)
        )
        if top == "shufflenet_audit":
            files = sorted(folder.glob("*.py"))
            yield from (_row(path, top) for path in files if path.name != "__init__.py")
    yield "```"


def _below(package: Path, top: str) -> bool:
    return package.parent != ROOT / top


def _row(path: Path, top: str) -> str:
    package = path.name == "__init__.py"
    place = path.parent if package else path
    depth = len(place.relative_to(ROOT / top).parts)
    name = "  " * depth + place.name + "/" * package
    return f"{name:26}{_first_line(path)}"


def _layers() -> Iterator[str]:
    """The layers of the engine, from the top down."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    yield "```text"
    yield from settings["tool"]["importlinter"]["contracts"][0]["layers"]
    yield "```"


def _first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text())) or ""
    return text.partition("\n")[0]


def _section(rule: Rule) -> str:
    scale = rule.scale
    best, warn, fail = (_shown(each, scale.unit) for each in (scale.best, scale.warn, scale.fail))
    failing = f"fails from {fail}" if rule.severity is Severity.ERROR else "never fails"
    defaults = ", ".join(f"`{name}={value!r}`" for name, value in rule.options.items()) or "none"
    parts = (
        f"## {rule.code} {rule.name}",
        HEADING.sub(lambda found: f"#{found[0]}", rule.documentation),
        "### Scale",
        f"Measured: {scale.meaning} ({scale.unit}).",
        f"Best {best}, warns from {warn}, {failing}. Default options: {defaults}.",
    )
    return "\n\n".join(parts) + "\n"


def _shown(value: float, unit: Unit) -> str:
    return f"{100 * value:g} %" if unit is Unit.SHARE else f"{value:g}"


def main() -> None:
    """Write the files, or with --check exit with the names of those that would change."""
    stale = [(path, text) for path, text in documents() if not _is(path, text)]
    if "--check" not in sys.argv[1:]:
        for path, text in stale:
            path.write_text(text)
    elif stale:
        names = ", ".join(str(path.relative_to(ROOT)) for path, _ in stale)
        sys.exit(f"stale: {names}; run python docs/generate.py")


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


if __name__ == "__main__":
    main()
