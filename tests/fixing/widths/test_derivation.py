"""Shapes in terms of widths: they say what the network is, and its multiply–adds."""

from __future__ import annotations

from math import prod

import pytest
import torch
from small_networks import (
    Frequencies,
    Gate,
    Halves,
    Parallel,
    Residual,
    grouped_block,
    images,
    network,
)
from torch import nn

from shufflenet_audit.fixing.widths.derivation import Derivation, derivation
from shufflenet_audit.fixing.widths.edits import Edits
from shufflenet_audit.fixing.widths.recorded import Recorded, nodes_in, recorded
from shufflenet_audit.tracing.trace import traced
from shufflenet_audit.zoo.layers import pointwise

TORCHVISION = (
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "googlenet",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "regnet_y_400mf",
    "resnext50_32x4d",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
    "swin_t",
    "vgg11",
    "vit_b_32",
)
TIMM = (
    "cspresnet50",
    "dpn68",
    "eca_resnet33ts",
    "edgenext_xx_small",
    "fasternet_t0",
    "ghostnet_100",
    "hrnet_w18_small",
    "levit_128s",
    "mixer_s16_224",
    "mixnet_s",
    "mobileone_s0",
    "mobilevit_xs",
    "nf_regnet_b0",
    "poolformer_s12",
    "res2net50_26w_4s",
    "resnest50d",
    "skresnet18",
)


def derived(
    model: nn.Module, x: torch.Tensor, edits: Edits | None = None
) -> tuple[Recorded, Derivation]:
    network = recorded(model, (x,), {}, traced(model, (x,), {}))
    return network, derivation(network, edits or Edits())


def assert_products_are_the_costs(network: Recorded, found: Derivation) -> None:
    start = found.sizes.start
    products = {
        name: sum(prod(start(form) for form in product) for product in macs) * network.units
        for name, macs in found.macs.items()
    }
    for op in network.costs.known:
        assert products.get(op.name, 0) == op.macs, op.name


def assert_shapes_are_the_recorded(network: Recorded, found: Derivation) -> None:
    for name, made in found.shapes.items():
        recorded_shapes = network.shapes[name]
        for forms, sizes in zip(made, recorded_shapes, strict=True):
            assert tuple(found.sizes.start(form) for form in forms) == sizes, name
            resolved = (found.sizes.resolved(form) for form in forms)
            assert tuple(map(found.sizes.start, resolved)) == sizes, name


def torchvision_network(name: str) -> nn.Module:
    models = pytest.importorskip("torchvision.models")
    with torch.random.fork_rng(devices=()):
        model: nn.Module = models.get_model(name, weights=None)
    return model


@pytest.mark.parametrize("name", TORCHVISION)
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_torchvision_networks_have_the_multiply_adds_that_were_counted(name: str) -> None:
    network, found = derived(torchvision_network(name), images((1, 3, 224, 224)))
    assert_products_are_the_costs(network, found)
    assert_shapes_are_the_recorded(network, found)
    assert not network.fixed_batch


@pytest.mark.parametrize("name", TIMM)
def test_timm_networks_have_the_multiply_adds_that_were_counted(name: str) -> None:
    timm = pytest.importorskip("timm")
    network, found = derived(timm.create_model(name), images((1, 3, 224, 224)))
    assert_products_are_the_costs(network, found)
    assert_shapes_are_the_recorded(network, found)
    assert not network.fixed_batch


def widths(found: Derivation, op: str) -> tuple[object, object]:
    before, after = found.widths[op]
    return found.sizes.resolved(before), found.sizes.resolved(after)


def test_a_residual_stream_has_one_width() -> None:
    block = Residual(pointwise(16, 8), nn.ReLU(), pointwise(8, 16))
    _, found = derived(network(block, c_in=16, c_out=16), images())
    _, stem = widths(found, "convolution")
    read, inner = widths(found, "convolution_1")
    _, made = widths(found, "convolution_2")
    assert stem == read == made
    assert inner != stem


def test_a_gate_ties_its_output_to_what_it_scales_and_leaves_its_inside_free() -> None:
    _, found = derived(network(Gate(16, 4), c_in=16, c_out=16), images())
    _, stem = widths(found, "convolution")
    read, squeezed = widths(found, "convolution_1")
    _, made = widths(found, "convolution_2")
    assert stem == read == made
    assert squeezed != stem


def test_concatenated_widths_add_up() -> None:
    body = Parallel(pointwise(8, 12), pointwise(8, 20))
    _, found = derived(network(body, c_in=8, c_out=32), images())
    joined, _ = widths(found, "addmm")
    parts = [found.widths[name][1] for name in ("convolution_1", "convolution_2")]
    assert joined == found.sizes.resolved(parts[0] + parts[1])


def test_halves_are_equal_and_whole() -> None:
    _, found = derived(network(Halves(16), c_in=16, c_out=16), images())
    _, stem = found.widths["convolution"]
    half, _ = found.widths["convolution_1"]
    assert found.sizes.resolved(half * 2) == found.sizes.resolved(stem)


def test_the_output_of_the_network_is_fixed() -> None:
    _, found = derived(network(c_in=8, c_out=8), images())
    assert found.sizes.is_fixed(found.widths["addmm"][1])


def test_an_op_that_is_not_understood_is_named_and_pins_what_it_reads() -> None:
    body = (pointwise(8, 16), Frequencies(), pointwise(16, 8))
    network_, found = derived(network(*body, c_in=8, c_out=8), images())
    (pin, *_) = found.pins
    assert "fft" in pin.target
    assert pin.line
    assert pin.line.file.endswith("small_networks.py")
    assert found.sizes.is_fixed(found.widths["convolution_1"][1])
    assert not found.sizes.is_fixed(found.widths["convolution"][1])
    assert_products_are_the_costs(network_, found)


def test_a_table_that_is_looked_up_in_keeps_its_rows() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(11, 8)
            self.head = nn.Linear(8, 3)

        def forward(self, words: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = self.head(self.table(words))
            return y

    _, found = derived(Model(), torch.zeros(2, 5, dtype=torch.long))
    (rows, width) = found.shapes["table_weight"][0]
    assert found.sizes.is_fixed(rows)
    assert not found.sizes.is_fixed(width)


def test_group_convolutions_that_become_dense_read_all_channels() -> None:
    _, found = derived(
        network(grouped_block(24, 3), c_in=24, c_out=24),
        images(),
        Edits(groups={"convolution_1": 1}),
    )
    (layer,) = (node for node in found.nodes if node.name == "convolution_1")
    _, weight, *_ = nodes_in(layer.args)
    filters = found.shapes[weight.name][0]
    assert found.sizes.resolved(filters[1]) == widths(found, "convolution_1")[0]
