"""How far an audit has drifted from an earlier one: what is worse, and what is gone."""

from __future__ import annotations

from dataclasses import dataclass

from shufflenet_audit.text import human


@dataclass(frozen=True, slots=True)
class Regression:
    """A number that was better: a total such as `macs`, or the metric of a rule."""

    name: str
    before: float
    now: float
    share: bool = False

    def __str__(self) -> str:
        """As in `G1: 6.1%, was 5.2%`."""
        if self.share:
            return f"{self.name}: {self.now:.1%}, was {self.before:.1%}"
        return f"{self.name}: {human(self.now)}, was {human(self.before)}"


@dataclass(frozen=True, slots=True)
class Drift:
    """Against which baseline, what is worse beyond the tolerance, and how many findings went."""

    baseline: str
    regressions: tuple[Regression, ...] = ()
    gone: int = 0
