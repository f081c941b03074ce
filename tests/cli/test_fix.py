"""`audit fix`: what it says, and what it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from shufflenet_audit.cli.exit_status import status

NETWORK = """
from torch import nn

def build():
    shifts = nn.BatchNorm2d(8)
    nn.init.ones_(shifts.bias)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        shifts, nn.Conv2d(8, 8, 3, padding=1),
    )
"""


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("network.py").write_text(NETWORK)
    return "network.py:build"


def run(*arguments: str) -> int:
    return status(list(arguments))


def test_it_says_what_can_be_changed_and_what_not(
    network: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("fix", network, "--input", "1x3x8x8") == 0
    said = capsys.readouterr().out
    assert "kernels                                        5 → 4" in said
    assert "folded-scale (exact) × 1, 1 kernel fewer" in said
    assert "network.py:" in said
    assert "not done: scale-taken-ahead × 1" in said
    assert "pads with zeros" in said
    assert list(Path().iterdir()) == [Path("network.py")]


def test_it_writes_the_fixed_network(network: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fix", network, "--exact", "--input", "1x3x8x8", "-o", "fixed.pt2") == 0
    assert "written to fixed.pt2" in capsys.readouterr().out
    assert run("fix", "fixed.pt2") == 2
    assert "without its weights" in capsys.readouterr().err


def test_another_format_is_refused_in_one_line(
    network: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("fix", network, "--input", "1x3x8x8", "-o", "fixed.pth") == 2
    assert "neither .pt2 nor .onnx" in capsys.readouterr().err
