"""How an audit differs from the project's baseline: what is worse, and what is gone."""

from __future__ import annotations

from dataclasses import dataclass

from shufflenet_audit.structure.hints import Count
from shufflenet_audit.text import human


@dataclass(frozen=True, slots=True)
class Regression:
    """A number that is worse than in the baseline."""

    name: str
    """A total such as `macs`, or the code of a rule whose metric it is."""
    before: float
    """Its value in the baseline."""
    now: float
    """Its value in this audit."""
    share: bool = False
    """Whether the values are shares from 0 to 1."""

    def __str__(self) -> str:
        """As in `G1: 6.1%, was 5.2%`."""
        if self.share:
            return f"{self.name}: {self.now:.1%}, was {self.before:.1%}"
        return f"{self.name}: {human(self.now)}, was {human(self.before)}"


@dataclass(frozen=True, slots=True)
class Drift:
    """What has changed since a baseline."""

    baseline: str
    """The file of the baseline."""
    regressions: tuple[Regression, ...] = ()
    """The numbers that are worse by more than the tolerance."""
    gone: Count = 0
    """How many findings of the baseline are no longer there."""
