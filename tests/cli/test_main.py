"""The program as it is typed: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from shufflenet_audit.checking.guideline import (
    Guideline,
    Severity,
    Verdict,
)
from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.cli.shared.options import exit_status
from shufflenet_audit.cli.shared.rendering import chosen, deliver
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.plugin import Audit, Report
from shufflenet_audit.results.audit import Model, Tool
from shufflenet_audit.results.saved import SCHEMA_VERSION
from shufflenet_audit.results.violation import FailOn

PROGRAM: Final = [sys.executable, "-c", "from shufflenet_audit.cli import main; main()"]

FILES: Final = {
    "balanced.py": "from torch import nn\ndef build(width=8):\n    return nn.Conv2d(8, width, 1)\n",
    "beside.py": "def twice(x):\n    return 2 * x\n",
    "broken.py": "import torch\ndef build(:\n    pass\n",
    "crash.py": "x = 1\ny = x / 0\n",
    "empty.py": "",
    "exits.py": "raise SystemExit(0)\n",
    "factories.py": (
        "from torch import nn\ndef build(n):\n    return nn.Conv2d(3, n, 1)\n"
        "def boom():\n    raise ValueError('no\\nway')\n"
        "def number():\n    return int(3)\nsize = 3\n"
    ),
    "forward.py": (
        "from torch import nn\nclass Net(nn.Linear):\n    def forward(self, x):\n"
        "        raise KeyError('lost')\ndef build():\n    return Net(3, 4)\n"
    ),
    "latin.py": "x = '\xe4'\n",
    "lenet.py": (
        "from torch import nn\nmodel = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(),"
        " nn.Linear(4 * 26 * 26, 10))\n"
    ),
    "loud.py": (
        "from torch import nn\nprint('on import')\nclass Net(nn.Linear):\n"
        "    def forward(self, x):\n"
        "        print('in forward')\n        return super().forward(x)\n"
        "def build():\n    print('in build')\n    return Net(3, 4)\n"
    ),
    "missing.py": "import nowhere_to_be_found\n",
    "nothing.py": "x = 1\n",
    "plain.txt": "This is not Python.\n",
    "relu.py": "from torch import nn\nmodel = nn.ReLU()\n",
    "several.py": "from torch import nn\na, b = nn.ReLU(), nn.ReLU6()\n",
    "two_inputs.py": (
        "from torch import nn\nclass Net(nn.Bilinear):\n    pass\nmodel = Net(3, 4, 5)\n"
        "first = None\n"
    ),
    "saved.json": '{"schema_version": 99}',
    "damaged.json": '{"schema_version": 1}',
    "list": "from torch import nn\nmodel = nn.Linear(3, 4)\n",
}  # fmt: skip


class Ran(NamedTuple):
    """What became of a run of the program."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def audit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    """The program, run in this process in a folder with FILES."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="latin-1")
    (tmp_path / "folder").mkdir()
    (tmp_path / "junk.bin").write_bytes(bytes(range(256)))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Ran:
        return Ran(status(arguments), *capfd.readouterr())

    return run


# What is typed, and what must be in the one line on stderr.
WRONG: Final[Mapping[str, str]] = {
    "shufflenet_v3": "no model is called 'shufflenet_v3': did you mean shufflenet_v2?",
    "qwertz": "no model is called 'qwertz': audit list models shows",
    "lst rules": "no command is called 'lst': did you mean list?",
    "shufflenet_v1 --arg groups=5": "shufflenet_v1 has no groups=5, only 1, 2, 3, 4, 8",
    "shufflenet_v1 --arg gruops=8": "has no argument 'gruops': did you mean groups?",
    "shufflenet_v1 --arg depth=8": "'depth': it takes width, groups, num_classes",
    "shufflenet_v1 --arg width=wide": "shufflenet_v1 has no width=wide",
    "shufflenet_v1 --arg groups": "--arg groups: write it as NAME=VALUE",
    "shufflenet_v1 --arg =8": "--arg =8: write it as NAME=VALUE",
    "shufflenet_v1 --input 1x3xx": "input '1x3xx': '' is no size: write it as",
    "shufflenet_v1 --input flot16[1,3]": "did you mean float16?",
    "shufflenet_v1 --input y=1x3x8x8": "ShuffleNetV1.forward has no argument 'y': it takes x",
    "shufflenet_v1 --input 1x3x8x8 --input 1": "takes x: too many positional arguments",
    "shufflenet_v1 --input 1x4x64x64": "ShuffleNetV1 raised RuntimeError",
    "shufflenet_v1 --rule G9": "no rule is called 'G9'",
    "shufflenet_v1 --rule G1 --ignore g1": "no rule is left to check",
    "shufflenet_v1 --format jsn": "no report is called 'jsn': did you mean json?",
    "shufflenet_v1 --formt json": "no such option '--formt'. Did you mean '--format'?",
    "shufflenet_v1 --fail-on errors": "'errors' is not one of 'error', 'warning', 'never'",
    "shufflenet_v1 -o there.is.none": "no report is written to .none files",
    "shufflenet_v1 -o nowhere/a.json": "there is no folder nowhere to write a.json to",
    "shufflenet_v1 -o folder": "folder is a folder: name a file in it",
    "shufflenet_v1 second": "unexpected extra argument (second)",
    "nofile.py": "there is no file nofile.py",
    "balancd.py": "there is no file balancd.py: did you mean balanced.py?",
    "nofile.py:build": "there is no file nofile.py",
    "folder/model.py": "there is no file folder/model.py",
    "folder": "folder is a folder: name the file in it that builds the model",
    "/dev/null": "/dev/null is not an ordinary file",
    "broken.py": "broken.py:2: invalid syntax",
    "crash.py": "crash.py raised ZeroDivisionError at crash.py:2: division by zero",
    "empty.py": "empty.py is no model: the file is empty",
    "exits.py": "exits.py ends the program at exits.py:1",
    "latin.py": "latin.py",
    "missing.py": "missing.py imports nowhere_to_be_found at missing.py:1",
    "nothing.py": "nothing.py holds no model of its own",
    "plain.txt": "plain.txt is no model: its content is neither Python nor",
    "junk.bin": "junk.bin is no model: its content is neither Python nor",
    "saved.json": "saved.json is no model: it is a saved audit, shown by: audit report saved.json",
    "several.py": "several.py holds several models (a, b): name one, as in several.py:a",
    "factories.py:biuld": "factories.py has no 'biuld': did you mean build?",
    "factories.py:build": "factories.py:build needs n: add --arg n=VALUE",
    "factories.py:boom": "factories.py:boom raised ValueError at factories.py:5: no way",
    "factories.py:number": "factories.py:number returned an int, which is no nn.Module",
    "factories.py:size": "factories.py:size is neither a model nor what builds one",
    "relu.py:model": "no input can be derived from ReLU",
    "relu.py --arg n=3": "relu.py:model is a model that is built already: it takes no --arg",
    "lenet.py": "(the input is assumed to be 1x1x224x224, from its first layer (0, a Conv2d)",
    "forward.py": "Net raised KeyError at forward.py:4: 'lost'",
    "two_inputs.py": "no input can be derived from Net",
    "two_inputs.py --input 1x3": "Net.forward takes input1, input2: missing a required argument",
    "torchvison.models:alexnet": "no module torchvison: did you mean torchvision?",
    "torch.nm:Linear": "there is no module nm in torch: did you mean",
    "torch.nn:Lineer": "torch.nn has no 'Lineer': did you mean Linear?",
    "torch.nn:Linear": "torch.nn:Linear needs in_features and out_features",
    "explain G9": "no rule is called 'G9'",
    "list rule": "'rule' is not one of 'models', 'rules', 'reports'",
    "list": "missing argument",
    "report": "missing argument",
    "report nofile.json": "nofile.json cannot be read: No such file or directory",
    "report folder": "folder cannot be read: Is a directory",
    "report junk.bin": "junk.bin is not a saved audit",
    "report balanced.py": "not a saved audit",
    "report saved.json": "the audit has schema_version 99",
    "report damaged.json": "the saved audit is damaged",
}


@pytest.mark.parametrize("typed", WRONG)
def test_what_is_wrong_is_said_in_one_line(audit: Run, typed: str) -> None:
    ran = audit(*typed.split())
    *notes, line = ran.err.splitlines()
    assert ran.status == 2
    assert line.startswith("audit: ")
    assert WRONG[typed] in line
    assert not notes
    assert not ran.out


def test_an_empty_name_is_no_model(audit: Run) -> None:
    assert audit("").err == (
        "audit: the name of the model is empty: give a reference network, file or import\n"
    )


def test_a_name_cannot_steer_the_terminal(audit: Run) -> None:
    ran = audit("\x1b[31mred\nline")
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.err


def test_debug_shows_the_traceback(audit: Run) -> None:
    for arguments in (("crash.py", "--debug"), ("--debug", "crash.py")):
        ran = audit(*arguments)
        assert ran.status == 2
        assert "ZeroDivisionError: division by zero" in ran.err
        assert ran.err.splitlines()[-1].startswith("audit: crash.py raised")


def test_a_failed_audit_leaves_no_trace_in_the_next(audit: Run) -> None:
    first = audit("balanced.py", "--format", "json")
    for wrong in ("crash.py", "forward.py", "lenet.py"):
        assert audit(wrong).status == 2
    assert audit("balanced.py", "--format", "json").out == first.out


def test_nothing_is_written_when_the_audit_fails(audit: Run, tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("before")
    names = sorted(each.name for each in tmp_path.iterdir())
    audit("forward.py", "-o", "out.json")
    assert (tmp_path / "out.json").read_text() == "before"
    assert sorted(each.name for each in tmp_path.iterdir()) == names


def test_what_the_model_prints_is_kept_out_of_the_report(audit: Run) -> None:
    ran = audit("loud.py", "--format", "json")
    assert json.loads(ran.out)["model"]["name"] == "loud.py"
    assert {"on import", "in build", "in forward"} <= set(ran.err.splitlines())


def test_assumptions_are_noted_unless_it_should_be_quiet(audit: Run) -> None:
    note = "audit: note: the input is assumed to be 1x8x224x224"
    assert audit("balanced.py", "--format", "json").err.startswith(note)
    assert audit("balanced.py", "--format", "json", "--quiet").err == ""
    assert audit("balanced.py", "--format", "json", "--input", "1x8x9x9").err == ""


def test_arguments_are_python_where_they_can_be(audit: Run) -> None:
    ran = audit("balanced.py", "--arg", "width=16", "--format", "json")
    assert json.loads(ran.out)["model"]["name"] == "balanced.py (width=16)"
    ran = audit("balanced.py", "--arg", "width=wide", "--format", "json")
    assert "balanced.py:build raised" in ran.err


def test_the_format_follows_from_the_suffix(audit: Run, tmp_path: Path) -> None:
    for file in ("a.json", "a.csv", "a.md", "a.txt", "plain"):
        assert audit("balanced.py", "-o", file).out == ""
    assert json.loads((tmp_path / "a.json").read_text())["schema_version"] == SCHEMA_VERSION
    assert (tmp_path / "a.csv").read_text().startswith("name,")
    assert (tmp_path / "a.md").read_text() != (tmp_path / "a.txt").read_text()
    assert (tmp_path / "plain").read_text() == (tmp_path / "a.txt").read_text()


def test_the_format_that_is_named_comes_before_the_suffix(audit: Run, tmp_path: Path) -> None:
    audit("balanced.py", "-o", "a.txt", "--format", "JSON")
    assert json.loads((tmp_path / "a.txt").read_text())["schema_version"] == SCHEMA_VERSION


def test_a_saved_audit_is_rendered_as_the_audit_was(audit: Run, tmp_path: Path) -> None:
    audit("balanced.py", "-o", "a.json")
    for form in ("markdown", "json", "csv", "terminal"):
        assert audit("report", "a.json", "--format", form).out == (
            audit("balanced.py", "--format", form).out
        )


def test_the_long_form_is_the_same_of_a_model_and_of_its_saved_audit(audit: Run) -> None:
    audit("balanced.py", "-o", "a.json")
    said = audit("report", "a.json", "--format", "markdown", "--long").out
    assert "## What the guidelines say" in said
    assert said == audit("balanced.py", "--format", "markdown", "--long").out
    refused = audit("balanced.py", "--format", "csv", "--long")
    assert (refused.status, refused.out) == (2, "")
    assert "csv has no long form" in refused.err


def test_only_some_rules_are_checked(audit: Run) -> None:
    def checked(*arguments: str) -> list[str]:
        ran = audit("balanced.py", "--format", "json", *arguments)
        return [guideline["code"] for guideline in json.loads(ran.out)["guidelines"]]

    assert checked("--rule", "G4", "--rule", "g1") == ["G1", "G4"]
    assert "G3" not in checked("--ignore", "G3")
    assert checked("--rule", "G1", "--rule", "G4", "--ignore", "G4") == ["G1"]


def guideline(verdict: Verdict) -> Guideline:
    return Guideline("X1", "x", "", "", Severity.ERROR, verdict, None)


@pytest.mark.parametrize(
    ("verdicts", "error", "warning", "never"),
    [
        ((), 0, 0, 0),
        ((Verdict.PASS, Verdict.NOT_APPLICABLE), 0, 0, 0),
        ((Verdict.PASS, Verdict.WARN), 0, 1, 0),
        ((Verdict.WARN, Verdict.FAIL), 1, 1, 0),
        ((Verdict.CRASHED,), 2, 2, 2),
        ((Verdict.CRASHED, Verdict.FAIL), 2, 2, 2),
    ],
)
def test_the_exit_status_is_that_of_the_worst_verdict(
    verdicts: tuple[Verdict, ...], error: int, warning: int, never: int
) -> None:
    graph = CostGraph((), (), (), 0)
    audit = Audit(Tool("", "", "", ""), Model("", "", ""), graph, tuple(map(guideline, verdicts)))
    assert [exit_status(audit, each) for each in FailOn] == [error, warning, never]


def test_a_violated_guideline_is_exit_status_1(audit: Run) -> None:
    unbalanced = ("balanced.py", "--arg", "width=160", "--rule", "G1", "--format", "json")
    assert audit(*unbalanced).status == 1
    assert audit(*unbalanced, "--fail-on", "never").status == 0
    assert audit("balanced.py", "--rule", "G1", "--format", "json").status == 0


def test_a_report_that_crashes_is_named(audit: Run, capfd: pytest.CaptureFixture[str]) -> None:
    audit("balanced.py", "-o", "a.json")
    saved = Audit.from_json(Path("a.json").read_text())
    crashing = Report("bad", ".bad", lambda audit: str(1 // 0))
    with pytest.raises(Exception, match="the report bad crashed: ZeroDivisionError"):
        deliver(saved, crashing, None)


def test_a_report_is_told_of_the_terminal_what_it_asks_for(audit: Run, tmp_path: Path) -> None:
    audit("balanced.py", "-o", "a.json")
    saved = Audit.from_json(Path("a.json").read_text())
    asking = Report("asking", ".x", lambda audit, *, width, color: f"{width} {color}")
    deliver(saved, asking, tmp_path / "a.x")
    deliver(saved, Report("not asking", ".y", lambda audit: "nothing"), tmp_path / "a.y")
    assert (tmp_path / "a.x").read_text() == "80 False"
    assert (tmp_path / "a.y").read_text() == "nothing"
    assert chosen("terminal", None).name == "terminal"


def test_a_model_named_like_a_command_is_reached_by_its_path(audit: Run) -> None:
    for typed in (["./list"], ["run", "list"]):
        ran = audit(*typed, "--format", "json")
        assert json.loads(ran.out)["model"]["class_name"] == "Linear"


def test_options_may_come_before_the_model(audit: Run) -> None:
    assert (
        json.loads(audit("--format", "json", "balanced.py").out)["schema_version"] == SCHEMA_VERSION
    )


def test_rules_are_explained_by_code_and_by_name(audit: Run) -> None:
    by_code = audit("explain", "g1")
    assert by_code.status == 0
    assert "G1 unbalanced-channels" in by_code.out
    assert "Why it matters" in by_code.out
    assert "\x1b" not in by_code.out
    assert max(map(len, by_code.out.splitlines())) <= 80
    assert audit("explain", "unbalanced-channels").out == by_code.out


@pytest.mark.parametrize(
    ("what", "name"), [("models", "xception"), ("rules", "G1"), ("reports", "json")]
)
def test_lists_name_the_pack(audit: Run, what: str, name: str) -> None:
    rows = [line.split()[:2] for line in audit("list", what).out.splitlines()]
    assert [name, "shufflenet-audit"] in rows


def test_help_and_version(audit: Run) -> None:
    for flag in ("--help", "-h"):
        assert "audit torchvision.models:shufflenet_v2_x1_0" in audit(flag).out
    assert audit("--version").out.startswith("shufflenet-audit ")
    assert audit().status == 2


def process(*arguments: str, code: str = "", **more: object) -> subprocess.Popen[str]:
    """The program, as a process of its own."""
    start = [sys.executable, "-c", code] if code else PROGRAM
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **more}
    return subprocess.Popen([*start, *arguments], **options)  # type: ignore[call-overload,no-any-return]  # of so many options mypy knows nothing


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["list", "rules"], ["list", "reports"], ["explain", "G1"], ["qwertz"],
     ["report", "a.json", "--format", "json"]],
    ids=" ".join,
)  # fmt: skip
def test_what_can_be_said_without_torch_is(audit: Run, arguments: list[str]) -> None:
    audit("balanced.py", "-o", "a.json")
    code = (
        "import sys\nfrom shufflenet_audit.cli.exit_status import status\nstatus(sys.argv[1:])\n"
        "sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    )
    run = process(*arguments, code=code)
    run.communicate()
    assert run.returncode == 0


def test_a_reader_that_goes_away_is_no_error() -> None:
    run = process("list", "models")
    assert run.stdout is not None
    run.stdout.close()
    assert run.stderr is not None
    assert run.stderr.read() == ""
    run.stderr.close()
    assert run.wait() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_disk_is_said(audit: Run) -> None:
    said = "cannot be written: No space left on device\n"
    assert audit("balanced.py", "-o", "/dev/full", "--quiet").err == f"audit: /dev/full {said}"
    with Path("/dev/full").open("w") as full:
        run = process("list", "models", stdout=full)
        assert run.communicate()[1] == f"audit: the output {said}"
    assert run.returncode == 2


def test_an_interrupt_ends_it_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import signal, sys\nprint('waiting', file=sys.stderr, flush=True)\nsignal.pause()\n"
    )
    run = process("slow.py", cwd=tmp_path)
    assert run.stderr is not None
    assert run.stderr.readline() == "waiting\n"
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out, err) == (2, "", "audit: interrupted\n")


@pytest.mark.parametrize(("environment", "colored"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_a_terminal_that_wants_them(
    environment: dict[str, str], colored: bool
) -> None:
    leader, follower = pty.openpty()
    clean = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    run = process("explain", "G1", stdout=follower, env={**clean, "TERM": "xterm", **environment})
    shown = os.read(leader, 65536)
    os.close(follower)
    run.communicate()
    os.close(leader)
    assert (b"\x1b[" in shown) == colored
