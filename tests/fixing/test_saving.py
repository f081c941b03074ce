"""A fixed network as a file: it is read back by the loaders of the program, and costs the same."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from torch import nn
from trained_networks import Attention, Halves, as_trained

from shufflenet_audit.errors import AuditError
from shufflenet_audit.fixing import Fixed, fix
from shufflenet_audit.loading.formats import load
from shufflenet_audit.loading.inputs.input_spec import InputSpec
from shufflenet_audit.loading.request import Request
from shufflenet_audit.pipeline.audit import Job, audit_model


def found(model: nn.Module, *shape: int) -> Fixed:
    torch.manual_seed(0)
    return fix(as_trained(model), torch.randn(shape))


NETWORKS: dict[str, Callable[[], Fixed]] = {
    "convolutions": lambda: found(Halves(), 1, 8, 6, 6),
    "attention": lambda: found(Attention(biased=True), 1, 5, 16),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_an_exported_program_runs_at_any_batch_and_costs_the_same(
    name: str, tmp_path: Path
) -> None:
    result = NETWORKS[name]()
    path = result.save(tmp_path / "fixed.pt2")
    program = torch.export.load(path).module()
    x = torch.randn(4, *result.inputs[0].shape[1:])
    with torch.no_grad():
        torch.testing.assert_close(program(x), result.module(x))
    totals = audit_model(Job(load(Request(str(path))), rules=())).graph.total
    rows = totals.macs / result.after.total.macs
    assert rows in {1, 2}  # torch.export keeps the batch that it was shown, which is never one
    assert totals.launches == result.after.total.launches


@pytest.mark.filterwarnings("ignore")
def test_an_onnx_file_runs_in_onnx_runtime_and_has_the_same_multiply_adds(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    result = NETWORKS["convolutions"]()
    path = result.save(tmp_path / "fixed.onnx")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    x = torch.randn(3, *result.inputs[0].shape[1:])
    (given,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(given), result.module(x), rtol=1e-4, atol=1e-5)
    spec = "x".join(map(str, result.inputs[0].shape))
    again = audit_model(Job(load(Request(str(path), inputs=(InputSpec.parse(spec),))), rules=()))
    assert again.graph.total.macs == result.after.total.macs


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match=r"neither .pt2 nor .onnx"):
        NETWORKS["convolutions"]().save(tmp_path / "fixed.pth")


def test_the_module_can_be_copied_and_saved_as_state(tmp_path: Path) -> None:
    module = NETWORKS["convolutions"]().module
    torch.save(module.state_dict(), tmp_path / "state.pt")
    copy = deepcopy(module)
    copy.load_state_dict(torch.load(tmp_path / "state.pt"))
    x = torch.randn(1, 8, 6, 6)
    assert torch.equal(copy(x), module(x))
