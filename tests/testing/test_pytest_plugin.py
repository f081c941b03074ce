"""The pytest plugin, as a project of its own uses it: strictly, and with warnings as errors."""

from __future__ import annotations

from typing import Final

import pytest
import torch  # noqa: F401  (so that the tests inside these do not each import it anew)

import shufflenet_audit.loading
import shufflenet_audit.testing.assertion  # noqa: F401  (likewise)

pytest_plugins = ["pytester"]

MODEL: Final = """
import torch
from torch import nn

class Net(nn.Sequential):
    def forward(self, x):
        return self[0](x)

def grouped():
    return Net(nn.Conv2d(64, 64, 1, groups=4))

def dense():
    return Net(nn.Conv2d(64, 64, 1))

x = torch.zeros(1, 64, 8, 8)
"""
PROJECT: Final = '[tool.pytest]\nfilterwarnings = ["error"]\nstrict = true\npythonpath = ["."]\n'


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(model=MODEL)
    pytester.makefile(".toml", pyproject=PROJECT)


def ran(pytester: pytest.Pytester, test: str) -> pytest.RunResult:
    """What becomes of a test with the fixture, of which this is the body."""
    pytester.makepyfile(
        test_model=f"from model import dense, grouped, x\n\ndef test(audited):\n    {test}\n"
    )
    return pytester.runpytest_inprocess("-p", "no:cacheprovider")


@pytest.mark.parametrize(
    "test",
    [
        'audited(dense(), x).must_hold("G1", "group-convolution").must_hold()',
        'audited(grouped(), x=x).must_hold("G1")',
        'audited("shufflenet_v2", width=0.5).must_hold("G1", "g2").must_stay_within(macs="50M")',
        'audited("model.py:grouped", "1x64x8x8").must_stay_within(ops=1, params=1088)',
    ],
)
def test_what_holds_passes(pytester: pytest.Pytester, test: str) -> None:
    ran(pytester, test).assert_outcomes(passed=1)


@pytest.mark.parametrize("asked", ['"G2"', ""])
def test_a_violation_names_finding_place_cost_and_alternative(
    pytester: pytest.Pytester, asked: str
) -> None:
    result = ran(pytester, f"audited(grouped(), x).must_hold({asked})")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E       AssertionError: Net:",
            "E         G2 group-convolution: fail: *%, memory access (fused) that dense *",
            "E           4 groups, 64 channels in, 64 out",
            "E             in 0",
            "E             at model.py:6",
            "E             saves * kB fused (*%)*",
            "E             instead: * without groups *",
            "test_model.py:4: AssertionError",
        ]
    )


def test_a_budget_that_is_not_kept_says_by_how_much(pytester: pytest.Pytester) -> None:
    result = ran(pytester, 'audited(dense(), x).must_stay_within(params="4k", ops=1)')
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E         params: 4.16 k of 4.00 k: 4.0% over"])
    result.stdout.no_fnmatch_line("E * ops: *")


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (
            'audited(dense(), x).must_stay_within(parms="4k")',
            "parms is no key: did you mean params",
        ),
        ('audited(dense(), x).must_stay_within(macs="4X")', 'macs is "4X": write a number'),
        ('audited(dense(), x).must_hold("G11")', "is called 'G11': did you mean G1?"),
        ('audited("shufflenet_v3")', "no model is called 'shufflenet_v3': did you mean"),
    ],
)
def test_a_mistake_in_the_test_is_said(pytester: pytest.Pytester, test: str, said: str) -> None:
    result = ran(pytester, test)
    result.assert_outcomes(failed=1)
    assert said in result.stdout.str()


def test_the_configuration_is_honoured(pytester: pytest.Pytester) -> None:
    suppressed = (
        '[[tool.shufflenet-audit.suppress]]\nrule = "G2"\nmodule = "*"\nreason = "so"\n'
        "[tool.shufflenet-audit.budgets]\nops = 0\n"
    )
    pytester.makefile(".toml", pyproject=PROJECT + suppressed)
    ran(pytester, 'audited(grouped(), x).must_hold("G2")').assert_outcomes(passed=1)
    result = ran(pytester, "audited(grouped(), x).must_hold()")
    result.stdout.fnmatch_lines(["E         budget ops: 1 of 0: over"])
    result.stdout.no_fnmatch_line("* G2 *")


def test_what_was_not_checked_cannot_hold(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", pyproject=f'{PROJECT}[tool.shufflenet-audit.rules]\nG2 = "off"\n')
    result = ran(pytester, 'audited(dense(), x).must_hold("G2")')
    result.assert_outcomes(failed=1)


def test_a_project_that_does_not_use_it_is_not_disturbed(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", pyproject=PROJECT + "[tool.shufflenet-audit]\nbroken = 1\n")
    pytester.makepyfile(
        test_heavy=(
            "import sys\n\ndef test():\n"
            "    assert not {'torch', 'click', 'numpy', 'rich'} & set(sys.modules)\n"
            "    assert not [each for each in sys.modules if each.startswith('shufflenet_audit')]\n"
        )
    )
    only = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "test_heavy.py")
    pytester.runpytest_subprocess(*only).assert_outcomes(passed=1)
