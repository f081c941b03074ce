"""Shell completion: what a word may become, quickly, and without importing what is heavy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shufflenet_audit.cli.status import status

ASK = (
    "import sys\n"
    "from shufflenet_audit.cli import main\n"
    "try:\n    main()\n"
    "finally:\n    sys.stderr.write(' '.join({'torch', 'pandas', 'rich'} & set(sys.modules)))\n"
)


def asked(words: list[str], folder: Path) -> tuple[set[str], str]:
    """The completions of the last word, and the heavy modules that were imported for them."""
    told = {
        "_AUDIT_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["audit", *words]),
        "COMP_CWORD": str(len(words)),
    }
    ran = subprocess.run(
        [sys.executable, "-c", ASK], env=os.environ | told, capture_output=True, text=True,
        check=False, cwd=folder,
    )  # fmt: skip
    return {line.partition(",")[2] for line in ran.stdout.splitlines()}, ran.stderr


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
def test_a_word_is_completed(words: list[str], wanted: set[str], tmp_path: Path) -> None:
    found, heavy = asked(words, tmp_path)
    assert wanted <= found
    assert all(each.lower().startswith(words[-1]) for each in found)
    assert heavy == ""


def test_a_configured_folder_completes_verbs_too(tmp_path: Path) -> None:
    (tmp_path / "shufflenet-audit.toml").write_text('model = "alexnet"\n')
    assert {"compare", "explain", "init"} <= asked([""], tmp_path)[0]


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
