"""The command line: `audit MODEL`, and a few verbs beside it. Only this package prints."""

from __future__ import annotations

import os
import sys

from shufflenet_audit.cli.exit_status import status


def main() -> None:
    """Run the program, and leave with its exit status."""
    # PyTorch's profiler writes on stderr from C++, unless told before torch is imported.
    os.environ.setdefault("KINETO_LOG_LEVEL", "6")
    sys.exit(status(sys.argv[1:]))
