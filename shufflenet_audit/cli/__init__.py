"""The command line: `audit MODEL`, and a few verbs beside it. Only this package prints."""

from __future__ import annotations

import os
import sys

from shufflenet_audit.cli.signals import StoppedBySignal, stopped_by_signals
from shufflenet_audit.cli.stdout import report_on_stdout


def main() -> None:
    """Run the program, and leave with its exit status."""
    # PyTorch's profiler writes on stderr from C++, unless told before torch is imported.
    os.environ.setdefault("KINETO_LOG_LEVEL", "6")
    try:
        with stopped_by_signals(), report_on_stdout():
            from shufflenet_audit.cli.exit_status import status  # noqa: PLC0415  (a signal may come before)

            code = status(sys.argv[1:])
    except StoppedBySignal as stop:
        code = stop.exit_status
    sys.exit(code)
