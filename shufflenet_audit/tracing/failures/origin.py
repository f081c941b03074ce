"""Whose fault an exception is: that of the model that runs, or that of what writes it down."""

from __future__ import annotations

import traceback
from pathlib import Path

from shufflenet_audit.tracing.meta.kernels import Kernels, NeedsValuesError
from shufflenet_audit.tracing.meta.shape_rules import checked
from shufflenet_audit.tracing.recorder import Recorder
from shufflenet_audit.tracing.recording import running

_ENGINE = Path(__file__).parents[2]
_ZOO = _ENGINE / "zoo"
_ANYBODYS = (RecursionError, MemoryError, NeedsValuesError)
"""What is raised wherever the model has brought it to, or on purpose."""


def ours(error: BaseException) -> bool:
    """
    Whether an exception is a bug of the engine, told by the functions that it came through.

    What an op raises comes through the recorder too, but out of PyTorch.
    """
    codes = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, _ANYBODYS) or not codes or codes[-1] is checked.__code__:
        return False
    recording = [
        at for at, code in enumerate(codes) if code is Recorder.__torch_dispatch__.__code__
    ]
    if recording and Kernels.run.__code__ not in codes[recording[-1] :]:
        return True
    last = Path(codes[-1].co_filename)
    outside = recording or running.__code__ not in codes
    return bool(outside) and last.is_relative_to(_ENGINE) and not last.is_relative_to(_ZOO)
