"""The commands, and the page that `audit --help` shows."""

from __future__ import annotations

import click

from shufflenet_audit.cli.commands.baseline import baseline
from shufflenet_audit.cli.commands.compare import compare
from shufflenet_audit.cli.commands.completion import completion
from shufflenet_audit.cli.commands.devices import device_command
from shufflenet_audit.cli.commands.explain import explain
from shufflenet_audit.cli.commands.fix import fix
from shufflenet_audit.cli.commands.init import init
from shufflenet_audit.cli.commands.latency import latency
from shufflenet_audit.cli.commands.list import listing
from shufflenet_audit.cli.commands.report import report
from shufflenet_audit.cli.commands.reproduce import reproduce
from shufflenet_audit.cli.commands.run import run
from shufflenet_audit.cli.commands.whatif import whatif
from shufflenet_audit.cli.shared.examples import with_examples
from shufflenet_audit.cli.shared.group import DefaultGroup
from shufflenet_audit.cli.shared.options import debug

_EXAMPLES = """\b
Examples:
  audit shufflenet_v1                          a reference network
  audit shufflenet_v1 --arg groups=8 --arg width=0.5
  audit model.py                               the one model in a file
  audit model.py:build --arg width=0.5         what a function in it builds
  audit torchvision.models:shufflenet_v2_x1_0
  audit timm:create_model --arg model_name=ghostnet_100
  audit model.py --input 1x3x224x224 -o report.json
  audit report report.json --format markdown
  audit compare shufflenet_v1 shufflenet_v2 -o compared.html

`audit run --help` shows the options of an audit. A model that is named like a command
is reached as ./list or `audit run list`.

Exit status: 0 every guideline holds, 1 one is violated, 2 it could not be judged.
"""


@click.group(
    cls=DefaultGroup,
    epilog=_EXAMPLES,
    options_metavar="",
    subcommand_metavar="MODEL [OPTIONS] | COMMAND [ARGS]",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="shufflenet-audit", message="shufflenet-audit %(version)s")
@debug
def commands() -> None:
    """Say, in numbers, why a network with few multiply–adds is slow, and what to change."""


for each in (
    run, compare, baseline, init, latency, device_command, reproduce, whatif, fix, explain, listing,
    report, completion,
):  # fmt: skip
    commands.add_command(with_examples(each))
