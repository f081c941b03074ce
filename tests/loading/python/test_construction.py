"""The line that builds a layer: found where the model is built, and shown where it is to change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from torch.nn.modules import module as registration

from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading import Request, load
from shufflenet_audit.network.op import Op
from shufflenet_audit.pipeline.audit import audit_loaded
from shufflenet_audit.plugin import Audit, Finding

HEAD = "import copy\nimport torch\nfrom torch import nn\n\n"


@pytest.fixture
def ops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Op]]:
    """The ops of the model that some lines of code build, by the paths of their modules."""
    monkeypatch.chdir(tmp_path)

    def ops(code: str) -> dict[str, Op]:
        Path("net.py").write_text(HEAD + dedent(code), encoding="utf-8")
        return {op.module: op for op in audit_loaded(load(Request("net.py"))).graph}

    return ops


def built(op: Op) -> str:
    return op.defined.text if op.defined else ""


def test_a_layer_that_a_container_runs_is_found_where_it_is_built(
    ops: Callable[[str], dict[str, Op]],
) -> None:
    found = ops("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.layers = nn.Sequential(
                    nn.Conv2d(3, 8, 1),
                    nn.Conv2d(8, 4, 1),
                )

            def forward(self, x):
                return self.layers(x)
    """)
    assert built(found["layers.0"]) == "nn.Conv2d(3, 8, 1),"
    assert built(found["layers.1"]) == "nn.Conv2d(8, 4, 1),"
    run = found["layers.1"].source
    assert run
    assert run.text == "return self.layers(x)"


def test_a_layer_without_parameters_is_found_where_it_is_put_to_use(
    ops: Callable[[str], dict[str, Op]],
) -> None:
    found = ops("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.first = nn.Conv2d(3, 8, 1)
                self.act = nn.ReLU()

            def forward(self, x):
                return self.act(self.first(x))
    """)
    assert built(found["act"]) == "self.act = nn.ReLU()"


def test_a_function_that_builds_many_says_less_than_the_line_that_calls_it(
    ops: Callable[[str], dict[str, Op]],
) -> None:
    found = ops("""
        def conv(c_in, c_out):
            return nn.Sequential(nn.Conv2d(c_in, c_out, 1), nn.BatchNorm2d(c_out))

        class Stage(nn.Sequential):
            def __init__(self, c_in, c_out):
                super().__init__(conv(c_in, c_out), conv(c_out, c_out))

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.one = conv(3, 8)
                self.two = Stage(8, 16)
                self.three = Stage(16, 32)

            def forward(self, x):
                return self.three(self.two(self.one(x)))
    """)
    assert built(found["one.0"]) == "self.one = conv(3, 8)"
    assert built(found["two.1.0"]) == "self.two = Stage(8, 16)"
    assert built(found["three.0.0"]) == "self.three = Stage(16, 32)"


def test_of_two_lines_that_say_as_much_the_users_own_is_shown(
    ops: Callable[[str], dict[str, Op]],
) -> None:
    pytest.importorskip("torchvision")
    found = ops("""
        from torchvision.ops import Conv2dNormActivation

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stem = Conv2dNormActivation(3, 8)

            def forward(self, x):
                return self.stem(x)
    """)
    assert built(found["stem.0"]) == "self.stem = Conv2dNormActivation(3, 8)"


def test_layers_of_a_loop_share_the_line_in_it(ops: Callable[[str], dict[str, Op]]) -> None:
    found = ops("""
        class Net(nn.Sequential):
            def __init__(self):
                super().__init__()
                for width in (3, 4, 5):
                    self.append(nn.Conv2d(width, width + 1, 1))

        def net() -> nn.Module:
            return Net()
    """)
    assert built(found["2"]) == "self.append(nn.Conv2d(width, width + 1, 1))"


def test_a_copy_is_found_where_what_holds_it_is_built(ops: Callable[[str], dict[str, Op]]) -> None:
    found = ops("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                layer = nn.Sequential(nn.Conv2d(3, 3, 1))
                self.layers = nn.ModuleList(copy.deepcopy(layer) for _ in range(2))

            def forward(self, x):
                for layer in self.layers:
                    x = layer(x)
                return x
    """)
    assert built(found["layers.1.0"]).startswith("self.layers = nn.ModuleList(")


def test_a_model_made_when_its_file_is_imported_has_its_lines(
    ops: Callable[[str], dict[str, Op]],
) -> None:
    found = ops("""
        model = nn.Sequential(
            nn.Conv2d(3, 8, 1),
        )
    """)
    assert built(found["0"]) == "nn.Conv2d(3, 8, 1),"


def test_what_a_module_of_the_users_own_runs_stands_at_the_line_that_runs_it(
    ops: Callable[[str], dict[str, Op]],
) -> None:
    found = ops("""
        class Gate(nn.Module):
            def __init__(self):
                super().__init__()
                self.scale = nn.Parameter(torch.ones(3, 1, 1))

            def forward(self, x):
                return x * self.scale

        model = nn.Sequential(Gate(), nn.Conv2d(3, 3, 1))
    """)
    gate = found["0"]
    assert gate.defined is None
    assert gate.line
    assert gate.line.text == "return x * self.scale"
    assert found["1"].line == found["1"].defined


def test_a_finding_stands_where_its_layer_is_built_and_says_where_it_runs(
    ops: Callable[[str], dict[str, Op]],
) -> None:
    op = ops("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Conv2d(3, 8, 1)

            def forward(self, x):
                return self.layer(x)
    """)["layer"]
    finding = Finding((op,), "3 channels in, 8 out")
    assert finding.source == op.defined
    assert finding.run_at == op.source


def test_a_line_that_builds_and_runs_is_named_once(ops: Callable[[str], dict[str, Op]]) -> None:
    op = ops("""
        class Net(nn.Module):
            def forward(self, x):
                return nn.AvgPool2d(2)(x)

        def example_inputs():
            return torch.zeros(1, 3, 8, 8)
    """)[""]
    assert Finding((op,), "").run_at is None


@pytest.mark.parametrize("code", ["raise ValueError", "def net() -> nn.Module:\n    raise OSError"])
def test_nothing_is_left_behind_in_pytorch(tmp_path: Path, code: str) -> None:
    file = tmp_path / "net.py"
    file.write_text(HEAD + code, encoding="utf-8")
    with pytest.raises(LoadError):
        load(Request(str(file)))
    assert not registration._global_module_registration_hooks
    assert not registration._global_parameter_registration_hooks
    assert not registration._global_buffer_registration_hooks


def test_the_terminal_shows_both_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.layers = nn.Sequential(nn.Conv2d(3, 240, 1), nn.Conv2d(240, 3, 1))

            def forward(self, x):
                return self.layers(x)
    """
    Path("net.py").write_text(HEAD + dedent(code), encoding="utf-8")
    status(["net.py"])
    shown = capsys.readouterr().out
    assert "at       net.py:9\n" in shown
    assert "run at   net.py:12\n" in shown


def test_an_audit_that_knows_no_such_lines_is_still_read(
    ops: Callable[[str], dict[str, Op]],
) -> None:
    ops("model = nn.Sequential(nn.Conv2d(3, 8, 1))")
    made = audit_loaded(load(Request("net.py")))
    old = json.loads(made.to_json())
    old["schema_version"] = 1
    for op in old["ops"]:
        del op["defined"]
    read = Audit.from_json(json.dumps(old))
    assert [op.defined for op in read.graph] == [None]
    assert read.graph.total == made.graph.total


def test_a_file_is_named_from_wherever_the_user_is(
    ops: Callable[[str], dict[str, Op]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (op,) = ops("model = nn.Sequential(nn.Conv2d(3, 8, 1))").values()
    assert op.line
    assert op.line.file == "net.py"
    monkeypatch.chdir(tmp_path.parent)
    (op,) = audit_loaded(load(Request(f"{tmp_path.name}/net.py"))).graph
    assert op.line
    assert op.line.file == f"{tmp_path.name}/net.py"
