"""What is installed: complete, typed, and quick to import."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution, entry_points
from importlib.resources import files
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest

ROOT: Final = Path(__file__).parents[1]
PACKS: Final = ("rules", "reports", "backends")
HEAVY: Final = ("torch", "pandas", "networkx", "scipy")

in_checkout = pytest.mark.skipif(not (ROOT / ".ci").exists(), reason="not in a checkout")


def sources() -> Iterator[Path]:
    """The files that are part of the program, relative to the checkout."""
    for folder in ("shufflenet_audit", *PACKS):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not {"__pycache__", "node_modules"} & {*path.parts}:
                yield path.relative_to(ROOT)


def installed(path: Path) -> Path:
    """Where that file of the checkout is, once installed."""
    return Path("shufflenet_audit", path) if path.parts[0] in PACKS else path


def imported(code: str, *arguments: str) -> list[str]:
    """The heavy modules that this code imports when it is called with these arguments."""
    report = f"import sys; print(*({{*{HEAVY}}} & {{*sys.modules}}), file=sys.stderr)"
    guarded = f"try:\n    {code}\nexcept SystemExit as end:\n    assert not end.code\n{report}"
    done = subprocess.run(
        [sys.executable, "-c", guarded, *arguments], capture_output=True, text=True, check=True
    )
    return done.stderr.split()


@in_checkout
def test_every_folder_with_python_files_is_in_the_list_of_packages() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = settings["tool"]["setuptools"]["packages"]
    folders = {installed(path).parent for path in sources() if path.suffix == ".py"}
    assert sorted(listed) == sorted(".".join(folder.parts) for folder in folders)


@in_checkout
def test_every_file_is_in_the_wheel(tmp_path: Path) -> None:
    checkout, wheels = tmp_path / "checkout", tmp_path / "wheels"
    for path in (*sources(), *map(Path, ("pyproject.toml", "README.md", "LICENSE"))):
        (checkout / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, checkout / path)
    options = ("--no-index", "--no-build-isolation", "--no-deps", "--quiet", "--wheel-dir")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, wheels, checkout],
        capture_output=True, check=True,
    )  # fmt: skip
    (wheel,) = wheels.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {installed(path).as_posix() for path in sources()} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.parametrize("name", ["py.typed", "results/audit.schema.json"])
def test_the_installed_package_carries(name: str) -> None:
    assert (files("shufflenet_audit") / name).is_file()


def test_every_entry_point_of_the_project_can_be_loaded() -> None:
    for entry in distribution("shufflenet-audit").entry_points:
        assert entry.load() is not None


def test_rules_and_reports_come_from_entry_points_of_this_project() -> None:
    for group, least in (("shufflenet_audit.rules", 5), ("shufflenet_audit.reports", 4)):
        names = [entry.dist.name for entry in entry_points(group=group) if entry.dist]
        assert names.count("shufflenet-audit") >= least


@pytest.mark.parametrize(
    "code",
    [
        "import shufflenet_audit",
        "import shufflenet_audit.plugin",
        "import shufflenet_audit.testing",
        "from shufflenet_audit import discovery; discovery.rules(); discovery.reports()",
    ],
)
def test_nothing_heavy_is_imported_by(code: str) -> None:
    assert imported(code) == []


@pytest.mark.parametrize(
    "arguments", ["--help", "list rules", "list reports", "list models", "explain G1"]
)
def test_nothing_heavy_is_imported_by_audit(arguments: str) -> None:
    assert imported("from shufflenet_audit.cli import main; main()", *arguments.split()) == []
