"""The reference networks, built exactly as their papers say: a list, read without torch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Network:
    """What is known about a reference network before it is built."""

    name: str
    """Its name, as in `shufflenet_v2`."""
    factory: str
    """The function that builds it, as `module:function`."""
    summary: str
    """What it is, in one line."""
    input_shape: tuple[int, ...] = (1, 3, 224, 224)
    """Shape of its example input."""
    arguments: tuple[str, ...] = ()
    """Arguments of the factory that a name can end in, as in `shufflenet_v1_0.5x_g8`."""
    variants: tuple[str, ...] = ()
    """Examples of such names."""


NETWORKS: Final[Mapping[str, Network]] = {
    network.name: network
    for network in (
        Network(
            name="shufflenet_v1",
            factory="shufflenet_audit.zoo.shufflenet_v1:shufflenet_v1",
            summary="ShuffleNet V1: group convolutions and channel shuffle; widths 0.25x to 2x",
            arguments=("width", "groups"),
            variants=(
                "shufflenet_v1_0.25x",
                "shufflenet_v1_0.5x",
                "shufflenet_v1_1.5x",
                "shufflenet_v1_2x",
                "shufflenet_v1_g1",
                "shufflenet_v1_g2",
                "shufflenet_v1_g4",
                "shufflenet_v1_g8",
                "shufflenet_v1_0.5x_g8",
            ),
        ),
        Network(
            name="shufflenet_v2",
            factory="shufflenet_audit.zoo.shufflenet_v2:shufflenet_v2",
            summary="ShuffleNet V2: channel split and shuffle, all four guidelines kept",
            arguments=("width",),
            variants=("shufflenet_v2_0.5x", "shufflenet_v2_1.5x", "shufflenet_v2_2x"),
        ),
        Network(
            name="shufflenet_v2_50",
            factory="shufflenet_audit.zoo.shufflenet_v2_50:shufflenet_v2_50",
            summary="ShuffleNet V2 as deep as ResNet-50",
        ),
        Network(
            name="mobilenet_v1",
            factory="shufflenet_audit.zoo.mobilenet_v1:mobilenet_v1",
            summary="MobileNet V1: depthwise separable convolutions in a row",
            arguments=("width",),
            variants=("mobilenet_v1_0.25x", "mobilenet_v1_0.5x", "mobilenet_v1_0.75x"),
        ),
        Network(
            name="mobilenet_v2",
            factory="shufflenet_audit.zoo.mobilenet_v2:mobilenet_v2",
            summary="MobileNet V2: inverted residual blocks; any width",
            arguments=("width",),
            variants=("mobilenet_v2_0.5x", "mobilenet_v2_0.75x", "mobilenet_v2_1.4x"),
        ),
        Network(
            name="xception",
            factory="shufflenet_audit.zoo.xception:xception",
            summary="Xception: separable convolutions with shortcuts, on images of 299×299",
            input_shape=(1, 3, 299, 299),
        ),
        Network(
            name="resnet_50",
            factory="shufflenet_audit.zoo.resnet_50:resnet_50",
            summary="ResNet-50 as first published: stride on the first 1×1 convolution",
        ),
        Network(
            name="resnext_50",
            factory="shufflenet_audit.zoo.resnext_50:resnext_50",
            summary="ResNeXt-50 (32×4d): ResNet-50 with group convolutions",
        ),
        Network(
            name="alexnet",
            factory="shufflenet_audit.zoo.alexnet:alexnet",
            summary="AlexNet in one tower: the paper's yardstick for time on ARM",
        ),
        Network(
            name="nasnet_a_cell",
            factory="shufflenet_audit.zoo.nasnet_a_cell:nasnet_a_cell",
            summary="One normal cell of NASNet-A: thirteen operations in a block",
            input_shape=(1, 3, 56, 56),
        ),
    )
}


def resolve(name: str) -> tuple[Network, dict[str, object]] | None:
    """The network of this name and its arguments: `_0.5x` is a width, `_g8` after it groups."""
    for network in NETWORKS.values():
        arguments = _arguments(network, name)
        if arguments is not None:
            return network, arguments
    return None


def names() -> tuple[str, ...]:
    """Names of all networks, each followed by examples of its variants."""
    return tuple(
        name for network in NETWORKS.values() for name in (network.name, *network.variants)
    )


def _arguments(network: Network, name: str) -> dict[str, object] | None:
    """The arguments in a name of this network; None if it is the name of another."""
    suffixes = "".join(f"(?:{_SUFFIXES[argument]})?" for argument in network.arguments)
    match = re.fullmatch(re.escape(network.name) + suffixes, name)
    if match is None:
        return None
    return {key: _TYPES[key](text) for key, text in match.groupdict().items() if text}


_SUFFIXES: Final = {"width": r"_(?P<width>[0-9]+(?:\.[0-9]+)?)x", "groups": r"_g(?P<groups>[0-9]+)"}
_TYPES: Final[Mapping[str, type[float] | type[int]]] = {"width": float, "groups": int}
