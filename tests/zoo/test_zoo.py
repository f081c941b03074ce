"""The reference networks, against counts that were made without this project."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest
import torch
from torch import nn

from shufflenet_audit.zoo import NETWORKS, names, resolve
from shufflenet_audit.zoo.layers import ChannelShuffle
from shufflenet_audit.zoo.nasnet_a_cell import nasnet_a_cell

# How the CSV names the networks that are built here.
NAMES: Final = {
    r"ShuffleNetV1 (\S+) g=(\d).*": r"shufflenet_v1_\1_g\2",
    r"ShuffleNetV2 (\S+)": r"shufflenet_v2_\1",
    r"ShuffleNetV2-50": r"shufflenet_v2_50",
    r"MobileNetV1 (\S+)": r"mobilenet_v1_\1x",
    r"mobilenet_v2": r"mobilenet_v2",
    r"mobilenet_v2 width_mult=(\S+)": r"mobilenet_v2_\1x",
    r"alexnet": r"alexnet",
    r"resnet50 pytorchcv": r"resnet_50",
}
# Not built: torchvision has another unit in ShuffleNet V2, and the stride of ResNet-50 elsewhere.
TORCHVISION: Final = r"shufflenet_v2_x.*|resnet50 torchvision"


def rows() -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of the CSV by name; two are called resnet50, so their origin is added."""
    with (Path(__file__).parents[1] / "data" / "reference_counts.csv").open(
        encoding="utf-8"
    ) as lines:
        for row in csv.DictReader(lines):
            origin, *_ = row["construction"].split()
            name = row["network"]
            yield (f"{name} {origin}" if name == "resnet50" else name), row


def zoo_name(row: str) -> str | None:
    """The name that the network of a row has here, if it is built."""
    matches = ((re.fullmatch(pattern, row), name) for pattern, name in NAMES.items())
    return next((match.expand(name) for match, name in matches if match), None)


ROWS: Final = dict(rows())
BUILT: Final = {row: name for row in ROWS if (name := zoo_name(row))}


def built(name: str, **more: int) -> tuple[nn.Module, torch.Tensor]:
    """The network of this name and an input for it, on the meta device."""
    resolved = resolve(name)
    assert resolved is not None
    network, arguments = resolved
    module, function = network.factory.split(":")
    with torch.device("meta"):
        model: nn.Module = getattr(import_module(module), function)(**arguments, **more)
        return model.eval(), torch.zeros(network.input_shape)


def counts(name: str) -> Counter[str]:
    """The counts of a network, by column of the CSV: a hook counts where there is a product."""
    model, x = built(name)
    counts = Counter(params=sum(parameter.numel() for parameter in model.parameters()))

    def count(layer: nn.Conv2d | nn.Linear, _: object, output: torch.Tensor) -> None:
        macs = output.numel() * layer.weight[0].numel()
        counts.update({column(layer): macs, "macs_conv_plus_fc": macs})

    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(count)
    with torch.no_grad():
        model(x)
    return counts


def column(layer: nn.Conv2d | nn.Linear) -> str:
    """Dense convolutions have one group, depthwise ones one per input channel."""
    match layer:
        case nn.Linear():
            return "macs_fc"
        case nn.Conv2d(groups=1):
            return "macs_dense_conv"
        case _:
            depthwise = layer.groups == layer.in_channels
            return "macs_depthwise_conv" if depthwise else "macs_group_conv"


@pytest.mark.parametrize("row", BUILT)
def test_counts_agree_with_the_reference_to_the_last_digit(row: str) -> None:
    counted = counts(BUILT[row])
    kinds = ("dense_conv", "group_conv", "depthwise_conv", "fc", "conv_plus_fc")
    columns = ("params", *(f"macs_{kind}" for kind in kinds))
    assert {key: counted[key] for key in columns} == {key: int(ROWS[row][key]) for key in columns}


def test_every_row_of_the_reference_is_built_or_left_out_on_purpose() -> None:
    left_out = set(ROWS) - set(BUILT)
    assert len(BUILT) == 28
    assert all(re.fullmatch(TORCHVISION, name) for name in left_out)


@pytest.mark.parametrize(
    ("name", "macs", "params"),
    [("xception", 8.4e9, 22.9e6), ("resnext_50", 4.2e9, 25.0e6), ("alexnet", 0.72e9, 61e6)],
)
def test_published_figures_are_met_to_two_percent(name: str, macs: float, params: float) -> None:
    counted = counts(name)
    assert counted["macs_conv_plus_fc"] == pytest.approx(macs, rel=0.02)
    assert counted["params"] == pytest.approx(params, rel=0.02)


def test_a_quarter_of_shufflenet_v1_has_thirteen_million() -> None:
    assert counts("shufflenet_v1_0.25x")["macs_conv_plus_fc"] == pytest.approx(13.3e6, rel=0.01)


@pytest.mark.parametrize("name", names())
def test_every_listed_name_builds_a_network_with_a_score_per_class(name: str) -> None:
    model, x = built(name, num_classes=10)
    with torch.no_grad():
        assert model(x).shape == (1, 10)


@pytest.mark.parametrize(
    ("name", "network", "arguments"),
    [
        ("shufflenet_v1_g8", "shufflenet_v1", {"groups": 8}),
        ("shufflenet_v1_0.5x_g8", "shufflenet_v1", {"width": 0.5, "groups": 8}),
        ("shufflenet_v2_2x", "shufflenet_v2", {"width": 2.0}),
        ("shufflenet_v2_50", "shufflenet_v2_50", {}),
    ],
)
def test_a_name_says_the_network_and_its_arguments(
    name: str, network: str, arguments: dict[str, object]
) -> None:
    assert resolve(name) == (NETWORKS[network], arguments)


@pytest.mark.parametrize(
    "name",
    [
        "shufflenet_v2_g3",
        "shufflenet_v2_50_2x",
        "shufflenet_v1_1.x",
        "shufflenet_v1_1x_2x",
        "shufflenet_v1_0.5x_g8\n",
        "my_shufflenet_v1",
    ],
)
def test_a_name_with_a_suffix_that_is_no_argument_is_unknown(name: str) -> None:
    assert resolve(name) is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("shufflenet_v1_g5", "shufflenet_v1 has no groups=5, only 1, 2, 3, 4, 8"),
        ("shufflenet_v1_3x", "shufflenet_v1 has no width=3.0, only 0.25, 0.5, 1, 1.5, 2"),
        ("shufflenet_v1_0.5x_g4", "shufflenet_v1_0.5x has no groups=4, only 1, 3, 8"),
        ("shufflenet_v2_0.7x", "shufflenet_v2 has no width=0.7, only 0.5, 1, 1.5, 2"),
        ("mobilenet_v1_1.4x", "mobilenet_v1 has no width=1.4, only 0.25, 0.5, 0.75, 1"),
        ("mobilenet_v2_0x", "mobilenet_v2 has no width=0.0, only numbers above 0"),
    ],
)
def test_an_undefined_argument_is_refused_with_those_that_are(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        built(name)


def test_a_cell_has_channels() -> None:
    with pytest.raises(ValueError, match="nasnet_a_cell has no channels=0, only 1 and above"):
        nasnet_a_cell(channels=0)


def test_the_zoo_is_listed_without_torch() -> None:
    code = "import sys, shufflenet_audit.zoo as zoo; zoo.names(); print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_the_shuffle_deals_each_group_out_to_all() -> None:
    x = torch.arange(12).reshape(2, 6, 1, 1)
    assert ChannelShuffle(2)(x).flatten().tolist() == [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]


def test_a_cell_of_nasnet_a_has_thirteen_operations() -> None:
    kinds = Counter(type(layer).__name__ for layer in nasnet_a_cell().modules())
    depthwise = counts("nasnet_a_cell")["macs_depthwise_conv"]
    assert kinds["AvgPool2d"] == 3
    assert kinds["Conv2d"] == 1 + 2 * 10
    assert depthwise == 28 * 28 * 44 * (6 * 9 + 4 * 25)
