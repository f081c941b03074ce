"""The command line: `audit MODEL`, and a few verbs beside it. Only this package prints."""

from __future__ import annotations

import sys

from shufflenet_audit.cli.status import status


def main() -> None:
    """Run the program, and leave with its exit status."""
    sys.exit(status(sys.argv[1:]))
