"""
How long the command line takes, as a multiple of `import torch`.

python benchmarks/startup.py [--rounds 9]

The commands take turns in every round, and the table shows medians.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

import click
from rich.console import Console
from rich.table import Table

_AUDIT: Final = (sys.executable, "-c", "from shufflenet_audit.cli import main; main()")
COMMANDS: Final[Mapping[str, Sequence[str]]] = {
    "import torch": (sys.executable, "-c", "import torch"),
    "audit --help": (*_AUDIT, "--help"),
    "audit list rules": (*_AUDIT, "list", "rules"),
    "audit shufflenet_v2": (*_AUDIT, "shufflenet_v2"),
}


@click.command()
@click.option("--rounds", default=9, show_default=True)
def main(rounds: int) -> None:
    """Print the median time of each command, and its multiple of `import torch`."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[name].append(time.perf_counter() - start)
    table = Table("command", "seconds", "÷ import torch")
    base = median(seconds["import torch"])
    for name, times in seconds.items():
        table.add_row(name, f"{median(times):.2f}", f"{median(times) / base:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
