"""The stdout of the process: the report goes there, and nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def report_on_stdout() -> Iterator[None]:
    """
    Within, `sys.stdout` writes to the stdout of the process, and descriptor 1 is stderr.

    So what a model writes to the descriptor itself (C code, a child process, `sys.__stdout__`) does
    not get into the report. Afterwards `sys.stdout` is what it was before, and goes to stderr too.
    """
    before = sys.stdout
    try:
        before.flush()
        own = os.dup(1)
        os.dup2(2, 1)
    except (AttributeError, OSError):  # stdout or stderr is closed
        yield
        return
    terminal = os.isatty(own)
    stream = open(  # noqa: SIM115, PTH123  (a descriptor, closed below)
        own, "w", encoding=before.encoding, errors=before.errors, buffering=1 if terminal else -1
    )
    sys.stdout = stream
    try:
        yield
    finally:
        sys.stdout = before
        with suppress(OSError):
            stream.close()
