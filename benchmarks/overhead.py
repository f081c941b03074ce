"""
What instrumentation costs, and whether it sees the same: ours, torch.profiler's, ONNX Runtime's.

python benchmarks/overhead.py

Run on a quiet machine. Each instrumented run is made in turn with an uninstrumented one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import torch
from torch.profiler import ProfilerActivity, profile

from shufflenet_audit.backend import Settings
from shufflenet_audit.discovery import backend
from shufflenet_audit.latency.machine import set_up
from shufflenet_audit.latency.measurement import CLOCK, measured
from shufflenet_audit.latency.rounds import interleaved
from shufflenet_audit.latency.task import Subject, task
from shufflenet_audit.timings import Latency
from shufflenet_audit.zoo.resnet_50 import resnet_50
from shufflenet_audit.zoo.shufflenet_v2 import shufflenet_v2

_SETTINGS = Settings(rounds=31, seconds=20)
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
    """Our shares by kind beside torch.profiler's, of what both see: the ops."""
    ours = _our_shares(measured(subject, backend("eager"), _SETTINGS))
    with set_up(1):
        runs = [_profiler_shares(_profiled(lambda: subject.model(*subject.args))) for _ in range(8)]
    print("| ResNet-50 | ours | torch.profiler | points apart |")
    print("|---|---:|---:|---:|")
    for family, share in ours.items():
        theirs = median(run[family] for run in runs[2:])
        print(f"| {family} | {share:.1%} | {theirs:.1%} | {100 * abs(share - theirs):.1f} |")


def _our_shares(latency: Latency) -> dict[str, float]:
    times = {
        family: sum(t.seconds.median for t in latency.timings if t.ops and t.kind in kinds)
        for family, kinds in _FAMILIES.items()
    }
    return _normalised(times)


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
