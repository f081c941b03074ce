"""A pack by somebody else, built with pip from the very files in docs/writing-a-rule.md."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

GUIDE: Final = Path(__file__).parents[1] / "docs" / "writing-a-rule.md"
SNIPPET: Final = re.compile(r'^```\w+ title="(\S+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(not GUIDE.exists(), reason="the files of the pack are in docs/")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the files of the pack, cut out of the guide."""
    folder = tmp_path_factory.mktemp("source")
    for name, text in SNIPPET.findall(GUIDE.read_text()):
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def pack(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that pip installed the pack into."""
    target = tmp_path_factory.mktemp("site")
    options = ("--no-index", "--no-build-isolation", "--no-deps", "--quiet")
    done = run(source, "-m", "pip", "install", *options, "--target", str(target), ".")
    assert done.returncode == 0, done.stderr
    return target


def run(pack: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What python says to these arguments when it finds the pack."""
    environment = {**os.environ, "PYTHONPATH": str(pack), "COLUMNS": "100", "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment, cwd=pack, capture_output=True, text=True, check=False,
    )  # fmt: skip


def audit(pack: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(pack, "-c", "from shufflenet_audit.cli import main; main()", *arguments)


def broken(folder: Path, code: str) -> Path:
    """A pack whose one rule comes from this code."""
    (folder / "broken.py").write_text(code)
    metadata = folder / "broken_pack-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-pack\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[shufflenet_audit.rules]\nX1 = broken:rule\n")
    return folder


def test_its_rule_is_listed_with_its_distribution(pack: Path) -> None:
    listed = audit(pack, "list", "rules")
    assert listed.returncode == 0, listed.stderr
    (line,) = (line for line in listed.stdout.splitlines() if "X1" in line)
    assert "pooled-downsampling" in line
    assert "audit-pooling" in line


def test_its_report_is_listed_with_its_distribution(pack: Path) -> None:
    listed = audit(pack, "list", "reports")
    assert listed.returncode == 0, listed.stderr
    (line,) = (line for line in listed.stdout.splitlines() if line.startswith("verdicts "))
    assert "audit-pooling" in line


def test_its_rule_and_its_report_work_by_name(pack: Path) -> None:
    done = audit(pack, "shufflenet_v2", "--rule", "X1", "--format", "verdicts")
    assert done.stdout.splitlines()[0] == "shufflenet_v2:"
    assert re.fullmatch(r"X1 warn \d\.\d%", done.stdout.splitlines()[1])
    assert done.returncode == 0, done.stderr


def test_its_documentation_is_explained(pack: Path) -> None:
    explained = audit(pack, "explain", "X1")
    assert explained.returncode == 0, explained.stderr
    assert "A pooling computes next to nothing." in " ".join(explained.stdout.split())


def test_its_own_tests_pass(pack: Path, source: Path) -> None:
    done = run(pack, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(source))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import a_module_that_is_not_there", "ModuleNotFoundError"),
        ("rule = 1 / 0", "ZeroDivisionError"),
        ("rule = 'no rule at all'", "is no rule"),
        ("", "AttributeError"),
    ],
    ids=["missing module", "raises", "not a rule", "missing name"],
)
def test_a_broken_pack_is_reported_as_crashed_and_the_rest_stands(
    tmp_path: Path, code: str, said: str
) -> None:
    done = audit(broken(tmp_path, code), "shufflenet_v2")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "X1 (broken:rule), which the pack broken-pack brings," in line
    assert said in line
    assert "X1  cannot-be-loaded    crashed" in done.stdout
    assert "G1  unbalanced-channels pass" in done.stdout, "the rest of the audit stands"


def test_a_broken_pack_is_listed_beside_the_others(tmp_path: Path) -> None:
    done = audit(broken(tmp_path, "rule = 1 / 0"), "list", "rules")
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert {"G1", "G2", "G3", "G4", "D1"} < set(lines)
    assert "ZeroDivisionError" in lines["X1"]
