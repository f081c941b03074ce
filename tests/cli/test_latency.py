"""`audit latency`, as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from shufflenet_audit import Audit, AuditError, CostGraph
from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.loading.loaded import LoadedGraph
from shufflenet_audit.pipeline.measured import measured

MODEL = "from torch import nn\nmodel = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())\n"


@pytest.fixture
def model(tmp_path: Path) -> str:
    file = tmp_path / "model.py"
    file.write_text(MODEL, encoding="utf-8")
    return str(file)


def test_where_the_time_goes_is_printed(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = status(["latency", model, "--input", "1x3x8x8", "--batch", "2", "--seconds", "0"])
    shown = capsys.readouterr().out.splitlines()
    assert said == 0
    assert shown[0].startswith("eager: ")
    assert "batch 2, dtype float32, layout nchw, runs 1" in shown[2]
    assert next(line.split()[0] for line in shown if "█" in line) in {"Conv", "Elemwise", "Other"}


def test_an_unknown_backend_is_named_with_those_that_there_are(
    model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["latency", model, "--input", "1x3x8x8", "--backend", "eagre"]) == 2
    assert capsys.readouterr().err == "audit: no backend is called 'eagre': did you mean eager?\n"


def test_a_graph_that_cannot_be_run_is_refused() -> None:
    graph = CostGraph((), (), (), 0)
    loaded = LoadedGraph("model.onnx", "ONNX", lambda costs: graph, "onnx")
    with pytest.raises(AuditError, match="a model from onnx cannot be run here"):
        measured(loaded, "eager")


def test_an_audit_can_be_timed(model: str, tmp_path: Path) -> None:
    file = tmp_path / "audit.json"
    arguments = ["--input", "1x3x8x8", "--latency", "--on", "gtx-1080ti", "-o", str(file)]
    assert status([model, *arguments, "--fail-on", "never"]) == 0
    predicted, measured = Audit.from_json(file.read_text(encoding="utf-8")).latencies
    assert (predicted.predicted, predicted.device) == (True, "gtx-1080ti")
    assert (measured.predicted, measured.backend) == (False, "eager")


def test_a_device_that_nobody_knows_is_refused(
    model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status([model, "--input", "1x3x8x8", "--on", "gtx"]) == 2
    assert "no device is called 'gtx'" in capsys.readouterr().err


def test_devices_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert status(["devices"]) == 0
    assert "gtx-1080ti (not measured, 1 thread)" in capsys.readouterr().out
    assert status(["shufflenet_v2_0.5x", "--on", "this"]) == 2
    assert "audit devices measure" in capsys.readouterr().err


def test_backends_are_listed_with_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["list", "backends"]) == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert set(rows) >= {"compile", "eager", "onnxruntime", "openvino"}
    assert rows["openvino"].endswith("and compiled by OpenVINO for its CPU plugin.")


@pytest.mark.parametrize("verb", [["latency"], ["whatif"], ["reproduce"]])
def test_a_negative_time_is_refused(verb: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    what = "table1" if verb == ["reproduce"] else "alexnet"
    assert status([*verb, what, "--seconds", "-1"]) == 2
    assert "invalid value for '--seconds'" in capsys.readouterr().err
