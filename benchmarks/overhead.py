"""
What instrumentation costs, and whether it sees the same: ours, torch.profiler's, ONNX Runtime's.

python benchmarks/overhead.py

Run on a quiet machine. Each instrumented run is made in turn with an uninstrumented one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

import torch
from torch.profiler import ProfilerActivity, profile

from shufflenet_audit.discovery import backend
from shufflenet_audit.latency.backend import Kernel, Settings
from shufflenet_audit.latency.measuring.machine import set_up
from shufflenet_audit.latency.measuring.measurement import CLOCK, measured
from shufflenet_audit.latency.measuring.rounds import interleaved
from shufflenet_audit.latency.measuring.task import Subject, task
from shufflenet_audit.zoo.resnet_50 import resnet_50
from shufflenet_audit.zoo.shufflenet_v2 import shufflenet_v2

_SETTINGS = Settings(rounds=31, seconds=20)
_WARMUP, _ROUNDS = 3, 21
_FAMILIES = {
    "conv": ("conv", "pointwise_conv", "group_conv", "depthwise_conv"),
    "batch norm": ("normalization",),
    "elementwise": ("elementwise",),
    "pooling": ("pooling", "reduction"),
    "linear": ("linear",),
}
_PROFILED = {
    "conv": ("aten::convolution",),
    "batch norm": ("aten::native_batch_norm",),
    "elementwise": ("aten::relu", "aten::relu_", "aten::add", "aten::add_"),
    "pooling": ("aten::max_pool2d_with_indices", "aten::mean"),
    "linear": ("aten::addmm", "aten::mm"),
}


def main() -> None:
    x = torch.rand(1, 3, 224, 224)
    print("| network | profiler | instrumented ÷ uninstrumented |")
    print("|---|---|---:|")
    for name, model in (("shufflenet_v2", shufflenet_v2()), ("resnet_50", resnet_50())):
        subject = Subject(model.eval(), (x,))
        for profiler, ratio in _overheads(subject):
            print(f"| {name} | {profiler} | {ratio:.2f} |", flush=True)
    start = time.perf_counter()
    measured(Subject(shufflenet_v2(), (x,)), backend("eager"))
    print(f"\nprofiling ShuffleNet V2 with default settings: {time.perf_counter() - start:.1f} s\n")
    _shares(Subject(resnet_50().eval(), (x,)))


def _overheads(subject: Subject) -> list[tuple[str, float]]:
    found = []
    with set_up(1):
        prepared = task(subject, _SETTINGS, CLOCK)
        for name in ("eager", "onnxruntime"):
            session = backend(name).prepare(prepared)
            found.append((name, _ratio(session.whole, session.instrumented)))
        whole = backend("eager").prepare(prepared).whole
        found.append(("torch.profiler", _ratio(whole, lambda: _profiled(whole))))
    return found


def _ratio(whole: Callable[[], object], instrumented: Callable[[], object]) -> float:
    plain, slowed = interleaved((whole, instrumented), CLOCK, _SETTINGS)
    return median(b / a for a, b in zip(plain, slowed, strict=True))


def _profiled(run: Callable[[], object]) -> profile:
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        run()
    return seen


def _shares(subject: Subject) -> None:
    """
    Our shares by kind beside torch.profiler's, of what both see: the ops.

    The two take turns. One after the other they differ by more than 3 points on a machine that
    others use too, most where memory is touched for the first time: whether an op finds pages in
    place or has to ask for them changes from run to run.
    """
    with set_up(1):
        session = backend("eager").prepare(task(subject, _SETTINGS, CLOCK))
        seen: list[profile] = []
        for _ in range(_WARMUP + _ROUNDS):
            session.instrumented()
            seen.append(_profiled(session.whole))
    theirs = [_profiler_shares(each) for each in seen[_WARMUP:]]
    ours = _our_shares(session.kernels())
    print("| ResNet-50 | ours | torch.profiler | points apart |")
    print("|---|---:|---:|---:|")
    for family, share in ours.items():
        other = median(run[family] for run in theirs)
        print(f"| {family} | {share:.1%} | {other:.1%} | {100 * abs(share - other):.1f} |")


def _our_shares(kernels: Sequence[Kernel]) -> dict[str, float]:
    """The median of the shares in each run, as of the profiler's."""
    runs = []
    for at in range(-_ROUNDS, 0):
        times = {
            family: sum(each.seconds[at] for each in kernels if each.ops and each.kind in kinds)
            for family, kinds in _FAMILIES.items()
        }
        runs.append(_normalised(times))
    return {family: median(run[family] for run in runs) for family in _FAMILIES}


def _profiler_shares(seen: profile) -> dict[str, float]:
    totals = {event.key: event.cpu_time_total for event in seen.key_averages()}
    return _normalised(
        {
            family: sum(totals.get(name, 0.0) for name in names)
            for family, names in _PROFILED.items()
        }
    )


def _normalised(times: dict[str, float]) -> dict[str, float]:
    whole = sum(times.values())
    return {name: spent / whole for name, spent in times.items()}


if __name__ == "__main__":
    main()
