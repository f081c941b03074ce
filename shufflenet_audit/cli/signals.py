"""Ctrl-C and SIGTERM end the program with one line, within a second, whatever it is doing."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

GRACE_SECONDS: Final = 0.7
"""How long the program may clean up after a signal; with its exit it takes less than a second."""
_WORDS: Final = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


class StoppedBySignal(BaseException):
    """
    A signal that ends the program.

    It is not an Exception, so that no model or pack catches it by the way.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_status = 128 + number
        """As a shell says it of a process that a signal ended: 130 for Ctrl-C, 143 for SIGTERM."""


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """
    Within, the first signal raises StoppedBySignal in the main thread; later ones do nothing.

    Code that catches or loses the exception, or that is busy outside Python, is not waited for: a
    thread says the line at once, and ends the process after `GRACE_SECONDS`.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    threading.Thread(target=_end, args=(reader,), daemon=True).start()
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, _stop) for number in _WORDS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        os.close(writer)  # which ends the thread, unless it has seen a signal


def _stop(number: int, _: FrameType | None) -> None:
    for each in _WORDS:
        signal.signal(each, signal.SIG_IGN)
    raise StoppedBySignal(number)


def _end(reader: int) -> None:
    """Wait for one of the signals; say so; end the process if it has not ended by itself."""
    while received := os.read(reader, 1):
        word = _WORDS.get(signal.Signals(received[0]))
        if word:
            os.write(2, f"audit: {word}\n".encode())
            time.sleep(GRACE_SECONDS)
            os._exit(128 + received[0])
