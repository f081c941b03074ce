"""The recipes run: each command in them, in a folder with a small configured model."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import torch
import yaml

from shufflenet_audit import audit
from shufflenet_audit.project.applied import held_against
from shufflenet_audit.project.reading import read
from shufflenet_audit.project.suppression import unused_suppressions
from shufflenet_audit.results.budget import BudgetStatus
from shufflenet_audit.zoo.shufflenet_v1 import shufflenet_v1

ROOT: Final = Path(__file__).parents[2]
RECIPES: Final = ROOT / "docs" / "recipes"
MODEL: Final = (
    "from torch import nn\nclass Net(nn.Sequential):\n    pass\n"
    "def build():\n    return Net(nn.Conv2d(64, 64, 1, groups={groups}))\n"
)
CONFIGURED: Final = '[tool.shufflenet-audit]\nmodel = "model.py:build"\ninputs = ["1x64x8x8"]\n'

pytestmark = pytest.mark.skipif(not RECIPES.exists(), reason="not in a checkout")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose model keeps the guidelines; `gh` says what it was asked."""
    (tmp_path / "model.py").write_text(MODEL.format(groups=1))
    (tmp_path / "pyproject.toml").write_text(CONFIGURED)
    (tmp_path / "bin").mkdir()
    gh = tmp_path / "bin" / "gh"
    gh.write_text('#!/bin/sh\necho "$@" > gh.txt\n')
    gh.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    monkeypatch.setenv("PULL_REQUEST", "7")
    path = (str(gh.parent), str(Path(sys.executable).parent), os.environ["PATH"])
    monkeypatch.setenv("PATH", os.pathsep.join(path))
    return tmp_path


def parsed(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def shell(commands: str) -> int:
    return subprocess.run(["bash", "-e", "-c", commands], check=False).returncode


def is_install(command: str) -> bool:
    """Whether it is what the environment of these tests has had done to it."""
    return command.startswith("python -m pip install ")


def github() -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = parsed(RECIPES / "github.yml")["jobs"]["audit"]["steps"]
    return steps


def test_the_github_workflow_runs_and_passes(folder: Path) -> None:
    runs = [step["run"] for step in github() if "run" in step]
    assert [is_install(each) for each in runs].count(True) == 1
    assert [shell(each) for each in runs if not is_install(each)] == [0, 0, 0, 0]
    assert "pr comment 7 --body-file audit.md" in (folder / "gh.txt").read_text()
    assert (folder / "summary.md").read_text() == (folder / "audit.md").read_text()
    (uploaded,) = (step["with"] for step in github() if "upload-sarif" in step.get("uses", ""))
    (kept,) = (step["with"] for step in github() if "upload-artifact" in step.get("uses", ""))
    assert (folder / uploaded["sarif_file"]).is_file()
    assert (folder / kept["path"]).is_file()


def test_only_the_last_step_of_the_github_workflow_fails_where_a_guideline_does(
    folder: Path,
) -> None:
    (folder / "model.py").write_text(MODEL.format(groups=8))
    runs = [step["run"] for step in github() if "run" in step]
    assert [shell(each) for each in runs if not is_install(each)] == [0, 0, 0, 1]


def test_the_gitlab_job_runs_and_keeps_what_it_says(folder: Path) -> None:
    (folder / "model.py").write_text(MODEL.format(groups=8))
    job = parsed(RECIPES / "gitlab.yml")["audit"]
    commands = [each for each in job["script"] if not is_install(each)]
    assert [shell(each) for each in commands] == [0, 0, 1]
    for kept in (*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]):
        assert (folder / kept).is_file()


@pytest.mark.parametrize(("groups", "status"), [(1, 0), (8, 1)])
def test_the_hook_passes_and_fails_with_the_configured_model(
    folder: Path, groups: int, status: int
) -> None:
    (folder / "model.py").write_text(MODEL.format(groups=groups))
    (hook,) = parsed(ROOT / ".pre-commit-hooks.yaml")
    assert subprocess.run(shlex.split(hook["entry"]), check=False).returncode == status


def test_pre_commit_accepts_the_hook_and_the_recipe_names_it() -> None:
    clientlib = pytest.importorskip("pre_commit.clientlib")
    (hook,) = clientlib.load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))
    (repo,) = clientlib.load_config(str(RECIPES / "pre-commit.yml"))["repos"]
    assert [each["id"] for each in repo["hooks"]] == [hook["id"]]


def test_the_tests_in_the_recipe_pass(folder: Path) -> None:
    (folder / "test_model.py").write_text((RECIPES / "test_model.py").read_text())
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_model.py"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout


def test_the_commands_that_begin_the_recipes_run(folder: Path) -> None:
    (folder / "pyproject.toml").unlink()
    (begin, *_) = (ROOT / "docs" / "recipes.md").read_text().split("```sh\n")[1:]
    (folder / "model.py").write_text(
        f"{MODEL.format(groups=1)}def example_inputs():\n"
        "    import torch\n    return torch.zeros(1, 64, 8, 8)\n"
    )
    assert shell(begin.partition("```")[0]) == 0
    assert (folder / "shufflenet-baseline.json").is_file()


def test_the_configuration_in_its_page_is_valid_and_sets_what_it_names(folder: Path) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    shown = page.partition('```toml title="shufflenet-audit.toml"\n')[2].partition("```")[0]
    (folder / "x.toml").write_text(shown)
    config = read(folder / "x.toml")
    assert len(config.limits) == 7
    assert config.off == {"G1"}
    network = audit(shufflenet_v1(**config.args).eval(), torch.zeros(1, 3, 160, 160))
    held = held_against(config, network)
    assert not unused_suppressions(held, config.suppressions)
    statuses = {budget.limit.name: budget.kept for budget in held.budgets}
    assert statuses.pop("latency_ms") is BudgetStatus.UNKNOWN  # nothing was measured
    assert set(statuses.values()) == {BudgetStatus.WITHIN}
