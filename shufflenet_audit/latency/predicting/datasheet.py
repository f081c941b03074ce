"""Devices of the paper, as their data sheets describe them. Nothing here was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shufflenet_audit.latency.predicting.device import (
    ANY,
    Device,
    Rate,
)

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
            "3584 cores, each one multiply–add per cycle at 1582 MHz, as deviceQuery tells:"
            " https://gist.github.com/marnovo/7e9f0b36b6e199ccf08f3c8f3cefc4a9; 484 GB/s:"
            " https://www.vortez.net/articles_pages/nvidia_gtx_1080_ti_review,2.html; 4 µs to start"
            " a kernel, as quoted for CUDA in general, not for this card:"
            " https://forums.developer.nvidia.com/t/cost-of-launching-a-kernel-function/18347/17",
            macs=3584 * 1.582e9,
            bandwidth=484e9,
            per_op=4e-6,
        ),
        _device(
            "snapdragon-810",
            "one Cortex-A57 at 1958 MHz, LPDDR4 at 1555 MHz on 2 × 32 bits = 24.8 GB/s:"
            " http://www.anandtech.com/show/8933/snapdragon-810-performance-preview; NEON takes"
            " four floats at a time: http://infocenter.arm.com/help/topic/com.arm.doc.dui0472j/"
            "chr1359124205263.html; that it does so in every cycle is assumed, and that one core"
            " has all of the memory's bandwidth; no fixed cost per op is known",
            macs=4 * 1.958e9,
            bandwidth=24.8e9,
            per_op=0.0,
        ),
    )
}
"""By name. `seconds` of an op on them is the sum of its arithmetic and its memory access."""
