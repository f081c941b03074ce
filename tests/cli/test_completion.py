"""Shell completion: what a word may become, quickly, and without importing what is heavy."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import click
import pytest
from click.shell_completion import ShellComplete

from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.cli.main import commands
from shufflenet_audit.cli.shared.options import quiet
from shufflenet_audit.cli.shared.terminal import working


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


ASK: Final = (
    "import sys\n"
    "from shufflenet_audit.cli import main\n"
    "try:\n    main()\n"
    "finally:\n    sys.stderr.write(' '.join({'torch', 'pandas', 'rich'} & set(sys.modules)))\n"
)


def completed(*words: str) -> set[str]:
    """What the last word may become."""
    complete = ShellComplete(commands, {}, "audit", "_AUDIT_COMPLETE")
    found = complete.get_completions(list(words[:-1]), words[-1])
    return {each.value for each in found if each.type != "file"}


@pytest.mark.parametrize("words", ["audit sh", "audit alexnet --on g", "audit alexnet --rule G"])
def test_completing_imports_nothing_heavy(words: str) -> None:
    told = {"_AUDIT_COMPLETE": "bash_complete", "COMP_WORDS": words}
    ran = subprocess.run(
        [sys.executable, "-c", ASK],
        env=os.environ | told | {"COMP_CWORD": str(words.count(" "))},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout
    assert ran.stderr == ""


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["shufflenet_v"], {"shufflenet_v1", "shufflenet_v2", "shufflenet_v1_0.5x"}),
        (["bas"], {"baseline"}),
        (["run", "mobile"], {"mobilenet_v1", "mobilenet_v2"}),
        (["alexnet", "--rule", "g"], {"G1", "G2", "G3", "G4"}),
        (["alexnet", "--on", ""], {"gtx-1080ti", "snapdragon-810"}),
        (["alexnet", "--format", "s"], {"sarif"}),
        (["alexnet", "--fail-on", ""], {"error", "warning", "never"}),
        (["alexnet", "--ru"], {"--rule"}),
        (["latency", "alexnet", "--backend", "o"], {"onnxruntime", "openvino"}),
        (["explain", ""], {"G1", "D1"}),
        (["list", "mo"], {"models"}),
    ],
)
def test_a_word_is_completed(words: list[str], wanted: set[str]) -> None:
    found = completed(*words)
    assert wanted <= found
    assert all(each.lower().startswith(words[-1]) for each in found)


def test_a_configured_folder_completes_verbs_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shufflenet-audit.toml").write_text('model = "alexnet"\n')
    monkeypatch.chdir(tmp_path)
    assert {"compare", "explain", "init"} <= completed("")


def test_damaged_measurements_of_this_machine_complete_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "shufflenet-audit").mkdir()
    (tmp_path / "shufflenet-audit" / "this.json").write_text("{")
    assert completed("alexnet", "--on", "") == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["completion", shell]) == 0
    assert f"_AUDIT_COMPLETE={shell}_complete" in capsys.readouterr().out


def test_bash_takes_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status(["completion", "bash"])
    script = tmp_path / "complete.sh"
    script.write_text(capsys.readouterr().out)
    ran = subprocess.run(
        ["bash", "-c", f"source {script} && complete -p audit"], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert "_audit_completion" in ran.stdout


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["completion", "csh"]) == 2
    assert "'csh' is not one of 'bash', 'zsh', 'fish'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("shuflenet_v1", "no model is called 'shuflenet_v1': did you mean shufflenet_v1?"),
        ("alexnet --formt x", "no such option '--formt'. Did you mean '--format'?"),
        ("alexnet --format htlm", "no report is called 'htlm': did you mean html?"),
        ("alexnet --rule G11", "no rule is called 'G11': did you mean G1?"),
        ("alexnet --ignore fragment-blocks", "did you mean fragmented-blocks?"),
        ("alexnet --on gtx-1080", "no device is called 'gtx-1080': did you mean gtx-1080ti?"),
        ("latency alexnet --backend eagr", "no backend is called 'eagr': did you mean eager?"),
        ("explain group-convolutions", "did you mean group-convolution?"),
        ("basline alexnet", "no command is called 'basline': did you mean baseline?"),
        ("baseline alexnett", "no model is called 'alexnett': did you mean alexnet?"),
    ],
)
def test_a_mistyped_name_is_answered_with_a_suggestion(
    typed: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(typed.split()) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["run", "compare", "baseline", "latency", "whatif", "reproduce", "devices"]
)
def test_whatever_shows_progress_can_be_quiet(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status([command, "--help"]) == 0
    assert "--quiet" in capsys.readouterr().out


@pytest.mark.parametrize(("flags", "drawn"), [([], True), (["--quiet"], False)])
def test_progress_is_shown_unless_somebody_asked_for_none(flags: list[str], *, drawn: bool) -> None:
    seen = []

    @click.command()
    @quiet
    def slow() -> None:
        terminal = Terminal()
        with contextlib.redirect_stderr(terminal), working("working", quiet=False):
            pass
        seen.append(bool(terminal.getvalue()))

    slow(flags, standalone_mode=False)
    assert seen == [drawn]
