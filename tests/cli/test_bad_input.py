"""Whatever is wrong is said in one line with cause and cure, and nothing of it is left behind."""

from __future__ import annotations

import json
import pickle
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import onnx
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn

from shufflenet_audit.cli.exit_status import status

HEAD = "import torch\nfrom torch import nn\n"
NET = HEAD + "class Net(nn.Module):\n    def forward(self, x):\n        {}\n"

TEXTS: Final[Mapping[str, str]] = {
    "good.py": HEAD + "model = nn.Conv2d(3, 8, 1)\n",
    "raises.py": NET.format("raise ValueError('no such luck')"),
    "shape.py": HEAD + "model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(9, 2))\n",
    "index.py": NET.format("return x[:, 0, 0, 0, 0]"),
    "endless.py": NET.format("return self(x)"),
    "lazy.py": HEAD + "model = nn.Sequential(nn.Flatten(), nn.LazyLinear(4))\n",
    "none.py": HEAD + "def build():\n    return None\n",
    "number.py": HEAD + "model = 3\n",
    "tabs.py": "if True:\n\tx = 1\n        y = 2\n",
    "nul.py": "x = 1\0\n",
    "lost.py": "from lost_module import model\n",
    "inner.py": HEAD + "from torch.nn import Konv2d\n",
    "needs.py": HEAD + "class Net(nn.Module):\n    def __init__(self, width): ...\n",
    "init.py": HEAD + "class Net(nn.Module):\n    def __init__(self): nn.Conv2d(3, 4, 1).gone\n",
    "super.py": HEAD + "class Net(nn.Module):\n    def __init__(self): self.a = nn.ReLU()\n",
    "examples.py": HEAD + "model = nn.ReLU()\ndef example_inputs():\n    return 3\n",
    "interrupted.py": "raise KeyboardInterrupt\n",
    "costless.py": "x = 1\n",
    "costs.py": "from shufflenet_audit.plugin import cost_of\n@cost_of('aten::relu')\n"
    "def relu(call):\n    return 1 / 0\n",
    "text.md": "# A model\n\nIt's not here.\n",
    "data.csv": "a,b;c\n1,2;3\n",
    "poem.txt": "rose = rose\nis_a.rose\n",
    "page.html": "<!DOCTYPE html><p>x</p>\n",
    "empty.onnx": "",
    "words.onnx": "it says onnx on the label?\n",
    "saved.json": '{"schema_version": 1, "tool": {}}',
    "unknown/config.json": '{"model_type": "no_such_model"}',
    "odd/config.json": '{"model_type": "bert", "hidden_size": "wide"}',
    "list/config.json": "[1, 2]",
    "folder/readme": "nothing\n",
}

# What is typed, and what must be in the one line on stderr.
CASES: Final[Mapping[str, str]] = {
    # code
    "raises.py --input 1x3x8x8": "Net raised ValueError at raises.py:5: no such luck",
    "shape.py --input 1x3x8x8": "raised RuntimeError",
    "shape.py --input 1x4x8x8": "raised RuntimeError",
    "index.py --input 1x3x8x8": "raised IndexError at index.py:5",
    "endless.py --input 1x3x8x8": "raised RecursionError",
    "lazy.py --input 1x3x8x8": "1 (LazyLinear) takes its width from the first input that it gets",
    "none.py:build": "returned a NoneType, which is no nn.Module",
    "none.py": "none.py holds no model",
    "number.py": "holds no model",
    "tabs.py": "tabs.py:3: inconsistent use of tabs",
    "nul.py": "null bytes",
    "lost.py": "lost.py imports lost_module at lost.py:1, which is not there: install it",
    "inner.py": "raised ImportError at inner.py:3",
    "needs.py": "--arg width=VALUE",
    "init.py": "'Conv2d' object has no attribute 'gone'",
    "super.py": "cannot assign module before Module.__init__() call",
    "examples.py": "example_inputs returned int: return a tensor, tuple or dict",
    "interrupted.py": "interrupted",
    "good.py:lost": "good.py has no 'lost'",
    "good.py --arg width=2": "takes no --arg",
    "good.py:model.weight": "is neither a model nor what builds one",
    "good.py --input 1x3": "raised",
    "good.py --input 1x3x-8x8": "is no size",
    "good.py --input 1x3x99999999999x8": "is no size",
    "good.py --input 0x3x8x8": "each size must be from 1",
    "good.py --input int64[1,3,8,8]": "raised RuntimeError",
    "good.py --input str[1]": "no dtype is called 'str'",
    "good.py --input x=1x3x8x8": "has no argument 'x': it takes input",
    "good.py --costs costless.py": "costless.py makes no cost: decorate a function",
    "good.py --costs nowhere.py": "there is no file nowhere.py with costs",
    "good.py --costs raises.md": "there is no file raises.md with costs",
    # names of things
    "nowhere.py": "there is no file nowhere.py",
    "nowhere.onnx": "there is no file nowhere.onnx",
    "no.such.package:model": "there is no module no",
    "torchvision.models:resnet99": "has no 'resnet99': did you mean resnet",
    "torch.nn:ReLU6:x": "torch.nn:ReLU6 has no 'x'",
    ":": "no model is called ':'",
    # files that are no model
    "text.md": "text.md is no model: its content is",
    "data.csv": "data.csv is no model: its content is",
    "poem.txt": "poem.txt is no model: its content is",
    "page.html": "page.html is no model",
    "empty.onnx": "empty.onnx is no model: the file is empty",
    "words.onnx": "words.onnx is no model",
    "saved.json": "it is a saved audit, shown by: audit report saved.json",
    "lite.bin": "it is a TensorFlow Lite model: export the model to ONNX",
    "keras.bin": "it is an HDF5 file, as Keras writes it",
    "weights.gguf": "it holds weights without a model (GGUF)",
    "noise.pt2": "noise.pt2 is no model",
    "folder": "folder is a folder",
    "./list": "list is a folder",
    # saved models
    "weights.pt": "weights.pt holds weights without a model (a state_dict)",
    "weights.pt --allow-pickle": "weights.pt holds weights without a model (a state_dict)",
    "weights.safetensors": "holds weights without a model (a state_dict)",
    "module.pt": "is a pickle of torch.nn.modules",
    "pickle.pkl": "is a pickle of",
    "pickle.pkl --allow-pickle": "holds a PosixPath, not a model",
    "cut.pt": "cut.pt is no model: it is an archive that is cut short",
    "good.onnx:graph": "good.onnx is an ONNX file, one model: leave out :graph",
    "good.onnx --arg a=1": "good.onnx is an ONNX file, which takes no arguments: leave out --arg a",
    "good.onnx --input 1x4": "does not fit: change --input",
    "good.onnx --input y=2x3": "the model has no input 'y': its inputs are x",
    "good.onnx --input 2x3 --input 2": "the model has only 1 inputs",
    "cut.onnx": "cut.onnx is damaged or no ONNX file",
    "invalid.onnx": "invalid.onnx is no valid ONNX model",
    "outside.onnx": "outside its folder, which is not read",
    "future.onnx": "future.onnx is of opset 999",
    "rankless.onnx": "Field 'shape' of 'type' is required but missing.; export it again",
    "good.pt2 --arg a=1": "good.pt2 is an exported program, which takes no arguments",
    "good.pt2:forward": "good.pt2 is an exported program, one model",
    "good.pt2 --input y=2x3": "the program takes input: give each an --input",
    "cut.pt2": "cut.pt2 is no model: it is an archive that is cut short",
    "good.ts": "no input can be derived from",
    "good.ts --input 2x9": "in: return F.linear(input, self.weight, self.bias)",
    "good.ts --arg a=1": "is a TorchScript archive, which takes no arguments",
    "unknown": "transformers cannot build it",
    "odd": "transformers cannot build it",
}


def onnx_model(*, opset: int = 17, op: str = "Relu", shape: Any = (2, 3)) -> onnx.ModelProto:
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    made = helper.make_tensor_value_info("y", TensorProto.FLOAT, ("a", "b"))
    body = helper.make_graph([helper.make_node(op, ["x"], ["y"])], "g", [given], [made])
    return helper.make_model(body, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def write_onnx() -> None:
    good = onnx_model().SerializeToString()
    Path("good.onnx").write_bytes(good)
    Path("cut.onnx").write_bytes(good[:-12])
    Path("invalid.onnx").write_bytes(onnx_model(op="Relux").SerializeToString())
    Path("future.onnx").write_bytes(onnx_model(opset=999).SerializeToString())
    Path("rankless.onnx").write_bytes(onnx_model(shape=None).SerializeToString())
    outside = onnx_model()
    weight = TensorProto(name="w", dims=[4], data_type=TensorProto.FLOAT)
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../../secret")
    outside.graph.initializer.append(weight)
    Path("outside.onnx").write_bytes(outside.SerializeToString())


def write_saved() -> None:
    model = nn.Linear(3, 4).eval()
    torch.save(model.state_dict(), "weights.pt")
    torch.save(model, "module.pt")
    header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    Path("weights.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    Path("pickle.pkl").write_bytes(pickle.dumps(Path()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(model), "good.ts")
        with Path("good.pt2").open("wb") as stream:
            torch.export.save(torch.export.export(model, (torch.zeros(2, 3),)), stream)
    for name in ("good.pt2", "weights.pt"):
        whole = Path(name).read_bytes()
        Path(name.replace("good", "cut").replace("weights", "cut")).write_bytes(whole[:-300])
    Path("lite.bin").write_bytes(b"\x1c\0\0\0TFL3" + bytes(99))
    Path("keras.bin").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(99))
    Path("weights.gguf").write_bytes(b"GGUF" + bytes(99))
    Path("noise.pt2").write_bytes(b"\xfe" + bytes(range(256)))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all the files of the cases."""
    folder = tmp_path_factory.mktemp("bad")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, text in TEXTS.items():
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_text(text)
        write_onnx()
        write_saved()
    return folder


@pytest.fixture
def folder(files: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(files)
    before = sorted(files.rglob("*"))
    yield files
    assert sorted(files.rglob("*")) == before, "something was left behind"


@pytest.fixture(scope="module")
def clean() -> dict[str, str]:
    """The bytes of a good audit, from before the first case."""
    return {}


def good(capfd: pytest.CaptureFixture[str]) -> str:
    """A good audit of a file, as JSON."""
    capfd.readouterr()
    assert status(["good.py", "--input", "1x3x8x8", "--format", "json", "--quiet"]) in (0, 1)
    out: str = capfd.readouterr().out
    assert json.loads(out)["totals"]["macs"] == 3 * 8 * 64
    return out


def test_there_are_more_than_fifty_cases() -> None:
    assert len(CASES) > 50


@pytest.mark.parametrize("typed", CASES)
def test_one_line_says_what_is_wrong_and_nothing_is_left(
    folder: Path, clean: dict[str, str], capfd: pytest.CaptureFixture[str], typed: str
) -> None:
    if not clean:
        clean["bytes"] = good(capfd)
    assert status([*typed.split(), "--quiet", "-o", "report.json"]) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1, printed.err
    assert printed.err.startswith("audit: ")
    assert CASES[typed] in printed.err
    assert good(capfd) == clean["bytes"]


def test_with_debug_the_traceback_is_shown(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert status(["raises.py", "--input", "1x3x8x8", "--debug"]) == 2
    assert "Traceback" in capfd.readouterr().err


def test_a_report_that_was_there_stays_as_it_was(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    report.write_text("mine\n")
    assert status(["raises.py", "--input", "1x3x8x8", "-o", str(report)]) == 2
    assert report.read_text() == "mine\n"
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


def test_a_current_folder_that_is_gone_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert status(["shufflenet_v2"]) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == "audit: the current folder has been deleted: change to another\n"
