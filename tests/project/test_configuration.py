"""The configuration: what it sets, what goes before it, and every mistake at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shufflenet_audit.checking.guideline import Severity
from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.discovery import rules
from shufflenet_audit.errors import ConfigError
from shufflenet_audit.plugin import CostGraph, Finding, rule
from shufflenet_audit.project import (
    Config,
    Level,
    Setting,
)
from shufflenet_audit.project.amount import amount
from shufflenet_audit.project.fields import mistakes as wrongs
from shufflenet_audit.project.reading import (
    configuration,
    found,
    read,
)
from shufflenet_audit.project.suppression import Suppression
from shufflenet_audit.results.budget import Aggregation, Limit
from shufflenet_audit.results.violation import FailOn

GROUPED: Final = (
    "from torch import nn\n"
    "class Net(nn.Sequential):\n    pass\n"
    "def build(width=64):\n"
    "    return Net(nn.Conv2d(64, width, 1, groups=4), nn.ReLU(), nn.Conv2d(width, 64, 1))\n"
    "def example_inputs():\n"
    "    import torch\n    return torch.zeros(1, 64, 8, 8)\n"
)
WHOLE: Final = """
model = "grouped.py:build"
args = { width = 32 }
inputs = ["1x64x16x16"]
on = "gtx-1080ti"
latency = true
fail_on = "warning"
baseline = { file = "known.json", tolerance = 0.05 }

[rules]
G1 = "off"
group-convolution = { level = "warn", min_share = 0.5 }
G3 = { max_fragments = 9 }

[[suppress]]
rule = "costly-elementwise"
module = "head.*"
reason = "it runs once"

[budgets]
macs = "150M"
latency_ms = { max = 2.5, tolerance = 0.1, aggregation = "high" }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "grouped.py").write_text(GROUPED)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def config(text: str, name: str = "shufflenet-audit.toml") -> Config:
    Path(name).write_text(text)
    return read(Path(name).absolute())


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as wrong:
        config(text)
    prefix = "shufflenet-audit.toml: "
    assert all(each.startswith(prefix) for each in wrong.value.mistakes)
    return [each.removeprefix(prefix) for each in wrong.value.mistakes]


def test_everything_that_can_be_set_is_read(folder: Path) -> None:
    said = config(WHOLE)
    assert said.baseline
    assert (said.baseline.file, said.baseline.tolerance) == (folder / "known.json", 0.05)
    assert (said.model, said.args, said.inputs) == (
        "grouped.py:build", {"width": 32}, ("1x64x16x16",),
    )  # fmt: skip
    assert (said.device, said.latency, said.fail_on) == ("gtx-1080ti", True, FailOn.WARNING)
    assert said.settings == {
        "G1": Setting(Level.OFF),
        "G2": Setting(Level.WARN, {"min_share": 0.5}),
        "G3": Setting(None, {"max_fragments": 9}),
    }
    assert said.suppressions == (Suppression("G4", "head.*", "it runs once"),)
    assert said.limits == (
        Limit("macs", 150e6),
        Limit("latency_ms", 2.5, 0.1, Aggregation.HIGH),
    )


def test_levels_set_how_severe_a_rule_is() -> None:
    said = config('[rules]\nG1 = "off"\nG2 = "warn"\nD1 = "error"\n')
    severities = {rule.code: rule.severity for rule in said.levelled(rules().values())}
    assert said.off == {"G1"}
    assert (severities["G2"], severities["D1"]) == (Severity.WARNING, Severity.ERROR)
    assert severities["G3"] is Severity.ERROR


@pytest.mark.parametrize("table", ["[tool.shufflenet-audit]\n", ""])
def test_a_file_has_the_table_under_tool_or_at_its_top(table: str) -> None:
    assert config(f'{table}model = "x"\n', "other.toml").model == "x"


def test_the_nearest_configuration_above_is_found(folder: Path) -> None:
    below = folder / "a" / "b"
    below.mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[tool.shufflenet-audit]\n")
    (folder / "a" / "pyproject.toml").write_text("[tool.other]\n")
    assert found(below) == folder / "pyproject.toml"
    (folder / "a" / "shufflenet-audit.toml").write_text("")
    assert found(below) == folder / "a" / "shufflenet-audit.toml"


def test_a_broken_project_file_matters_only_where_it_configures_us(folder: Path) -> None:
    project = folder / "pyproject.toml"
    project.write_text("[tool.other]\nx = \n")
    assert configuration(None) == Config()
    project.write_text("[tool.shufflenet-audit]\nx = \n")
    with pytest.raises(ConfigError, match="is not TOML"):
        configuration(None)


def test_all_mistakes_are_told_at_once_by_key_with_what_may_have_been_meant() -> None:
    said = mistakes(
        """
        modle = "x"
        inputs = ["1x3x64", "1x?", 3]
        args = { when = 2020-01-01 }
        on = "gtx-1080"
        fail_on = "warn"
        latency = 1
        baseline = { fil = "x" }
        suppress = [{ rule = "g3", module = "stage2.*" }, 3]
        [rules]
        G1 = { level = "of", max_ration = 3, max_ratio = "a", min_share = 1.5 }
        G11 = "off"
        G3 = { max_fragments = 2.5 }
        D1 = 3
        [budgets]
        macs = "150 X"
        parms = 3
        params = nan
        latency_ms = { max = -3, aggregation = "men", tolerance = -1 }
        ops = { tolerance = true }
        """
    )
    assert said == [
        "modle is no key: did you mean model?",
        (
            "inputs[2]: input '1x?': '?' is no size: write it as 1x3x224x224, int64[1,128] or"
            " input_ids=int64[1,128]"
        ),
        "inputs[3] is 3: write a text",
        'args.when is "2020-01-01": write a text, number, true, false or a list',
        "on: no device is called 'gtx-1080': did you mean gtx-1080ti?",
        'fail_on is "warn": did you mean warning?',
        "latency is 1: write true or false",
        "baseline.fil is no key: did you mean file?",
        "baseline.file is missing",
        'suppress[1].rule is "g3": no rule is called that: did you mean G3?',
        "suppress[1].reason is missing",
        "suppress[2] is 3: write a table",
        'rules.G1.level is "of": did you mean off?',
        "rules.G1.max_ration is no key: did you mean max_ratio?",
        'rules.G1.max_ratio is "a": write a number from 0',
        "rules.G1.min_share is 1.5: write a number from 0 to 1",
        "rules.G11: no rule is called that: did you mean G1?",
        "rules.G3.max_fragments is 2.5: write a whole number from 0",
        "rules.D1 is 3: there are off, warn, error",
        'budgets.macs is "150 X": write a number that is not negative, or a text like "150M"',
        "budgets.parms is no key: did you mean params?",
        'budgets.params is NaN: write a number that is not negative, or a text like "150M"',
        'budgets.latency_ms.max is -3: write a number that is not negative, or a text like "150M"',
        'budgets.latency_ms.aggregation is "men": did you mean median?',
        "budgets.latency_ms.tolerance is -1: write a number from 0",
        "budgets.ops.tolerance is true: write a number from 0",
        "budgets.ops.max is missing",
    ]


@pytest.mark.parametrize("key", ["rules", "suppress", "budgets", "args", "inputs", "baseline"])
def test_a_value_of_another_type_is_a_mistake(key: str) -> None:
    (said,) = mistakes(f"{key} = 3\n")
    assert said.startswith(f"{key} is 3: write a ")


@pytest.mark.parametrize(
    ("text", "value"), [("150M", 150e6), ("1.5 G", 1.5e9), ("2_000", 2000), ("3K", 3e3), (7, 7)]
)
def test_amounts_are_written_as_people_write_them(text: object, value: float) -> None:
    assert amount(text) == value


@given(st.text() | st.floats(max_value=0, exclude_max=True) | st.booleans() | st.none())
def test_whatever_else_is_no_amount_or_a_number_that_is_not_negative(value: object) -> None:
    made = amount(value)
    assert made is None or (isinstance(value, str) and made >= 0)


def audited(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    left = status([*arguments, "--format", "json"])
    return left, json.loads(capsys.readouterr().out or "{}")


def test_the_configured_model_is_audited_with_its_arguments_and_inputs(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = folder / "below"
    below.mkdir()
    Path("shufflenet-audit.toml").write_text(WHOLE.split("on =", maxsplit=1)[0])
    monkeypatch.chdir(below)
    _, audit = audited(capsys)
    assert [each["shape"] for each in audit["inputs"]] == [[1, 64, 16, 16]]
    assert audit["totals"]["macs"] == 256 * (64 // 4 * 32 + 32 * 64)


def test_options_go_before_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    text = 'model = "grouped.py:build"\nargs = {width = 32}\nfail_on = "never"\n[rules]\nG1="off"\n'
    Path("shufflenet-audit.toml").write_text(text)
    left, audit = audited(capsys, "--arg", "width=16", "--input", "1x64x4x4", "--rule", "G1")
    assert audit["totals"]["macs"] == 16 * (64 // 4 * 16 + 16 * 64)
    assert [each["code"] for each in audit["guidelines"]] == ["G1"]
    assert left == 0
    assert audited(capsys, "--rule", "G2", "--fail-on", "error")[0] == 1


def test_another_model_is_not_held_against_the_limits_of_the_configured_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("shufflenet-audit.toml").write_text('model = "shufflenet_v1"\n[budgets]\nops = 1\n')
    assert audited(capsys, "grouped.py:build")[1]["budgets"] == []
    Path("shufflenet-audit.toml").write_text("[budgets]\nops = 1\n")
    assert len(audited(capsys, "grouped.py:build")[1]["budgets"]) == 1


def test_a_warning_does_not_fail_and_a_budget_does(capsys: pytest.CaptureFixture[str]) -> None:
    off = '[rules]\nG1 = "off"\nG3 = "off"\nG4 = "off"\nD1 = "off"\n'
    for level, budget, expected in (("error", 9, 1), ("warn", 9, 0), ("off", 9, 2), ("warn", 1, 1)):
        Path("x.toml").write_text(f'[budgets]\nops = {budget}\n{off}G2 = "{level}"\n')
        assert audited(capsys, "grouped.py:build", "--config", "x.toml")[0] == expected


def test_suppressed_findings_do_not_fail_and_idle_ones_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("shufflenet-audit.toml").write_text(
        '[[suppress]]\nrule = "G2"\nmodule = "*"\nreason = "so"\n'
        '[[suppress]]\nrule = "G2"\nmodule = "x"\nreason = "so"\n'
    )
    assert status(["grouped.py:build", "--rule", "G2"]) == 0
    said = capsys.readouterr()
    assert "1 of G2: so" in said.out
    assert "note: G2 has no finding in x: it need not be suppressed" in said.err


def test_every_mistake_is_a_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    Path("shufflenet-audit.toml").write_text("a = 1\nb = 2\n")
    assert status([]) == 2
    assert [line[:37] for line in capsys.readouterr().err.splitlines()] == [
        "audit: shufflenet-audit.toml: a is no",
        "audit: shufflenet-audit.toml: b is no",
    ]


def test_a_configuration_without_a_model_needs_one_typed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("shufflenet-audit.toml").write_text("")
    assert status([]) == 2
    assert "name one, or set model in " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nowhere.toml", "."])
def test_a_configuration_that_cannot_be_read_is_said(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["shufflenet_v1", "--config", name]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_project_file_without_the_table_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text("[tool.other]\n")
    assert status(["shufflenet_v1", "--config", "pyproject.toml"]) == 2
    assert "has no table [tool.shufflenet-audit]" in capsys.readouterr().err


def test_options_of_other_packs_are_checked_by_the_types_of_their_defaults() -> None:
    @rule("X1", "a-rule")
    def a_rule(
        graph: CostGraph,
        *,
        on: bool = True,
        name: str = "a",
        least: int = -1,
        of: tuple[int] = (1,),
    ) -> Iterator[Finding]:
        yield from ()

    right = {"on": False, "name": "b", "least": -7, "of": [2]}
    wrong = {"on": 1, "name": 2, "least": 0.5, "of": {}}
    assert list(wrongs({"rules": {"X1": right}}, {"X1": a_rule})) == []
    assert list(wrongs({"rules": {"a-rule": wrong}}, {"X1": a_rule})) == [
        "rules.a-rule.on is 1: write true or false",
        "rules.a-rule.name is 2: write a text",
        "rules.a-rule.least is 0.5: write a whole number",
        "rules.a-rule.of is {}: write a text, number, true, false or a list",
    ]


def test_a_device_is_a_text() -> None:
    assert mistakes("on = 3\n") == ["on is 3: write a text"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "there is no baseline"), (b"\xff", "it is not text"), ("folder", "cannot be read")],
)
def test_a_baseline_that_cannot_be_read_is_said(
    content: bytes | str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("shufflenet-audit.toml").write_text('model = "grouped.py:build"\nbaseline = "b.json"\n')
    if isinstance(content, bytes):
        Path("b.json").write_bytes(content)
    elif content:
        Path("b.json").mkdir()
    assert status([]) == 2
    assert said in capsys.readouterr().err
