"""Networks that people use: fixed, they give the same outputs and cost no more."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pytest
import torch
from torch import nn
from trained_networks import as_trained

from shufflenet_audit.fixing import Fixed, fix
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import CONVOLUTIONS, Kind
from shufflenet_audit.zoo import shufflenet_v1, shufflenet_v2

timm = pytest.importorskip("timm")
models = pytest.importorskip("torchvision").models

FULL: Final = bool(os.environ.get("EVERY_NETWORK"))
"""Set it to run all of them, which takes a quarter of an hour; else every sixth is run."""

TIMM: Final = (
    "repvgg_a0", "mobileone_s0", "fastvit_t8", "ghostnetv3_100", "efficientvit_m0",
    "mobilenetv3_small_100", "mobilenetv3_large_100", "mobilenetv2_100", "mobilenetv4_conv_small",
    "efficientnet_b0", "tf_efficientnet_lite0", "tf_efficientnetv2_b0", "mnasnet_100", "fbnetc_100",
    "spnasnet_100", "hardcorenas_a", "mixnet_s", "tinynet_e", "ghostnet_100", "ghostnetv2_100",
    "lcnet_050", "resnet18", "resnet50d", "resnetv2_50", "seresnet18", "skresnet18", "resnest14d",
    "resnext26ts", "res2net50_26w_4s", "regnetx_002", "regnety_002", "regnetz_b16", "dla34",
    "darknet53", "cspresnet50", "vovnet39a", "hrnet_w18_small", "densenet121", "dpn68",
    "xception41", "selecsls42", "hardcorenas_f", "convnext_atto", "convnextv2_atto",
    "edgenext_xx_small", "poolformer_s12",
    "starnet_s1", "rexnet_100", "nfnet_l0", "nf_resnet50", "eca_nfnet_l0", "gernet_s",
    "repghostnet_050", "rdnet_tiny", "inception_next_tiny", "mobilevit_xxs", "mobilevitv2_050",
)  # fmt: skip
SIZED: Final = (
    "levit_128s", "inception_v4", "efficientformer_l1", "efficientformerv2_s0",
    "vit_tiny_patch16_224", "deit_tiny_patch16_224", "swin_tiny_patch4_window7_224", "pit_ti_224",
    "crossvit_9_240", "coatnet_0_rw_224", "mvitv2_tiny", "cait_xxs24_224", "xcit_nano_12_p16_224",
    "gmixer_24_224", "mixer_s32_224", "resmlp_12_224", "tnt_s_patch16_224", "maxvit_pico_rw_256",
)  # fmt: skip
"""Networks that take images of their own size alone."""
TORCHVISION: Final = (
    "alexnet", "googlenet", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_x_400mf",
    "resnet18", "resnext50_32x4d", "shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "squeezenet1_1",
    "swin_t", "vgg11_bn", "efficientnet_b0", "convnext_tiny",
)  # fmt: skip
_IMAGE: Final = 64


def of_timm(name: str) -> Callable[[], tuple[nn.Module, int]]:
    def made() -> tuple[nn.Module, int]:
        model = timm.create_model(name)
        return model, model.default_cfg["input_size"][-1] if name in SIZED else _IMAGE

    return made


def of_torchvision(name: str) -> Callable[[], tuple[nn.Module, int]]:
    size = 224 if name == "swin_t" else _IMAGE
    return lambda: (models.get_model(name, weights=None), size)


NETWORKS: Final[Mapping[str, Callable[[], tuple[nn.Module, int]]]] = {
    **{f"timm {name}": of_timm(name) for name in (*TIMM, *SIZED)},
    **{f"torchvision {name}": of_torchvision(name) for name in TORCHVISION},
    "ShuffleNet V1": lambda: (shufflenet_v1.shufflenet_v1(), _IMAGE),
    "ShuffleNet V2": lambda: (shufflenet_v2.shufflenet_v2(), _IMAGE),
}


def chosen(names: Sequence[str]) -> Sequence[str]:
    return names if FULL else names[::6]


def of(name: str) -> tuple[nn.Module, Fixed]:
    torch.manual_seed(0)
    model, size = NETWORKS[name]()
    return model, fix(as_trained(model), torch.randn(1, 3, size, size))


def moved(graph: CostGraph) -> int:
    """Elements moved after fusion, but for biases: a folded batch norm leaves one behind."""
    layers = graph.of_kind(*CONVOLUTIONS, Kind.LINEAR)
    biases = sum(op.convolution.c_out for op in layers if op.convolution and op.elementwise)
    return graph.total.memory_access_fused - biases


@pytest.mark.parametrize("name", chosen(tuple(NETWORKS)))
def test_outputs_are_equal_and_nothing_costs_more(name: str) -> None:
    model, found = of(name)
    x = torch.randn(1 if found.fixed_batch else 2, *found.inputs[0].shape[1:])
    with torch.no_grad():
        expected = model(x)
        largest = expected.abs().max().item()
        torch.testing.assert_close(found.module(x), expected, rtol=0, atol=1e-4 * largest)
    assert found.after.total.macs <= found.before.total.macs
    assert found.after.total.launches <= found.before.total.launches
    assert moved(found.after) <= moved(found.before)
    assert not [each for each in found.refusals if each.reason.startswith("taken back")]


@pytest.mark.parametrize(
    "name", ["repvgg_a0", "mobileone_s0", "fastvit_t8", "ghostnetv3_100"][:: 1 if FULL else 2]
)
def test_merged_branches_cost_what_the_authors_own_merge_costs(name: str) -> None:
    """timm's `reparameterize_model` knows each of these architectures; the rewrites do not."""
    _, found = of(f"timm {name}")
    merged = timm.utils.reparameterize_model(timm.create_model(name).eval())
    oracle = fix(merged, found.inputs[0], rewrites=())
    assert found.after.total.macs == oracle.before.total.macs
    assert found.after.total.launches <= oracle.before.total.launches


def test_shufflenet_v2_has_no_shuffle_left() -> None:
    _, found = of("ShuffleNet V2")
    assert list(found.before.of_kind(Kind.SHUFFLE))
    assert not list(found.after.of_kind(Kind.SHUFFLE))


def test_shufflenet_v1_keeps_its_shuffles_between_filters_in_groups() -> None:
    _, found = of("ShuffleNet V1")
    kept = [each for each in found.refusals if each.rewrite == "relabelled-channels"]
    assert len(kept) == len(list(found.after.of_kind(Kind.SHUFFLE))) == 15
    assert all("grouped" in each.reason for each in kept)
