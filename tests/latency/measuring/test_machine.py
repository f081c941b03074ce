"""What is said of the machine, and that PyTorch is left as it was."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from shufflenet_audit.latency.measuring.machine import (
    disturbances,
    processor,
    set_up,
)
from shufflenet_audit.network.timings import Seconds

STEADY = [1.0] * 20


def test_a_processor_is_named_as_it_names_itself(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: AMD EPYC 7B13\nmodel name\t: other\n")
    assert processor(cpuinfo) == "AMD EPYC 7B13"


def test_a_processor_without_a_name_is_named_after_its_kind(tmp_path: Path) -> None:
    assert processor(tmp_path / "missing")


def test_threads_denormals_and_gradients_are_set_and_restored() -> None:
    threads, tiny = torch.get_num_threads(), torch.tensor([torch.finfo(torch.float32).tiny])
    with set_up(1):
        assert torch.get_num_threads() == 1
        assert not torch.is_grad_enabled()
        assert (tiny / 2).item() == 0
    assert torch.get_num_threads() == threads
    assert torch.is_grad_enabled()
    assert (tiny / 2).item() != 0


_FAULTS = """
import resource, torch
from shufflenet_audit.latency.measuring.machine import set_up

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        maps = [torch.ones(1_000_000) for _ in range(3)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

fresh = faults()
with set_up(1):
    faults()
    settled = faults()
print(fresh, settled)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="about the allocator of glibc")
def test_large_tensors_do_not_fault_anew_in_each_run() -> None:
    run = [sys.executable, "-c", _FAULTS]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    fresh, settled = map(int, said.split())
    assert settled < fresh / 4


def test_they_are_restored_when_a_model_raises() -> None:
    threads = torch.get_num_threads()

    def failing() -> None:
        with set_up(threads + 1):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert torch.get_num_threads() == threads


def test_denormals_that_were_flushed_before_stay_flushed() -> None:
    tiny = torch.tensor([torch.finfo(torch.float32).tiny])
    torch.set_flush_denormal(True)
    try:
        with set_up(1):
            pass
        assert (tiny / 2).item() == 0
    finally:
        torch.set_flush_denormal(False)


def test_a_quiet_machine_and_steady_runs_need_no_word() -> None:
    assert disturbances(0.4, 2, STEADY, Seconds(1, 1, 1)) == []


def test_a_busy_machine_is_named_with_what_was_seen() -> None:
    assert disturbances(1.7, 2, STEADY, Seconds(1, 1, 1)) == [
        "the machine was busy: 1.7 programs wanted its 2 cores"
    ]


def test_runs_that_differ_are_named_with_what_was_seen() -> None:
    runs = [*STEADY, *[1.5] * 20]
    assert disturbances(0, 2, runs, Seconds(1, 1, 1)) == [
        "the runs differ: eight of ten took 1000.00 to 1500.00 ms"
    ]


@pytest.mark.parametrize(("runs", "says"), [(1, "only 1 run: too few"), (5, "only 5 runs: too")])
def test_too_few_runs_are_named(runs: int, says: str) -> None:
    (note,) = disturbances(0.0, 2, [1.0] * runs, Seconds(1.0, 1.0, 1.0))
    assert note.startswith(says)
