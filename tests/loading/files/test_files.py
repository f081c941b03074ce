"""Saved models of every kind: recognised by content, not by name, and read without running code."""

from __future__ import annotations

import importlib
import json
import pickle
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from shufflenet_audit import Kind, trace
from shufflenet_audit.errors import InputError, LoadError
from shufflenet_audit.loading import (
    Example,
    Request,
    load,
)
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.pipeline.audit import audit_loaded
from shufflenet_audit.plugin import Audit

NET = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        return self.head(self.stem(x).mean((2, 3)))
"""


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        conv = nn.Conv2d(3, 8, 3, padding=1)
        self.stem = nn.Sequential(conv, nn.BatchNorm2d(8), nn.ReLU())
        self.head = nn.Linear(8, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(self.stem(x).mean((2, 3)))
        return out


X = torch.zeros(2, 3, 8, 8)


@pytest.fixture
def quiet() -> Iterator[None]:
    """Without PyTorch's warnings that TorchScript is deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def audited(file: Path, *inputs: Example, pickles: bool = False) -> Audit:
    return audit_loaded(load(Request(str(file), {}, inputs, pickles)))


def save_exported(file: Path, model: nn.Module, *inputs: torch.Tensor) -> Path:
    with file.open("wb") as stream:
        torch.export.save(torch.export.export(model.eval(), inputs), stream)
    return file


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with net.py and pickles of its Net, in all three forms."""
    (tmp_path / "pickled_net.py").write_text(NET)
    monkeypatch.syspath_prepend(tmp_path)
    model = importlib.import_module("pickled_net").Net()
    torch.save(model, tmp_path / "zip.bin")
    torch.save(model, tmp_path / "old.bin", _use_new_zipfile_serialization=False)
    (tmp_path / "plain.bin").write_bytes(pickle.dumps(model))
    sys.modules.pop("pickled_net")
    monkeypatch.undo()
    return tmp_path


def test_an_exported_program_has_the_ops_of_its_model(tmp_path: Path, quiet: None) -> None:
    found = audited(save_exported(tmp_path / "model.whatever", Net(), X))
    expected = trace(Net(), X)
    assert found.graph.total == expected.total
    assert [op.kind for op in found.graph] == [op.kind for op in expected]
    assert [op.module for op in found.graph] == [op.module for op in expected]
    assert [op.module_class for op in found.graph if op.macs] == ["Conv2d", "Linear"]
    assert found.model.class_name == "Net"
    assert found.model.assumptions == ("the input is what it was exported with: x 2x3x8x8",)


def test_an_op_of_an_exported_program_has_the_line_that_it_is_from(
    tmp_path: Path, quiet: None
) -> None:
    found = audited(save_exported(tmp_path / "model.pt2", Net(), X))
    (line,) = {op.source for op in found.graph if op.module.startswith("stem")}
    assert line
    assert line.file.endswith("tests/loading/files/test_files.py")
    assert line.text == "out: torch.Tensor = self.head(self.stem(x).mean((2, 3)))"


def test_a_line_that_an_exported_program_names_is_not_looked_up(
    tmp_path: Path, quiet: None
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("swordfish\n")
    program = torch.export.export(Net().eval(), (X,))
    for node in program.graph.nodes:
        node.meta["stack_trace"] = f'File "{secret}", line 1, in forward\n    harmless()'
    with (tmp_path / "model.pt2").open("wb") as stream:
        torch.export.save(program, stream)
    found = audited(tmp_path / "model.pt2")
    assert {op.source.text for op in found.graph if op.source} == {"harmless()"}
    assert "swordfish" not in found.to_json()


def test_a_recurrent_layer_of_an_exported_program_is_one_op(tmp_path: Path, quiet: None) -> None:
    found = audited(save_exported(tmp_path / "model.pt2", nn.LSTM(8, 6), torch.zeros(5, 2, 8)))
    (layer,) = found.graph.of_kind(Kind.RECURRENT)
    assert found.model.traced_on == "meta"
    assert layer.macs == 5 * 2 * 4 * 6 * (8 + 6)


def test_no_weight_of_an_exported_program_is_read(tmp_path: Path, quiet: None) -> None:
    loaded = load(Request(str(save_exported(tmp_path / "m.pt2", Net(), X))))
    assert isinstance(loaded, Loaded)
    assert all(each.is_meta for each in loaded.model.state_dict().values())


def test_inputs_of_an_exported_program_go_by_order_or_by_name(tmp_path: Path, quiet: None) -> None:
    file = save_exported(tmp_path / "m.pt2", Net(), X)
    for example in (Example((2, 3, 8, 8)), Example((2, 3, 8, 8), name="x")):
        assert audited(file, example).graph.inputs[0].tensor.shape == (2, 3, 8, 8)
    for wrong in ((Example((1,), name="y"),), (Example((1,)), Example((1,)))):
        with pytest.raises(InputError, match="the program takes x: give each an --input"):
            audited(file, *wrong)


class Busy(nn.Module):
    """Arguments of many kinds: lists, dtypes, scalars, sizes, several results."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        first, second = x.chunk(2, dim=1)
        made = torch.zeros(x.shape[0], 2, dtype=torch.float64)
        picked = x[:, torch.tensor([0, 1])]
        values, _ = x.topk(2, dim=1)
        return torch.cat([first, second], 1).clone(), made, picked, values.to(torch.float16)


def test_arguments_of_all_kinds_come_back(tmp_path: Path, quiet: None) -> None:
    x = torch.zeros(3, 4)
    found = audited(save_exported(tmp_path / "m.pt2", Busy(), x))
    assert found.graph.total.unknown == 0
    assert {"topk", "cat", "zeros"} <= {op.name for op in found.graph}


def test_a_dimension_that_was_left_open_is_of_the_size_it_was_exported_with(
    tmp_path: Path, quiet: None
) -> None:
    batch = torch.export.Dim("batch")
    program = torch.export.export(Net().eval(), (X,), dynamic_shapes={"x": {0: batch}})
    file = tmp_path / "m.pt2"
    torch.export.save(program, file)
    assert audited(file).graph.inputs[0].tensor.shape[0] == 2
    assert audited(file, Example((5, 3, 8, 8))).graph.total.macs == 5 * 8 * (64 * 27 + 4)


def test_torchscript_has_the_multiply_adds_of_its_model(tmp_path: Path, quiet: None) -> None:
    traced, scripted = tmp_path / "traced", tmp_path / "scripted"
    torch.jit.save(torch.jit.trace(Net().eval(), X), traced)
    torch.jit.save(torch.jit.script(Net().eval()), scripted)
    expected = trace(Net(), X)
    for file in (traced, scripted):
        found = audited(file, Example((2, 3, 8, 8)))
        assert found.graph.total.macs == expected.total.macs
        assert found.graph.total.params == expected.total.params


@pytest.mark.parametrize("name", ["zip.bin", "old.bin", "plain.bin"])
def test_a_pickled_module_is_refused_and_the_refusal_says_why(trusted: Path, name: str) -> None:
    with pytest.raises(LoadError) as refused:
        load(Request(str(trusted / name)))
    said = str(refused.value)
    assert "is a pickle of pickled_net.Net" in said
    assert "would run whatever code is in it" in said
    for alternative in ("model.py:build", "torch.export.save", "--allow-pickle"):
        assert alternative in said


@pytest.mark.parametrize("name", ["zip.bin", "old.bin", "plain.bin"])
def test_a_pickled_module_that_is_trusted_is_audited(trusted: Path, name: str) -> None:
    found = audited(trusted / name, Example((2, 3, 8, 8)), pickles=True)
    assert found.graph.total == trace(Net(), X).total


def test_a_trusted_pickle_of_something_else_is_said_to_be(tmp_path: Path) -> None:
    file = tmp_path / "other"
    file.write_bytes(pickle.dumps(Example((1,))))
    with pytest.raises(LoadError, match="holds a Example, not a model"):
        load(Request(str(file), allow_pickle=True))


@pytest.mark.parametrize("pickles", [False, True])
@pytest.mark.parametrize("old", [False, True])
def test_a_state_dict_says_what_it_is_and_what_is_missing(
    tmp_path: Path, old: bool, pickles: bool
) -> None:
    file = tmp_path / "weights"
    torch.save(Net().state_dict(), file, _use_new_zipfile_serialization=not old)
    with pytest.raises(LoadError, match=r"holds weights without a model \(a state_dict\): name"):
        load(Request(str(file), allow_pickle=pickles))


def bert(folder: Path, **more: object) -> Path:
    folder.mkdir(exist_ok=True)
    config = {"model_type": "bert", "hidden_size": 32, "num_hidden_layers": 2,
              "num_attention_heads": 2, "intermediate_size": 64, "vocab_size": 100}  # fmt: skip
    (folder / "config.json").write_text(json.dumps({**config, **more}))
    return folder


def test_a_folder_with_a_configuration_is_the_model_that_it_describes(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    folder = bert(tmp_path / "bert")
    for path in (folder, folder / "config.json"):
        found = audited(path)
        assert found.model.class_name == "BertModel"
        assert next(found.graph.of_kind(Kind.LINEAR)).module.startswith("encoder.layer.0")
    bert(folder, architectures=["BertForMaskedLM"])
    assert audited(folder).model.class_name == "BertForMaskedLM"


def test_a_configuration_cannot_make_transformers_fetch_anything(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    folder = bert(
        tmp_path / "bert",
        _attn_implementation="nobody/kernels",
        attn_implementation="nobody/kernels",
        auto_map={"AutoModel": "evil.Model"},
        quantization_config={"quant_method": "gptq"},
    )
    (folder / "evil.py").write_text("1 / 0\n")
    assert audited(folder).model.class_name == "BertModel"


@pytest.mark.parametrize("suffix", [":build", " --arg"])
def test_a_saved_model_takes_neither_a_name_nor_arguments(tmp_path: Path, suffix: str) -> None:
    folder = bert(tmp_path / "bert")
    arguments = {"width": 2} if suffix == " --arg" else {}
    with pytest.raises(LoadError, match="leave out"):
        load(Request(f"{folder}{suffix.removesuffix(' --arg')}", arguments))
