"""
For the tests of a model: `audited(model, x).must_hold("G1")`.

A module of its own: pytest loads it in every project of the environment, before the coverage of
ours begins, and importing anything of the package would import its `__init__`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # nothing is imported before it is used
    from shufflenet_audit.testing.assertion import Auditor


@pytest.fixture
def audited() -> Auditor:
    """
    Audit a module on inputs, or a model by name, as the configuration says.

    `audited(model, x).must_hold("G1")`, `.must_hold()` for every rule, and
    `.must_stay_within(macs="150M", params="2M")`.
    """
    from shufflenet_audit.testing.assertion import Auditor  # noqa: PLC0415  (see the top)

    return Auditor()
