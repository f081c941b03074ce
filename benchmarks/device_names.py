"""Readable names for the devices of the published table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from published_table import Run

_NAMES: Final = (
    (r"Jetson (AGX Orin|Orin Nano|Nano|TX2 NX|AGX Xavier)", r"jetson-\1"),
    (r"Snapdragon 810", "snapdragon-810-ncnn"),  # its data sheet has the plain name
    (r"Snapdragon (X Elite|8 Gen 2|[0-9]{3}[G+]?)", r"snapdragon-\1"),
    (r"Overclock.*VideoCore", "raspberry-pi-5-overclocked"),
    (r"Raspberry Pi (Zero 2 W|3 Model B\+|4|5)", r"raspberry-pi-\1"),
    (r"Station-M3", "station-m3-rk3588s"),
    (r"Station P2", "station-p2-rk3568"),
    (r"Rock3A", "rock-3a-rk3568"),
    (r"Station-M2", "station-m2-rk3566"),
    (r"(Quad Core A76.*)?OrangePi5 Plus", "orange-pi-5-plus"),
    (r"OrangePi5", "orange-pi-5"),
    (r"OrangePi4 LTS", "orange-pi-4-lts"),
    (r"OrangePicm4", "orange-pi-cm4"),
    (r"OrangePi Zero 2", "orange-pi-zero-2"),
    (r"Rockchip RK3588 \(Quad", "rk3588-2024"),
    (r"(RK3588|RK3399|RK3288)", r"\1"),
    (r"(Kirin 970|Dimensity 9300|Hi3519V101)", r"\1"),
    (r"(Banana Pi M2 Zero 2|Radxa Orion O6|Radxa Zero 3W|Khadas VIM3|RDK X3|NanoPi R2S|EAIDK 310)",
     r"\1"),
    (r"(Avaota Aim T527|RemiPi|VisionFive2|TH1520|SG2000|T40XP|AX620A|AX630C|MUSE Pi Pro)", r"\1"),
    (r"(Loongson [0-9A-Z]+|PhytiumPi|Sunway [A-Z0-9]+|Arduino UNO Q|Xeon Phi 3120A)", r"\1"),
    (r"Phytium (FT-2000/4|FT-2000\+)", r"phytium-\1"),
    (r"(Kunpeng 920 [0-9K]+)", r"\1"),
    (r"(Atom x5-Z8350|Celeron N5105|Celeron M 420|Amlogic S805|iPhone 5S|i\.MX7)", r"\1"),
    (r"(Z7-Lite 7020|c5\.4xlarge|EPYC 7742|UHD Graphics 770|i7-13700K)", r"\1"),
    (r"Ryzen (Threadripper 3970X|Embedded V1605B|5700g|9 5950X)", r"ryzen-\1"),
    (r"(RTX 3060 Ti|RX 6900 XT|RTX A3000|RTX2060|RTX2080|RTX3090|RTX 8000|V100)", r"\1"),
    (r"MacBook (Pro|Air) \(13-inch, (M[0-9])", r"macbook-\1-\2"),
    (r"MacBook Pro \(15-inch, 2019\)", "macbook-pro-2019"),
    (r"i7-11800H", "i7-11800h-hyper-v"),
    (r"i7-7700K", "i7-7700k-hyper-v"),
    (r"Azure Standard (D64[a-z]+) (v[0-9])", r"azure-\1-\2"),
)  # fmt: skip
_BIG_CORES, _LITTLE_CORES = "2", "1"
_CORES: Final = {_LITTLE_CORES: "-little"}
_SYSTEM_ON_GPU_NUMBER_TWO: Final = "1"


def names(runs: Iterable[Run]) -> dict[int, str]:
    """A name for each run, by position: device, cores, threads or GPU; repeated ones count."""
    found: dict[int, str] = {}
    for at, run in enumerate(runs):
        name, count = _name(run), 1
        while (unique := name if count == 1 else f"{name}-run-{count}") in found.values():
            count += 1
        found[at] = unique
    return found


def _name(run: Run) -> str:
    if run.kind == "gpu":
        variant = "-gpu-2" if run.gpu == _SYSTEM_ON_GPU_NUMBER_TWO else "-gpu"
    else:
        cores = _CORES.get(run.powersave, "")
        variant = cores + ("" if run.threads == 1 else f"-{run.threads}-threads")
    return _device(run.device) + variant


def _device(text: str) -> str:
    for pattern, name in _NAMES:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            return _kebab(match.expand(name))
    return _kebab(re.split(r"[(,\[]", text)[0])


def _kebab(text: str) -> str:
    """Lower case, with hyphens between words."""
    spelled = text.lower().replace("+", "-plus")
    return re.sub(r"[^a-z0-9]+", "-", spelled).strip("-")
