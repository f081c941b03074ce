"""Time per op: measured on this machine, or predicted for a device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shufflenet_audit.backend import DEFAULTS, Settings
from shufflenet_audit.timings import Latency

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    import torch


def measure(
    model: torch.nn.Module,
    *inputs: Any,
    backend: str = "eager",
    settings: Settings = DEFAULTS,
    **named_inputs: Any,
) -> Latency:
    """
    Where the time of a model goes when it runs on these inputs, as in `measure(model, x)`.

    The model is run in evaluation mode and stays as it was. Raises AuditError.
    """
    from shufflenet_audit.discovery import backend as installed  # noqa: PLC0415  (see the top)
    from shufflenet_audit.latency.measurement import measured  # noqa: PLC0415
    from shufflenet_audit.latency.task import Subject  # noqa: PLC0415

    return measured(Subject(model, inputs, named_inputs), installed(backend), settings)
