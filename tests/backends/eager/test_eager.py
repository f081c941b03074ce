"""The eager backend: each op gets the time of its own call, on a clock that the test winds."""

from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest
import torch
from torch import nn

from shufflenet_audit import AuditError, Kind, measure, trace
from shufflenet_audit.discovery import backend
from shufflenet_audit.latency.backend import Backend, Settings
from shufflenet_audit.latency.measuring.measurement import measured, timed
from shufflenet_audit.latency.measuring.task import Subject, task
from shufflenet_audit.network.timings import Latency

BRIEF = Settings(warmup=0, rounds=2)
NANO = 1e-9


class Winder:
    """A clock that stands still until it is wound, and then moves by 1, 2, 3, … nanoseconds."""

    def __init__(self) -> None:
        self.now = self.stride = self.wound = 0

    def __call__(self) -> int:
        self.stride += self.wound
        self.now += self.stride
        return self.now


class Shuffling(nn.Module):
    """A convolution, a view, a shuffle, and an op on a constant."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.shuffle = nn.ChannelShuffle(2)
        self.scale = nn.Buffer(torch.tensor(2.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        grid = torch.arange(4, device=x.device).reshape(1, 4, 1, 1)
        halves = torch.relu_(self.shuffle(self.conv(x))).chunk(2, dim=1)
        return torch.cat(halves, dim=1) * self.scale + grid


@pytest.fixture
def x() -> torch.Tensor:
    return torch.rand(2, 3, 8, 8)


def names(latency: Latency) -> Counter[str]:
    return Counter(chain.from_iterable(timing.ops for timing in latency.timings))


def test_each_call_gets_the_time_between_its_two_readings(x: torch.Tensor) -> None:
    clock = Winder()
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.Flatten())
    with torch.no_grad():
        prepared = task(Subject(model.eval(), (x,)), BRIEF, clock)
        session = backend("eager").prepare(prepared)
        clock.wound = 1
        session.instrumented()
    # The clock is read before and behind each call, and before and behind the freeing.
    times = {kernel.label: round(kernel.seconds[0] / NANO) for kernel in session.kernels()}
    assert times == {
        "convolution": 2,
        "relu": 6,
        "1 views": 10,
        "freeing of results": 4 + 8 + 12,
        "Python between the ops": 14 - (16 - 18),
    }


def test_every_op_of_the_graph_is_in_one_timing(x: torch.Tensor) -> None:
    model = Shuffling()
    assert names(measure(model, x, settings=BRIEF)) == Counter(op.name for op in trace(model, x))


def test_views_are_one_timing(x: torch.Tensor) -> None:
    latency = measure(Shuffling(), x, settings=BRIEF)
    graph = trace(Shuffling(), x)
    (views,) = (timing for timing in latency.timings if timing.kind is Kind.VIEW)
    assert set(views.ops) == {op.name for op in graph if not op.launched}


def test_a_kind_is_that_of_the_graph(x: torch.Tensor) -> None:
    graph = trace(Shuffling(), x)
    for timing in measure(Shuffling(), x, settings=BRIEF).timings:
        assert {graph[name].kind for name in timing.ops} <= {timing.kind}


def test_a_model_built_on_meta_is_run_with_the_weights_that_build_gives(x: torch.Tensor) -> None:
    with torch.device("meta"):
        model = Shuffling()
    subject = Subject(model, (x.to("meta"),), build=Shuffling)
    latency = measured(subject, backend("eager"), BRIEF)
    assert names(latency) == Counter(op.name for op in trace(Shuffling(), x))


def test_a_model_without_values_is_refused(x: torch.Tensor) -> None:
    with torch.device("meta"):
        model = Shuffling()
    with pytest.raises(AuditError, match="build it on the CPU, not on meta"):
        measure(model, x)


def test_the_model_stays_as_it_was(x: torch.Tensor) -> None:
    model = nn.Sequential(nn.BatchNorm2d(3), nn.Dropout())
    model[0].eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    measure(model, x, settings=Settings(warmup=0, rounds=1, dtype="bfloat16", layout="nhwc"))
    assert [module.training for module in model.modules()] == [True, False, True]
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name])


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_it_runs_in_the_dtype_layout_and_batch_that_are_asked_for(
    x: torch.Tensor, dtype: str
) -> None:
    seen = []
    model = Shuffling()
    model.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    settings = Settings(warmup=0, rounds=1, batch=5, dtype=dtype, layout="nhwc")
    latency = measure(model, x, settings=settings)
    ran = seen[-1]
    assert ran.shape == (5, 3, 8, 8)
    assert str(ran.dtype) == f"torch.{dtype}"
    assert ran.is_contiguous(memory_format=torch.channels_last)
    assert (
        dict(latency.settings).items() >= {"batch": "5", "dtype": dtype, "layout": "nhwc"}.items()
    )


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (Settings(device="tpu"), "the eager backend has no device 'tpu': it has cpu, cuda"),
        (Settings(dtype="int4"), "the eager backend has no dtype 'int4': it has float32"),
        (Settings(layout="chwn"), "no layout is called 'chwn': there are nchw, nhwc"),
    ],
)
def test_unknown_settings_are_refused(x: torch.Tensor, settings: Settings, says: str) -> None:
    with pytest.raises(AuditError, match=says):
        measure(Shuffling(), x, settings=settings)


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what is said without one")
def test_without_a_cuda_device_it_is_said_to_be_unavailable(x: torch.Tensor) -> None:
    with pytest.raises(AuditError, match="unavailable: no CUDA device"):
        measure(Shuffling(), x, settings=Settings(device="cuda"))


def test_parts_that_do_not_add_up_are_named(x: torch.Tensor) -> None:
    clock = Winder()
    clock.wound = 1  # each reading takes longer than the one before: nothing can add up
    model = nn.Sequential(nn.ReLU(), nn.ReLU()).eval()
    latency = timed(task(Subject(model, (x,)), BRIEF, clock), backend("eager"))
    assert any(note.startswith("the parts add up to") for note in latency.notes)


def test_a_backend_that_lacks_a_package_names_it(x: torch.Tensor) -> None:
    bare = Backend("hailo", prepare=backend("eager").prepare, requires=("torch", "no_such_sdk"))
    with pytest.raises(AuditError) as error:
        measured(Subject(Shuffling(), (x,)), bare)
    assert str(error.value) == (
        'the hailo backend needs no_such_sdk: pip install "shufflenet-audit[hailo]"'
    )


class Restless(nn.Module):
    """Runs another op each time, which makes the same tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.runs += 1
        return x.sin() if self.runs % 2 else x.cos()


def test_where_python_cannot_be_measured_it_is_said(x: torch.Tensor) -> None:
    latency = measure(Restless(), x, settings=BRIEF)
    assert latency.notes[-1].startswith("Python between the ops: unavailable")
