"""The Parquet report: the table of ops, for pandas, DuckDB and Spark."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO

from shufflenet_audit.plugin import Audit, UnavailableError, report


@report("parquet", suffix=".parquet")
def parquet(audit: Audit) -> bytes:
    """One row per op with its place, shapes and costs, as a Parquet file."""
    if find_spec("pyarrow") is None:
        message = 'Parquet needs pyarrow: pip install "shufflenet-audit[parquet]"'
        raise UnavailableError(message)
    file = BytesIO()
    audit.table().to_parquet(file, engine="pyarrow", index=False)
    return file.getvalue()
