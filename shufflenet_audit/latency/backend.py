"""What a latency backend is: it prepares a traced model so that the engine can time it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from shufflenet_audit.latency.profile import Profile
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import Kind

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    import torch

Clock = Callable[[], int]
"""Nanoseconds since some moment."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a latency is measured."""

    device: str = "cpu"
    """Where the model runs: `cpu`, `cuda` or `cuda:1`."""
    threads: int = 1
    """CPU threads that the model may use."""
    batch: int | None = None
    """The batch size; None leaves the inputs as they are."""
    dtype: str = "float32"
    """The dtype of the weights and of inputs that are floating point."""
    layout: str = "nchw"
    """The memory layout of images: `nchw` or `nhwc`."""
    warmup: int = 3
    """Repetitions before the measurement, which are not kept."""
    rounds: int = 51
    """The most repetitions that are measured."""
    seconds: float = 8.0
    """The time after which no further repetition starts."""


DEFAULTS: Final = Settings()


@dataclass(frozen=True, slots=True)
class Task:
    """What a backend has to run: a traced model with real tensors."""

    model: torch.nn.Module
    """The model in evaluation mode, with real weights."""
    args: tuple[Any, ...]
    """Its positional inputs."""
    kwargs: Mapping[str, Any]
    """Its keyword inputs."""
    graph: CostGraph
    """Its ops with their costs."""
    nodes: torch.fx.Graph
    """The recorded graph, whose nodes have the names of the ops of `graph`."""
    leaves: tuple[torch.Tensor, ...]
    """The input tensors, in the order of the placeholders of `nodes`."""
    attributes: Mapping[str, torch.Tensor]
    """Parameters, buffers and constants, by the target of the `get_attr` nodes of `nodes`."""
    settings: Settings
    """How the latency is measured."""
    clock: Clock
    """The clock to time kernels with."""
    overhead: float
    """Nanoseconds that one reading of the clock takes, to be subtracted from every time."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """What a backend runs as one."""

    ops: tuple[str, ...]
    """The names of its ops; none for what the runtime adds itself, such as a layout reorder."""
    label: str
    """What it does, as in `convolution + relu`."""
    kind: Kind
    """What it is to the guidelines; a layout reorder is `data`."""
    seconds: tuple[float, ...]
    """Its time in each instrumented run."""


@dataclass(frozen=True, slots=True)
class Session:
    """A model that is ready to be timed."""

    whole: Callable[[], object]
    """Runs the model as a user would."""
    instrumented: Callable[[], object]
    """Runs the model and keeps the time of each kernel."""
    kernels: Callable[[], Sequence[Kernel]]
    """The kernels with their times; called once, when all runs are done."""
    versions: tuple[tuple[str, str], ...] = ()
    """The versions of the runtime, as pairs such as ("onnxruntime", "1.23")."""
    notes: tuple[str, ...] = ()
    """What a reader should know about the times, a sentence each."""


Prepare = Callable[[Task], Session]


@dataclass(frozen=True, slots=True)
class Exported:
    """A model in a file for a runtime."""

    model: bytes
    """The content of the file."""
    origins: Mapping[str, str]
    """The op that each node and value of the file came from, by their names."""


Export = Callable[[Task], Exported]
ReadProfile = Callable[[str], Profile]


@dataclass(frozen=True, slots=True)
class Backend:
    """A runtime that models are timed on."""

    name: str
    """What `--backend` calls it."""
    prepare: Prepare
    """Makes a task ready to be timed."""
    requires: tuple[str, ...] = ()
    """The modules that it imports and that may not be installed."""
    devices: tuple[str, ...] = ("cpu",)
    """The devices that it runs on."""
    dtypes: tuple[str, ...] = ("float32",)
    """The dtypes that it runs."""
    export: Export | None = None
    """Makes the file that it runs, to be profiled on another device; None if it runs no file."""
    read_profile: ReadProfile | None = None
    """Reads the text of such a profile. Raises FormatError; None if it cannot read any."""

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return (inspect.getdoc(self.prepare) or "").partition("\n")[0]


def backend(
    name: str,
    *,
    export: Export | None = None,
    read_profile: ReadProfile | None = None,
    **supported: tuple[str, ...],
) -> Callable[[Prepare], Backend]:
    """Make a backend of a function that prepares a task: `requires`, `devices`, `dtypes`."""
    return lambda prepare: Backend(
        name, prepare, export=export, read_profile=read_profile, **supported
    )
