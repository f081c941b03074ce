"""Example inputs: spelt by the user, proposed by a file, or derived from the model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from shufflenet_audit.errors import InputError, LoadError
from shufflenet_audit.loading import (
    Example,
    Loaded,
    Request,
    example,
    load,
)
from shufflenet_audit.loading.inputs.example import inputs
from shufflenet_audit.loading.inputs.inferred import derived
from shufflenet_audit.loading.inputs.input_spec import DTYPES

SPELT = [
    ("1x3x224x224", Example((1, 3, 224, 224))),
    ("1,3,8,8", Example((1, 3, 8, 8))),
    ("7", Example((7,))),
    ("int64[1,128]", Example((1, 128), "int64")),
    ("int64[1x128]", Example((1, 128), "int64")),
    ("float16[1, 3, 8, 8]", Example((1, 3, 8, 8), "float16")),
    ("[2,3]", Example((2, 3))),
    ("bool[]", Example((), "bool")),
    ("input_ids=int64[1,128]", Example((1, 128), "int64", "input_ids")),
    ("mask=1x8", Example((1, 8), "float32", "mask")),
]

MISSPELT = {
    "": "no shape",
    "1x3xx": "'' is no size",
    "1xthree": "'three' is no size",
    "1x-3": "'-3' is no size",
    "0x3": "each size must be from 1",
    "1x99999999999": "'99999999999' is no size",
    "1x9999999999": "each size must be from 1",
    "int64[1,128": "no shape",
    "int6[1,128]": "did you mean int64?",
    "picture[1,128]": "there are float32, ",
    "a b=1x3": "'a b' cannot be the name",
    "=1x3": "cannot be the name",
}


@pytest.mark.parametrize(("text", "expected"), SPELT, ids=[text for text, _ in SPELT])
def test_an_input_is_read_as_it_is_spelt(text: str, expected: Example) -> None:
    assert example(text) == expected


@pytest.mark.parametrize(("text", "said"), MISSPELT.items(), ids=repr)
def test_a_misspelt_input_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=r"^input '.*': ") as caught:
        example(text)
    assert said in str(caught.value)


@given(
    st.builds(
        Example,
        st.lists(st.integers(1, 2**31), max_size=5).map(tuple),
        st.sampled_from(DTYPES),
        st.sampled_from(("", "x", "input_ids")),
    )
)
def test_an_input_is_shown_as_it_can_be_typed(spelt: Example) -> None:
    assert example(str(spelt)) == spelt


class TwoInputs(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        return x if mask is None else x * mask


class NoInput(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2)

    def forward(self) -> torch.Tensor:
        return self.linear.weight.relu()


DERIVED = [
    (nn.Sequential(nn.ReLU(), nn.Conv2d(5, 8, 1), nn.Linear(3, 3)), "1x5x224x224"),
    (nn.Conv1d(4, 8, 1), "1x4x1024"),
    (nn.Conv3d(3, 8, 1), "1x3x16x224x224"),
    (nn.Conv2d(3, 8, 1).half(), "float16[1x3x224x224]"),
    (nn.ConvTranspose2d(100, 8, 4), "1x100x1x1"),
    (nn.Sequential(nn.Linear(20, 3)), "1x20"),
    (nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 4)), "int64[1x128]"),
    (nn.TransformerEncoderLayer(16, 2), "1x128x16"),
    (nn.GRU(6, 7), "1x128x6"),
]


@pytest.mark.parametrize(("model", "expected"), DERIVED, ids=[shape for _, shape in DERIVED])
def test_an_input_is_derived_from_the_first_layer(model: nn.Module, expected: str) -> None:
    found = derived(model)
    assert [str(each) for each in found.examples] == [expected]
    assert "its first layer" in found.origin


def test_a_derived_input_is_an_assumption_and_has_no_values() -> None:
    given = inputs(nn.Sequential(nn.Linear(20, 3)), None)
    (x,) = given.args
    assert x.is_meta
    assert given.assumption == (
        "the input is assumed to be 1x20, from its first layer (0, a Linear)"
    )


def test_a_model_without_input_gets_none() -> None:
    given = inputs(NoInput(), None)
    assert (given.args, dict(given.kwargs), given.assumption) == ((), {}, "")


def test_a_model_that_tells_nothing_needs_an_input() -> None:
    with pytest.raises(InputError, match=r"no input can be derived from ReLU: .*--input"):
        inputs(nn.ReLU(), None)


def test_inputs_go_to_arguments_in_order_and_by_name() -> None:
    given = inputs(TwoInputs(), [example("mask=bool[1,2]"), example("1x2")])
    assert [tuple(x.shape) for x in given.args] == [(1, 2)]
    assert {name: x.dtype for name, x in given.kwargs.items()} == {"mask": torch.bool}


MISFITS = [
    (["1x2"], r"TwoInputs\.forward takes x, mask: missing a required argument: 'mask'"),
    (["1x2", "1x2", "1x2"], "too many positional arguments"),
    (["x=1x2", "masc=1x2"], "has no argument 'masc': it takes x, mask"),
    (["x=1x2", "x=1x2"], "'x' is given twice"),
    (["1x2", "x=1x2"], "multiple values for argument 'x'"),
    (["x=" + "x".join(["2147483648"] * 4), "mask=1"], "too large for any tensor"),
]


@pytest.mark.parametrize(("texts", "said"), MISFITS, ids=[said for _, said in MISFITS])
def test_inputs_that_forward_does_not_take_are_refused(texts: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        inputs(TwoInputs(), [example(text) for text in texts])


def loaded(request: Request) -> Loaded:
    found = load(request)
    assert isinstance(found, Loaded)
    return found


def written(folder: Path, returned: str) -> Request:
    file = folder / "proposing.py"
    file.write_text(
        "import torch\nfrom torch import nn\nmodel = nn.Conv2d(3, 4, 1)\n"
        f"def example_inputs():\n    return {returned}\n"
    )
    return Request(str(file))


@pytest.mark.parametrize(
    ("returned", "args", "names"),
    [
        ("torch.zeros(1, 3, 5, 5)", 1, []),
        ("(torch.zeros(1, 3, 5, 5),)", 1, []),
        ("[torch.zeros(1, 3, 5, 5)]", 1, []),
        ("{'input': torch.zeros(1, 3, 5, 5)}", 0, ["input"]),
    ],
)
def test_a_file_may_propose_inputs(
    tmp_path: Path, returned: str, args: int, names: list[str]
) -> None:
    found = loaded(written(tmp_path, returned))
    assert (len(found.args), list(found.kwargs), found.assumptions) == (args, names, ())


def test_inputs_on_the_command_line_come_before_those_of_the_file(tmp_path: Path) -> None:
    request = written(tmp_path, "torch.zeros(1, 3, 5, 5)")
    found = loaded(Request(request.model, inputs=(example("1x3x7x7"),)))
    assert found.args[0].shape == (1, 3, 7, 7)


def test_proposed_inputs_are_the_same_each_time(tmp_path: Path) -> None:
    request = written(tmp_path, "torch.rand(1, 3, 5, 5)")
    assert loaded(request).args[0].equal(loaded(request).args[0])


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("'1x3'", "example_inputs returned str: return a tensor, tuple or dict"),
        ("1 / 0", r"example_inputs raised ZeroDivisionError at .*proposing\.py:5"),
        ("(torch.zeros(1), 2)", "too many positional arguments"),
    ],
)
def test_a_wrong_proposal_is_refused(tmp_path: Path, returned: str, said: str) -> None:
    with pytest.raises((InputError, LoadError), match=said):
        loaded(written(tmp_path, returned))


def test_torchvision_detectors_get_a_list_of_images() -> None:
    detection = pytest.importorskip("torchvision.models.detection")
    with torch.device("meta"):
        model = detection.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None)
    given = inputs(model, None)
    assert [tuple(image.shape) for image in given.args[0]] == [(3, 800, 800)]


def test_timm_says_what_its_models_take() -> None:
    timm = pytest.importorskip("timm")
    with torch.device("meta"):
        found = derived(timm.create_model("test_resnet"))
    assert found.origin == "its pretrained_cfg['input_size']"
    assert [str(each) for each in found.examples] == ["1x3x160x160"]


TRANSFORMERS = [
    ("Bert", "BertModel", ["input_ids=int64[1x128]"]),
    ("T5", "T5Model", ["input_ids=int64[1x128]", "decoder_input_ids=int64[1x128]"]),
    ("ViT", "ViTModel", ["pixel_values=1x3x224x224"]),
    ("CLIP", "CLIPModel", ["input_ids=int64[1x77]", "pixel_values=1x3x224x224"]),
    (
        "Whisper",
        "WhisperModel",
        ["input_features=1x80x3000", "decoder_input_ids=int64[1x128]"],
    ),
]


@pytest.mark.parametrize(("config", "model", "expected"), TRANSFORMERS, ids=str)
def test_transformers_say_what_they_take(config: str, model: str, expected: list[str]) -> None:
    transformers = pytest.importorskip("transformers")
    with torch.device("meta"):
        built = getattr(transformers, model)(getattr(transformers, f"{config}Config")())
    assert [str(each) for each in derived(built).examples] == expected
