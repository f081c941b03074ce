"""`audit init` and `audit baseline`: files to begin with, and what becomes of them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.discovery import rules
from shufflenet_audit.errors import FormatError
from shufflenet_audit.project import Config
from shufflenet_audit.project.fields import fields
from shufflenet_audit.project.pyproject import with_tables
from shufflenet_audit.project.reading import read
from shufflenet_audit.project.template import template

PROJECT: Final = '[project]\nname = "x"  # a comment\n\n[tool.ruff]\nline-length = 100\n'
NET: Final = (
    "from torch import nn\nclass Net(nn.Sequential):\n    pass\ndef build(layers=1):\n"
    "    return Net(*(nn.Conv2d(64, 64, 1, groups=4) for _ in range(layers)))\n"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def uncommented(text: str) -> str:
    """What is commented out, put in. Behind a comment in words there is a blank."""
    return re.sub(r"^#(?=\S)", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("project", [True, False])
def test_the_configuration_is_valid_as_it_is_and_with_everything_put_in(*, project: bool) -> None:
    text = template(rules().values(), project=project)
    file = Path("pyproject.toml" if project else "shufflenet-audit.toml")
    file.write_text(text)
    assert read(file) == Config(file=file)
    file.write_text(uncommented(text))
    assert read(file).model == "model.py:build"


def test_the_configuration_has_every_key_and_every_option_of_every_rule() -> None:
    said = tomllib.loads(uncommented(template(rules().values())))
    assert said.keys() == fields(rules()).keys()
    for code, rule in rules().items():
        assert said["rules"][code].keys() == {"level", *rule.options}
        assert {key: said["rules"][code][key] for key in rule.options} == rule.options


def test_what_is_put_in_changes_no_rule() -> None:
    Path("x.toml").write_text(uncommented(template(rules().values())))
    assert read(Path("x.toml")).levelled(rules().values()) == list(rules().values())


def test_init_writes_a_file_of_its_own_in_a_fresh_folder() -> None:
    assert status(["init", "--model", 'a "b".py']) == 0
    assert read(Path("shufflenet-audit.toml")).model == 'a "b".py'


def test_init_adds_a_table_to_the_project_that_is_there() -> None:
    Path("pyproject.toml").write_text(PROJECT)
    assert status(["init", "--model", "shufflenet_v2"]) == 0
    text = Path("pyproject.toml").read_text()
    assert text.startswith(PROJECT)
    assert read(Path("pyproject.toml")).model == "shufflenet_v2"
    assert not Path("shufflenet-audit.toml").exists()


@pytest.mark.parametrize("name", ["pyproject.toml", "shufflenet-audit.toml"])
def test_init_writes_over_a_configuration_only_by_force(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("pyproject.toml").write_text(PROJECT)
    assert status(["init", name]) == 0
    before = Path(name).read_text()
    assert status(["init", name, "--model", "alexnet"]) == 2
    assert f"{name} has a configuration: --force writes over it" in capsys.readouterr().err
    assert Path(name).read_text() == before
    assert status(["init", name, "--model", "alexnet", "--force"]) == 0
    assert read(Path(name)).model == "alexnet"
    assert Path("pyproject.toml").read_text().startswith(PROJECT)


def test_force_keeps_the_tables_of_others_on_both_sides() -> None:
    ours = '[tool.shufflenet-audit]\nmodel = "a"\n[[tool.shufflenet-audit.suppress]]\nrule = "G1"\n'
    text = with_tables(f"{PROJECT}{ours}[tool.last]\nx = 1\n", "[tool.shufflenet-audit]\nz = 1\n")
    assert tomllib.loads(text)["tool"] == {
        "ruff": {"line-length": 100}, "last": {"x": 1}, "shufflenet-audit": {"z": 1},
    }  # fmt: skip


def test_a_project_that_cannot_be_changed_safely_stays_as_it_is() -> None:
    tricky = 'x = """\n[tool.shufflenet-audit]\ny\n"""\n'
    with pytest.raises(FormatError, match="by hand"):
        with_tables(tricky, "[tool.shufflenet-audit]\n")


def test_a_broken_project_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text("x = \n")
    assert status(["init"]) == 2
    assert "pyproject.toml is not TOML" in capsys.readouterr().err
    Path("pyproject.toml").write_bytes(b"\xff")
    assert status(["init"]) == 2
    assert "cannot be read as text" in capsys.readouterr().err


def test_what_the_baseline_knows_does_not_fail_and_what_is_new_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("net.py").write_text(NET)
    Path("shufflenet-audit.toml").write_text(
        'model = "net.py:build"\ninputs = ["1x64x8x8"]\nbaseline = "known.json"\n'
        '[rules]\nG1 = "off"\nG3 = "off"\nG4 = "off"\nD1 = "off"\n'
    )
    assert status([]) == 2
    assert "there is no baseline" in capsys.readouterr().err
    assert status(["baseline", "--quiet"]) == 0
    assert capsys.readouterr().out.startswith("1 known finding written to ")
    assert status([]) == 0
    assert "Against the baseline known.json: 1 known finding, 0 new" in capsys.readouterr().out
    assert status(["--arg", "layers=2"]) == 1
    said = capsys.readouterr().out
    assert "1 known finding, 1 new" in said
    assert "worse: macs: 131.1 k, was 65.5 k" in said
    assert "new: G2 1: 4 groups, 64 channels in, 64 out" in said


def test_a_baseline_goes_where_it_is_told_and_says_how_to_use_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("net.py").write_text(NET)
    assert status(["baseline", "net.py:build", "--input", "1x64x8x8", "-o", "b.json"]) == 0
    assert 'to use it, configure: baseline = "b.json"' in capsys.readouterr().out
    assert Path("b.json").is_file()
    assert status(["baseline", "net.py:build", "--input", "1x64x8x8", "-o", "no/b.json"]) == 2


def test_no_baseline_is_written_of_an_audit_that_lacks_a_part(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("net.py").write_text(
        f"{NET}from shufflenet_audit.plugin import cost_of\n\n"
        '@cost_of("aten::convolution")\ndef lost(call):\n    raise ValueError("lost")\n'
    )
    assert status(["baseline", "net.py:build", "--input", "1x64x8x8"]) == 2
    assert "a part of the audit is missing" in capsys.readouterr().err
    assert not Path("shufflenet-baseline.json").exists()
