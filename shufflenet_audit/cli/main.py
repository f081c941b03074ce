"""The verbs, each imported when it is used, and the page that `audit --help` shows."""

from __future__ import annotations

from typing import Final

import click

from shufflenet_audit.cli.shared.flags import debug
from shufflenet_audit.cli.shared.group import Verb, VerbGroup

_VERBS: Final = (
    Verb("run", "run:run", "Audit a model."),
    Verb(
        "compare",
        "compare:compare",
        "Compare models with the first of them: numbers side by side, what each gained and lost.",
    ),
    Verb(
        "baseline",
        "baseline:baseline",
        "Write down what is found in a model, so that later only what is new or worse counts.",
    ),
    Verb(
        "init",
        "init:init",
        "Write a commented configuration, with every rule and every option.",
    ),
    Verb(
        "latency",
        "latency:latency",
        "Measure where the time of a model goes: by kind of op, module, line, and the slowest ops.",
    ),
    Verb(
        "devices",
        "devices:device_command",
        "Show the devices that times can be predicted for, or add one.",
    ),
    Verb(
        "reproduce",
        "reproduce:reproduce",
        "Repeat an experiment of the paper, and show relative speeds beside those that it printed.",
    ),
    Verb(
        "whatif",
        "whatif:whatif",
        "Measure each finding's ops against their alternative with as many multiply–adds.",
    ),
    Verb("fix", "fix:fix", "Rewrite a network so that it gives the same outputs for less."),
    Verb(
        "explain",
        "explain:explain",
        "Explain a rule: what it finds, why it matters, and what to do instead.",
    ),
    Verb(
        "list",
        "list:listing",
        "Show the models, rules, reports, … that are installed, and who brings them.",
    ),
    Verb(
        "report",
        "report:report",
        "Render an audit or a comparison saved with --format json; - reads it from stdin.",
    ),
    Verb(
        "completion",
        "completion:completion",
        "Print the script that lets a shell complete commands, options, models, rules and devices.",
    ),
)
"""A test holds each sentence to the first one of the command's own documentation."""

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
    cls=VerbGroup,
    verbs=_VERBS,
    epilog=_EXAMPLES,
    options_metavar="",
    subcommand_metavar="MODEL [OPTIONS] | COMMAND [ARGS]",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="shufflenet-audit", message="shufflenet-audit %(version)s")
@debug
def commands() -> None:
    """Say, in numbers, why a network with few multiply–adds is slow, and what to change."""
