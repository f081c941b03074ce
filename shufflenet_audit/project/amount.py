"""Amounts as people write them: `150M`, `1.5 G`, 4000."""

from __future__ import annotations

import math
import re
from typing import Final

_UNITS: Final = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_FORM: Final = re.compile(r"\s*(\d[\d_]*(?:\.\d+)?)\s*([kKMGT]?)\s*")


def amount(value: object) -> float | None:
    """The amount that is meant, or nothing if none is."""
    if isinstance(value, str):
        match = _FORM.fullmatch(value)
        if match is None:
            return None
        number, unit = match.groups()
        return round(float(number) * _UNITS[unit.replace("K", "k")], 6)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if value >= 0 and math.isfinite(value) else None
