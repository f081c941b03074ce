"""Tells whether an exception comes from the model or is a bug in the engine."""

from __future__ import annotations

import traceback
from pathlib import Path

from shufflenet_audit.tracing.meta.kernels import Kernels, NeedsValuesError
from shufflenet_audit.tracing.meta.shape_rules import check_convolution
from shufflenet_audit.tracing.recorder import Recorder
from shufflenet_audit.tracing.recording import run_recorded

_ENGINE = Path(__file__).parents[2]
_ZOO = _ENGINE / "zoo"
_NEVER_A_BUG = (RecursionError, MemoryError, NeedsValuesError)
"""Raised in the engine too, but caused by the model."""


def is_engine_bug(error: BaseException) -> bool:
    """
    Whether an exception is a bug in the engine, by the functions in its traceback.

    An error of an op passes through the recorder too, but was raised below `Kernels.run`.
    """
    codes = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, _NEVER_A_BUG) or not codes or codes[-1] is check_convolution.__code__:
        return False
    dispatch = Recorder.__torch_dispatch__.__code__
    in_recorder = [index for index, code in enumerate(codes) if code is dispatch]
    if in_recorder and Kernels.run.__code__ not in codes[in_recorder[-1] :]:
        return True
    raised_in = Path(codes[-1].co_filename)
    outside_model = in_recorder or run_recorded.__code__ not in codes
    in_engine = raised_in.is_relative_to(_ENGINE) and not raised_in.is_relative_to(_ZOO)
    return bool(outside_model) and in_engine
