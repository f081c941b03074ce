"""
The devices of the two ShuffleNet papers: the speeds of V2's Tables 1 to 4, and of V1's Table 8.

The networks of Tables 1 to 4 are built as `shufflenet_audit.latency.paper` builds them; those of
V1's Table 8 are reference networks. V1 was timed on a Snapdragon 820, V2 on an 810 and a
GTX 1080Ti: three devices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Final

import torch
from torch import nn

from shufflenet_audit import trace
from shufflenet_audit.latency.paper.experiments import EXPERIMENTS, SIZE, experiment
from shufflenet_audit.latency.predicting.features import Numbers, features
from shufflenet_audit.zoo import resolve

TABLES_SOURCE: Final = (
    "Tables 1 to 4 of ShuffleNet V2 (https://arxiv.org/abs/1807.11164), with the paper's runtimes"
    " of 2017"
)
TABLE_8_SOURCE: Final = (
    "Table 8 of ShuffleNet V1 (https://arxiv.org/abs/1707.01083), with the paper's runtime of 2017"
)
_TABLE_8: Final = {
    "shufflenet_v1_0.5x": (15.2, 87.4, 260.1),
    "shufflenet_v1": (37.8, 222.2, 684.5),
    "shufflenet_v1_2x": (108.8, 617.0, 1857.6),
    "alexnet": (184.0, None, None),  # its linear layers fit an input of 224 alone
    "mobilenet_v1": (110.0, 612.0, 1879.2),
}
"""Milliseconds at 224×224, 480×640 and 720×1280."""
_SIZES: Final = ((224, 224), (480, 640), (720, 1280))


@dataclass(frozen=True, slots=True)
class Speed:
    """The time of a network on a device of the paper."""

    platform: str
    network: str
    amounts: Numbers
    milliseconds: float


def speeds() -> Iterator[Speed]:
    """All that the tables have."""
    for name in EXPERIMENTS:
        for case in experiment(name).cases:
            x = torch.zeros(1, case.channels, SIZE, SIZE, device="meta")
            with torch.device("meta"):
                model = case.build().eval()
            amounts = features(trace(model, x))
            platform = case.column.split()[0]
            label = f"{name}, {case.column}, {case.label}"
            yield Speed(platform, label, amounts, 1e3 / case.speed)


def phone_speeds() -> Iterator[Speed]:
    """The times of V1's Table 8, on another phone."""
    for name, times in _TABLE_8.items():
        for (height, width), milliseconds in zip(_SIZES, times, strict=True):
            if milliseconds is not None:
                x = torch.zeros(1, 3, height, width, device="meta")
                amounts = features(trace(_built(name), x))
                yield Speed("820", f"{name} at {height}×{width}", amounts, milliseconds)


def _built(name: str) -> nn.Module:
    """A reference network without its weights."""
    found = resolve(name)
    assert found is not None
    network, arguments = found
    module, _, factory = network.factory.partition(":")
    with torch.device("meta"):
        model: nn.Module = getattr(import_module(module), factory)(**arguments)
    return model.eval()
