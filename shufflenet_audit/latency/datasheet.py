"""Devices of the paper, as their data sheets describe them. Nothing here was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shufflenet_audit.latency.device import ANY, Device, Rate

_MEMORY: Final = 0


def _device(  # noqa: PLR0913  (a data sheet has that many numbers)
    name: str, source: str, *, macs: float, bandwidth: float, per_op: float
) -> Device:
    rate = Rate(per_op, 1 / macs, 1 / bandwidth, 1 / bandwidth)
    views = Rate()
    return Device(
        name=name,
        source=source,
        measured=False,
        threads=1,
        macs_per_second=macs,
        bandwidth=((_MEMORY, bandwidth),),
        rates={ANY: rate, "view": views},
        fused=True,
    )


DEVICES: Final[Mapping[str, Device]] = {
    device.name: device
    for device in (
        _device(
            "gtx-1080ti",
            "NVIDIA, GeForce GTX 1080 Ti: 3584 cores at 1582 MHz, one multiply–add each per cycle;"
            " 11 Gbps on 352 bits = 484 GB/s. 5 µs per kernel are assumed: no data sheet says it",
            macs=3584 * 1.582e9,
            bandwidth=484e9,
            per_op=5e-6,
        ),
        _device(
            "snapdragon-810",
            "Qualcomm, Snapdragon 810 product brief: Cortex-A57 at 2.0 GHz, LPDDR4 at 1600 MHz on"
            " 2 × 32 bits = 25.6 GB/s; Arm, Cortex-A57 software optimization guide: four"
            " multiply–adds of float32 per cycle. One core. No fixed cost per op is known",
            macs=4 * 2.0e9,
            bandwidth=25.6e9,
            per_op=0.0,
        ),
    )
}
"""By name. `seconds` of an op on them is the sum of its arithmetic and its memory access."""
