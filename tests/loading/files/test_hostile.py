"""Files by somebody who means harm: nothing in them runs, nothing outside is read or written."""

from __future__ import annotations

import json
import os
import pickle
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from markdown_it import MarkdownIt
from onnx import TensorProto, helper
from torch import nn

from shufflenet_audit import audit
from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.discovery import reports
from shufflenet_audit.errors import AuditError, UnavailableError
from shufflenet_audit.loading import Request, load
from shufflenet_audit.plugin import Audit


class Spy:
    """Files opened, programs started and modules executed while something is loaded."""

    def __init__(self) -> None:
        self.watching = False
        self.events: list[tuple[str, str]] = []
        sys.addaudithook(self._heard)  # it cannot be taken away again, so it listens on demand

    def _heard(self, event: str, arguments: Any) -> None:
        if self.watching and event in ("open", "os.system", "subprocess.Popen", "exec"):
            self.events.append((event, str(arguments[0])))


SPY = Spy()


@pytest.fixture
def spy() -> Iterator[Spy]:
    SPY.events.clear()
    SPY.watching = True
    yield SPY
    SPY.watching = False


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file outside the folder of the model."""
    file = tmp_path / "outside" / "secret.bin"
    file.parent.mkdir()
    file.write_bytes(bytes(4096))
    return file


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the model, which is the working folder too."""
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    return inside


class Bomb:
    """Makes a file where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def refused(file: Path, spy: Spy) -> str:
    """What is said of a file that is not loaded; nothing was started or read beside it."""
    spy.events.clear()
    with pytest.raises(AuditError) as error:
        load(Request(str(file)))
    assert not [event for event in spy.events if event[0] in ("os.system", "subprocess.Popen")]
    return str(error.value)


@pytest.mark.parametrize("form", ["plain", "zip", "old", "in a state_dict"])
def test_a_hostile_pickle_runs_nothing(folder: Path, spy: Spy, form: str) -> None:
    mark, file = folder / "mark", folder / "model.pt"
    bomb: Any = {"weight": torch.zeros(2), "x": Bomb(mark)} if "dict" in form else Bomb(mark)
    if form == "plain":
        file.write_bytes(pickle.dumps(bomb))
    else:
        torch.save(bomb, file, _use_new_zipfile_serialization=form != "old")
    said = refused(file, spy)
    assert "posix.mkdir: loading it would run whatever code is in it" in said
    assert not mark.exists()


class Innocent(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def torchscript(body: str, file: Path) -> Path:
    """An archive whose code is this body, put in the place of an innocent one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        innocent = file.with_name("innocent.ts")
        torch.jit.save(torch.jit.script(Innocent()), innocent)
    with zipfile.ZipFile(innocent) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith(".py"):
                text = content.decode()
                assert "    return x" in text
                content = text.replace("    return x", f"    {body}\n    return x").encode()
            new.writestr(entry, content)
    return file


@pytest.mark.parametrize(
    "body",
    [
        'torch.save(x, "/tmp/never-written")',
        '_0 = torch.from_file("/etc/hostname", False, 4, dtype=0)',
        '_0 = ops.aten.from_file("/etc/hostname", False, 4, dtype=0)',
        'torch . save(x, "/tmp/never-written")',
    ],
)
def test_torchscript_that_reaches_for_files_is_not_run(folder: Path, spy: Spy, body: str) -> None:
    said = refused(torchscript(body, folder / "model.ts"), spy)
    assert "may read or write other files" in said
    assert not Path("/tmp/never-written").exists()


def exported(file: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(nn.Linear(3, 4).eval(), (torch.zeros(2, 3),))
        with file.open("wb") as stream:
            torch.export.save(program, stream)
    return file


def rewritten(file: Path, change: Any) -> Path:
    """The archive with every member as `change` makes it, by its name and content."""
    target = file.with_name(f"changed-{file.name}")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, change(entry.filename, old.read(entry)))
    return target


@pytest.mark.parametrize(
    "target",
    [
        "torch.serialization.os.system",
        "torch.load",
        "torch.hub.load",
        "torch.ops.load_library",
        "torch.ops.aten.from_file.default",
        "torch.ops.debugprims.load_tensor.default",
        "torch.ops.aten.__class__.default",
        "_operator.methodcaller",
        "math.__loader__",
        "os.system",
        "#extension:thing",
    ],
)
def test_an_exported_program_calls_ops_and_nothing_else(
    folder: Path, spy: Spy, target: str
) -> None:
    def change(name: str, content: bytes) -> bytes:
        if not name.endswith("models/model.json"):
            return content
        description = json.loads(content)
        description["graph_module"]["graph"]["nodes"][0]["target"] = target
        return json.dumps(description).encode()

    said = refused(rewritten(exported(folder / "model.pt2"), change), spy)
    assert f"runs {target}, which is no op" in said


def test_the_pickles_in_an_exported_program_are_not_loaded(folder: Path, spy: Spy) -> None:
    mark = folder / "mark"

    def change(name: str, content: bytes) -> bytes:
        return content if name.endswith(".json") else pickle.dumps(Bomb(mark))

    def unweighted(name: str, content: bytes) -> bytes:
        about = content.replace(b'"use_pickle": false', b'"use_pickle": true')
        return change(name, about) if "archive" not in name else content

    file = rewritten(exported(folder / "model.pt2"), unweighted)
    loaded = load(Request(str(file)))
    assert loaded.name == str(file)
    assert not mark.exists()


def test_an_expression_in_an_exported_program_is_not_evaluated(folder: Path) -> None:
    mark = folder / "mark"
    code = f"__import__('os').mkdir({str(mark)!r})"

    def change(name: str, content: bytes) -> bytes:
        sizes = json.dumps({"as_expr": {"expr_str": code, "hint": {"as_int": 2}}}).encode()
        return content.replace(b'{"as_int": 2}', sizes) if name.endswith("model.json") else content

    load(Request(str(rewritten(exported(folder / "model.pt2"), change))))
    assert not mark.exists()


@pytest.mark.parametrize(
    "location", ["../outside/secret.bin", "{secret}", "link", "./../outside/secret.bin"]
)
@pytest.mark.parametrize("dims", [[2], [4, 1000]])
def test_onnx_data_outside_the_folder_is_not_read(  # noqa: PLR0917  (three fixtures, two cases)
    folder: Path, secret: Path, spy: Spy, location: str, dims: list[int]
) -> None:
    (folder / "link").symlink_to(secret)
    weight = TensorProto(name="w", dims=dims, data_type=TensorProto.FLOAT)
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value=location.format(secret=secret))
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, (2, dims[0]))
    made = helper.make_tensor_value_info("y", TensorProto.FLOAT, ("a", "b"))
    body = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [given], [made],
                             [weight])  # fmt: skip
    file = folder / "model.onnx"
    file.write_bytes(helper.make_model(body).SerializeToString())
    assert "outside its folder, which is not read" in refused(file, spy)
    assert not [path for _, path in spy.events if "secret" in path]


def test_onnx_data_of_branches_is_held_to_the_same(folder: Path, spy: Spy) -> None:
    weight = TensorProto(name="w", dims=[1], data_type=TensorProto.FLOAT)
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="/etc/hostname")
    out = helper.make_tensor_value_info("o", TensorProto.FLOAT, (1,))
    branch = helper.make_graph(
        [helper.make_node("Identity", ["w"], ["o"])], "b", [], [out], [weight]
    )
    condition = helper.make_tensor_value_info("c", TensorProto.BOOL, ())
    made = helper.make_tensor_value_info("y", TensorProto.FLOAT, (1,))
    chosen = helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)
    file = folder / "model.onnx"
    body = helper.make_graph([chosen], "g", [condition], [made])
    file.write_bytes(helper.make_model(body).SerializeToString())
    assert "outside its folder" in refused(file, spy)


def test_a_source_that_an_onnx_file_names_is_not_opened(folder: Path, spy: Spy) -> None:
    single = helper.make_node("Relu", ["x"], ["y"])
    trace = 'File "/etc/hostname", line 1, in forward\n    x = evil'
    single.metadata_props.add(key="pkg.torch.onnx.stack_trace", value=trace)
    single.metadata_props.add(key="pkg.torch.onnx.name_scopes", value="__import__('os').abort()")
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, (2,))
    made = helper.make_tensor_value_info("y", TensorProto.FLOAT, (2,))
    file = folder / "model.onnx"
    onnx.save(helper.make_model(helper.make_graph([single], "g", [given], [made])), file)
    assert status([str(file), "--format", "json", "-o", "report.json"]) in (0, 1)
    assert "/etc/hostname" not in [path for _, path in spy.events]
    (op,) = Audit.from_json((folder / "report.json").read_text()).graph
    assert (str(op.source), op.source and op.source.text) == ("/etc/hostname:1", "x = evil")


def test_the_values_that_an_onnx_file_asks_for_are_not_made(folder: Path) -> None:
    """A shape of 10^12 elements is known, and its elements are not computed."""
    shape = helper.make_tensor("s", TensorProto.INT64, [1], [10**12])
    nodes = [helper.make_node("ConstantOfShape", ["s"], ["h"]),
             helper.make_node("Add", ["x", "h"], ["y"])]  # fmt: skip
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, (1,))
    made = helper.make_tensor_value_info("y", TensorProto.FLOAT, ("n",))
    file = folder / "model.onnx"
    onnx.save(helper.make_model(helper.make_graph(nodes, "g", [given], [made], [shape])), file)
    assert status([str(file), "--format", "json", "-o", "report.json"]) in (0, 1)


NASTY = "<script>alert(1)</script>\x1b[31m\r\nG1\tpass"


@pytest.fixture(scope="module")
def nasty() -> Audit:
    """An audit of a model whose modules are called what no module should be."""
    model = nn.Sequential(nn.Conv2d(8, 64, 1, bias=False), nn.Conv2d(64, 64, 3, groups=4))
    outer = nn.Sequential()
    outer._modules = {NASTY: model, "]]>&<b>": nn.ReLU()}
    type_ = type("Evil<img src=x onerror=alert(1)>\x1b]0;owned\x07", (nn.Module,), {
        "forward": lambda self, x: self.inner(x), "__init__": nn.Module.__init__
    })  # fmt: skip
    evil = type_()
    evil.inner = outer
    return audit(evil, torch.zeros(1, 8, 8, 8))


@pytest.mark.parametrize("name", sorted(reports()))
def test_no_name_steers_a_terminal_or_a_browser(nasty: Audit, name: str) -> None:
    try:
        rendered = reports()[name].render(nasty)
    except UnavailableError:
        pytest.skip("it shows timings, of which there are none")
    if isinstance(rendered, bytes):
        pytest.skip("it is a table in columns, which nobody interprets")
    assert "\x1b" not in rendered
    assert "\x07" not in rendered
    shown = MarkdownIt().render(rendered) if name == "markdown" else rendered
    if name in BROWSED:
        assert "<script>alert(1)" not in shown
        assert "<img src=x" not in shown


BROWSED = ("html", "markdown", "junit", "graphml")
"""What a browser shows. The others are text, JSON or CSV."""
