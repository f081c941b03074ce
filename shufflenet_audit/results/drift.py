"""How far an audit has drifted from an earlier one: what is worse, and what is gone."""

from __future__ import annotations

from dataclasses import dataclass

from shufflenet_audit.structure.hints import Count
from shufflenet_audit.text import human


@dataclass(frozen=True, slots=True)
class Regression:
    """A number that was better: a total such as `macs`, or the metric of a rule."""

    name: str
    """A total by its name, or the code of a rule, whose metric it is."""
    before: float
    """Its value in the baseline."""
    now: float
    """Its value in the audit."""
    share: bool = False
    """Whether it is a share from 0 to 1."""

    def __str__(self) -> str:
        """As in `G1: 6.1%, was 5.2%`."""
        if self.share:
            return f"{self.name}: {self.now:.1%}, was {self.before:.1%}"
        return f"{self.name}: {human(self.now)}, was {human(self.before)}"


@dataclass(frozen=True, slots=True)
class Drift:
    """Against which baseline, what is worse beyond the tolerance, and how many findings went."""

    baseline: str
    """The file of the baseline."""
    regressions: tuple[Regression, ...] = ()
    """What is worse, beyond the tolerance."""
    gone: Count = 0
    """How many findings of the baseline are gone."""
