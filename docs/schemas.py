"""The JSON Schemas of what the program saves, each in the folder whose dataclass it describes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shufflenet_audit.comparison import Comparison
from shufflenet_audit.comparison.saved import FORM as COMPARISON
from shufflenet_audit.project.baseline import FORM as BASELINE
from shufflenet_audit.project.baseline import Baseline
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.saved import FORM as AUDIT
from shufflenet_audit.structure.schema import schema

PACKAGE: Final = Path(__file__).parents[1] / "shufflenet_audit"
SCHEMAS: Final = {
    "results/audit.schema.json": (Audit, AUDIT),
    "comparison/comparison.schema.json": (Comparison, COMPARISON),
    "project/baseline.schema.json": (Baseline, BASELINE),
}


def documents() -> Iterator[tuple[Path, str]]:
    """Each file with the schema that it must have."""
    for name, (cls, form) in SCHEMAS.items():
        text = json.dumps(schema(cls, form), indent=2, ensure_ascii=False) + "\n"
        yield PACKAGE / name, text
