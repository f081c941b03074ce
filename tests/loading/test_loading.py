"""Models by name, by file and by import path, and what loading them leaves behind: nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading import (
    Loaded,
    Request,
    load,
)
from shufflenet_audit.pipeline.audit import audit_loaded

NET = """
class Net(nn.Module):
    def __init__(self, width=1):
        super().__init__()
        self.conv = nn.Conv2d(3, 8 * width, 1)

    def forward(self, x):
        return self.conv(x)
"""


def write(file: Path, text: str) -> Path:
    """A Python file that has torch imported."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("import torch\nfrom torch import nn\n" + text)
    return file


def loaded(model: Path | str, **arguments: Any) -> Loaded:
    found = load(Request(str(model), arguments))
    assert isinstance(found, Loaded)
    return found


def channels(model: Loaded) -> int:
    """How many channels come out of the last convolution."""
    (*_, last) = (each for each in model.model.modules() if isinstance(each, nn.Conv2d))
    return last.out_channels


def macs(model: Loaded) -> int:
    return audit_loaded(model, rules=()).graph.total.macs


def test_a_reference_network_comes_by_name_and_arguments() -> None:
    by_name = loaded("shufflenet_v1_0.5x_g8")
    by_arguments = loaded("shufflenet_v1", groups=8, width=0.5)
    assert macs(by_name) == macs(by_arguments)
    assert by_arguments.name == "shufflenet_v1 (groups=8, width=0.5)"
    assert by_name.args[0].shape == (1, 3, 224, 224)
    assert by_name.assumptions == ()


# What a file holds, the model that is meant by its name, and how many channels it has.
HELD: Mapping[str, tuple[str, int]] = {
    "a class": (NET, 8),
    "a model": ("net = nn.Conv2d(3, 5, 1)", 5),
    "a model by two names": ("net = nn.Conv2d(3, 5, 1)\nmodel = net", 5),
    "a function beside its class": (NET + "def build():\n    return Net(2)", 16),
    "a model beside its class": (NET + "net = Net(3)", 24),
    "an annotated function beside others": (
        NET + "def size():\n    return int(3)\ndef build() -> nn.Module:\n    return Net(2)",
        16,
    ),
    "a script": (NET + "def main():\n    print(1)\ndef train(steps):\n    return Net(9)", 8),
    "blocks that need arguments": (
        NET + "class Block(nn.Module):\n    def __init__(self, channels):\n        pass",
        8,
    ),
    "private helpers": (NET + "class _Block(nn.Module):\n    pass", 8),
    "imported classes": (NET + "from torch.nn import ReLU, Identity", 8),
    "a nested function": (
        NET + "def build():\n    def layer(n):\n        return Net(n)\n    return layer(2)",
        16,
    ),
}  # fmt: skip


@pytest.mark.parametrize("held", HELD)
def test_the_one_model_of_a_file_needs_no_name(tmp_path: Path, held: str) -> None:
    text, expected = HELD[held]
    assert channels(loaded(write(tmp_path / "model.py", text))) == expected


def test_a_named_factory_gets_its_arguments(tmp_path: Path) -> None:
    file = write(tmp_path / "model.py", NET + "def build(width):\n    return Net(width)")
    assert channels(loaded(f"{file}:build", width=3)) == 24
    assert channels(loaded(f"{file}:Net", width=2)) == 16
    assert channels(loaded(file, width=4)) == 32


def test_a_name_may_have_dots(tmp_path: Path) -> None:
    text = "class Zoo:\n    @staticmethod\n    def small():\n        return nn.Conv2d(3, 5, 1)"
    assert channels(loaded(f"{write(tmp_path / 'zoo.py', text)}:Zoo.small")) == 5


def test_a_file_may_be_called_anything(tmp_path: Path) -> None:
    for name in ("json.py", "torch.py", "my-model.py", "model", "a:b.py", "model.txt"):
        assert channels(loaded(write(tmp_path / name, NET))) == 8
    assert sys.modules["torch"] is torch


def test_a_model_is_built_without_weights(tmp_path: Path) -> None:
    model = loaded(write(tmp_path / "model.py", NET))
    assert all(weight.is_meta for weight in model.model.parameters())
    assert model.build is not None
    assert not any(weight.is_meta for weight in model.build().parameters())


def test_weights_are_the_same_each_time(tmp_path: Path) -> None:
    model = loaded(write(tmp_path / "model.py", NET))
    assert model.build is not None
    first, second = (next(model.build().parameters()) for _ in range(2))
    assert first.equal(second)


def test_a_constructor_that_needs_values_gets_them(tmp_path: Path) -> None:
    text = "def build():\n    return nn.Conv2d(3, int(torch.tensor(6.0).item()), 1)"
    model = loaded(write(tmp_path / "model.py", text))
    assert channels(model) == 6
    assert not any(weight.is_meta for weight in model.model.parameters())


def test_a_model_that_needs_values_in_forward_is_built_again(tmp_path: Path) -> None:
    text = NET.replace("return self.conv(x)", "return self.conv(x) if x.sum() > -1 else x")
    audit = audit_loaded(loaded(write(tmp_path / "model.py", text)), rules=())
    assert audit.model.traced_on == "real"


def test_a_file_finds_the_files_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "lazy.py", "def twice(x):\n    return x * 2")
    write(
        tmp_path / "layers.py",
        "class Twice(nn.Module):\n    def forward(self, x):\n"
        "        from lazy import twice\n        return twice(x)",
    )
    text = "def build():\n    from layers import Twice\n"
    text += "    return nn.Sequential(nn.Conv2d(3, 8, 1), Twice())"
    assert macs(loaded(write(tmp_path / "model.py", text))) == 3 * 8 * 224 * 224


def test_files_of_the_same_name_are_not_confused(tmp_path: Path) -> None:
    text = "from width import WIDTH\nfrom torch import nn\nnet = nn.Conv2d(3, WIDTH, 1)"
    files = []
    for width in (4, 5):
        write(tmp_path / str(width) / "width.py", f"WIDTH = {width}")
        files.append(write(tmp_path / str(width) / "model.py", text))
    assert [channels(loaded(file)) for file in (*files, files[0])] == [4, 5, 4]


def test_a_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    widths = [channels(loaded(write(file, f"net = nn.Conv2d(3, {n}, 1)"))) for n in (4, 5)]
    assert widths == [4, 5]


def test_a_module_of_a_package_may_import_relatively(tmp_path: Path) -> None:
    write(tmp_path / "pack" / "__init__.py", "")
    write(tmp_path / "pack" / "parts" / "__init__.py", "")
    write(tmp_path / "pack" / "width.py", "WIDTH = 6")
    file = write(tmp_path / "pack" / "parts" / "model.py", "from ..width import WIDTH\n"
                 "from torch import nn\nnet = nn.Conv2d(3, WIDTH, 1)")  # fmt: skip
    assert channels(loaded(file)) == 6


def test_an_import_path_is_looked_for_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "mine" / "__init__.py", "")
    write(tmp_path / "mine" / "models.py", NET)
    monkeypatch.chdir(tmp_path)
    assert channels(loaded("mine.models:Net", width=2)) == 16
    assert channels(loaded("mine.models")) == 8


def test_an_installed_package_is_imported() -> None:
    pytest.importorskip("torchvision")
    model = loaded("torchvision.models:shufflenet_v2_x1_0", num_classes=10)
    assert type(model.model).__name__ == "ShuffleNetV2"
    assert all(weight.is_meta for weight in model.model.parameters())


@pytest.mark.parametrize("text", [NET, "raise ValueError", "import nowhere", "def (:"])
def test_nothing_is_left_behind(tmp_path: Path, text: str) -> None:
    write(tmp_path / "beside.py", "")
    file = write(tmp_path / "model.py", "import sys\nimport beside\nsys.path.append('x')\n" + text)
    path, modules, random = sys.path.copy(), set(sys.modules), torch.get_rng_state()
    try:
        macs(loaded(file))
    except LoadError:
        assert text != NET
    assert sys.path == path
    assert not {"model", "beside"} & (set(sys.modules) - modules)
    assert torch.get_rng_state().equal(random)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["beside.py", "model.py"]


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (
            "class A(nn.Module):\n    pass\nclass B(nn.Module):\n    pass",
            r"several models \(A, B\)",
        ),
        ("a = nn.ReLU()\ndef b():\n    return nn.ReLU()", r"several models \(b, a\)"),
        ("def f(n) -> nn.Module:\n    return nn.ReLU()", "f needs --arg n=VALUE"),
        ("class A(nn.Module):\n    def __init__(self, n):\n        pass", "A needs --arg n=VALUE"),
        ("x = 1", "holds no model of its own"),
        ("def build():\n    return dict()", "returned a dict, which is no nn.Module"),
    ],
)
def test_a_file_without_exactly_one_model_is_refused(tmp_path: Path, held: str, said: str) -> None:
    with pytest.raises(LoadError, match=said):
        loaded(write(tmp_path / "model.py", held))


class Hostile:
    """A pickle of it would make a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.file,))


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    for new in (True, False):
        file = tmp_path / "model.pt"
        torch.save({"model": Hostile(touched)}, file, _use_new_zipfile_serialization=new)
        with pytest.raises(LoadError, match="loading it would run whatever code is in it"):
            loaded(file)
    assert not touched.exists()


@pytest.mark.parametrize("new", [True, False])
def test_weights_alone_are_recognised_by_their_content(tmp_path: Path, new: bool) -> None:
    file = tmp_path / "whatever.txt"
    state = nn.Conv2d(3, 4, 1).state_dict()
    torch.save({"epoch": 3, "model": state}, file, _use_new_zipfile_serialization=new)
    with pytest.raises(LoadError, match=r"whatever\.txt holds weights without a model"):
        loaded(file)


def test_a_pickled_module_is_told_from_weights(tmp_path: Path) -> None:
    torch.save(nn.Conv2d(3, 4, 1), tmp_path / "model.pt")
    with pytest.raises(LoadError, match=r"is a pickle of torch\.nn\.modules\.conv\.Conv2d"):
        loaded(tmp_path / "model.pt")
