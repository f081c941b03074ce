"""Profiles that were recorded elsewhere, mapped onto the model; those of another are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from shufflenet_audit import Audit, AuditError, Kind, trace
from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.latency.measuring.imported import Recording, imported
from shufflenet_audit.latency.measuring.onnxruntime_profile import Node, Profile

GRAPH = trace(
    nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 6, 3), nn.ReLU6()),
    torch.zeros(1, 3, 8, 8),
)
ORIGINS = {"a": "relu", "b": "convolution_1", "c": "hardtanh"}


def node(name: str, shape: Sequence[int] = (), operator: str = "Conv") -> Node:
    return Node(name, operator, tuple(shape), (3e-3, 1e-3, 2e-3))


NODES = (
    node("a_nchwc", (1, 8, 6, 6)),
    node("ReorderOutput_token_1", operator="ReorderOutput"),
    node("b", (1, 6, 4, 4)),
    node("c", operator="Clip"),
)
PROFILE = Profile((9e-3, 4e-3, 5e-3), NODES, threads=2)


def recording(*nodes: Node) -> Recording:
    return Recording("phone.json", replace(PROFILE, nodes=nodes), ORIGINS)


def test_nodes_are_mapped_to_their_ops_and_the_first_run_is_left_out() -> None:
    found = imported(GRAPH, recording(*NODES))
    assert [(timing.ops, timing.kind) for timing in found.timings] == [
        (("convolution", "native_batch_norm", "relu"), Kind.CONV),
        (("convolution_1",), Kind.CONV),
        (("hardtanh",), Kind.ELEMENTWISE),
        ((), Kind.DATA),
    ]
    assert found.total.median == pytest.approx(4.5e-3)
    assert {timing.seconds.median for timing in found.timings} == {1.5e-3}
    assert (found.device, found.threads) == ("the device of phone.json", 2)
    assert dict(found.settings)["runs"] == "2"
    assert found.notes == ("recorded under the profiler of ONNX Runtime, which takes time itself",)


def test_what_a_node_has_of_no_op_is_said_and_kept() -> None:
    found = imported(GRAPH, recording(*NODES, node("other", operator="LayerNormalization")))
    assert found.notes[-1] == "1 of 5 nodes are none of the model's: 1 × LayerNormalization"
    assert found.timings[-1].kind is Kind.OTHER


def test_a_single_run_is_kept_and_said_to_have_warmed_up() -> None:
    once = tuple(replace(each, seconds=each.seconds[:1]) for each in NODES)
    found = imported(GRAPH, Recording("phone.json", Profile((9e-3,), once), ORIGINS))
    assert found.total.median == 9e-3
    assert found.notes[-1] == "only one run was recorded: it warmed up too"


@pytest.mark.parametrize(
    ("nodes", "says"),
    [
        ((node("x"), node("y")), "is of another file: 2 of its 2 nodes, such as x, are none"),
        ((node("c", operator="Clip"),), "no time of 1 of the 2 convolutions and matrix products"),
        ((node("a", (8, 4, 6, 6)), *NODES[2:]), "made 8×4×6×6 there, and relu makes 1×4×6×6 here"),
        ((node("a", (1, 4, 12, 12)), *NODES[2:]), "made 1×4×12×12 there"),
        ((node("a", (1, 30, 6, 6)), *NODES[2:]), "made 1×30×6×6 there"),
        ((node("a", (1, 4)), *NODES[2:]), "made 1×4 there"),
        ((node("b", (1, 6, 4, 4), operator="MatMul"), *NODES[:1]), "is of another model or input"),
    ],
)
def test_a_profile_of_something_else_is_refused_in_one_line(
    nodes: Sequence[Node], says: str
) -> None:
    with pytest.raises(AuditError, match=says) as error:
        imported(GRAPH, recording(*nodes))
    assert str(error.value).startswith("phone.json")
    assert "\n" not in str(error.value)


MODEL = """
from torch import nn
model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 6, 3))
"""


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, its ONNX file, and the profile that a device sent back."""
    for needed in ("onnxscript", "onnxruntime"):
        pytest.importorskip(needed, reason="an optional extra")
    folder = tmp_path_factory.mktemp("device")
    (folder / "model.py").write_text(MODEL, encoding="utf-8")
    model, file = str(folder / "model.py"), folder / "model.onnx"
    assert status(["latency", model, "--input", "1x3x8x8", "--export", str(file)]) == 0
    _recorded(file).replace(folder / "phone.json")
    return folder


def _recorded(file: Path) -> Path:
    import onnxruntime  # noqa: PLC0415  (optional: the fixture looked for it)

    options = onnxruntime.SessionOptions()
    options.enable_profiling = True
    options.profile_file_prefix = str(file.with_suffix(""))
    session = onnxruntime.InferenceSession(str(file), options, ["CPUExecutionProvider"])
    for _ in range(3):
        session.run(None, {session.get_inputs()[0].name: torch.rand(1, 3, 8, 8).numpy()})
    return Path(session.end_profiling())


@pytest.mark.parametrize("model", ["model.py", "model.onnx"])
def test_a_profile_comes_back_to_the_model_and_to_the_file(device: Path, model: str) -> None:
    out = device / "audit.json"
    arguments = [str(device / model), "--import", str(device / "phone.json"), "-o", str(out)]
    assert status(["latency", *arguments, "--input", "1x3x8x8"]) == 0
    audit = Audit.from_json(out.read_text(encoding="utf-8"))
    (latency,) = audit.latencies
    assert latency.device == "the device of phone.json"
    ran = {name for timing in latency.timings for name in timing.ops}
    assert {op.name for op in audit.graph if op.macs} <= ran


def test_another_input_than_the_one_that_was_run_is_refused(
    device: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = str(device / "phone.json")
    model = str(device / "model.py")
    assert status(["latency", model, "--import", profile, "--input", "2x3x8x8"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "made 1×" in said


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"[]", b'[{"name": "x"}]'])
def test_a_file_that_is_no_profile_is_refused(
    device: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = device / "wrong.json"
    wrong.write_bytes(content)
    model = [str(device / "model.py"), "--input", "1x3x8x8"]
    assert status(["latency", *model, "--import", str(wrong)]) == 2
    assert "not a profile of ONNX Runtime" in capsys.readouterr().err
    assert status(["latency", *model, "--import", str(device / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err
