"""The machine that measures: its name, how busy it is, and how PyTorch is set up on it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from shufflenet_audit.network.timings import Seconds

_WIDE = 0.1
_FEWEST = 6
_MILLI = 1e3


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """What the processor calls itself."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def load() -> float:
    """How many programs wanted a core in the last minute; zero where nobody counts."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


@contextmanager
def set_up(threads: int) -> Iterator[None]:
    """PyTorch with so many threads, denormals flushed and no gradients; restored at the end."""
    import torch  # noqa: PLC0415  (it takes seconds, and the name of a machine must not wait)

    before, flushed = torch.get_num_threads(), _flushes_denormals()
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    _settle_allocator()
    try:
        with torch.no_grad():
            yield
    finally:
        torch.set_num_threads(before)
        torch.set_flush_denormal(flushed)


def _settle_allocator() -> None:
    """
    Bring the allocator into the state of a process that has run for long.

    Until a large block was freed, glibc gives every large tensor back to the system and asks for it
    anew: page faults, which took a third of MobileNet V2's time, and more or less of it in each run
    of the same ops. Its thresholds rise to the size of a block that is freed, up to 32 MiB
    (mallopt(3), M_MMAP_THRESHOLD).
    """
    import torch  # noqa: PLC0415  (see set_up)

    block = torch.empty(31 * 2**20, dtype=torch.uint8)
    del block


def disturbances(loads: float, available: int, runs: Sequence[float], total: Seconds) -> list[str]:
    """Sentences about what made a measurement noisy: the load before it, its runs, their spread."""
    notes = []
    if len(runs) < _FEWEST:
        count = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
        notes.append(f"only {count}: too few for an interval, or to tell anything apart")
    if loads > available / 2:
        notes.append(f"the machine was busy: {loads:.1f} programs wanted its {available} cores")
    ordered = sorted(runs)
    low, high = ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]
    if high - low > _WIDE * total.median:
        notes.append(
            f"the runs differ: eight of ten took {low * _MILLI:.2f} to {high * _MILLI:.2f} ms"
        )
    return notes


def _flushes_denormals() -> bool:
    """Whether denormals are flushed now: PyTorch can set it, but does not tell."""
    import torch  # noqa: PLC0415  (see above)

    smallest = torch.tensor([torch.finfo(torch.float32).tiny])
    return not bool((smallest / 2).item())
