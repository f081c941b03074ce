"""Timings of networks on a device, as a table in a file: one line for each network."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shufflenet_audit.errors import FormatError

REQUIRED: Final = ("model", "milliseconds")
OPTIONAL: Final = ("input", "low", "high", "threads", "batch")
_OTHER_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class TimesRow:
    """The time of one network."""

    model: str
    """A model as `audit` takes it, or the file of a saved audit."""
    input: str
    """Its example input, as in 1x3x224x224; empty for the usual one."""
    seconds: float
    """Its time for one run."""
    threads: int | None
    """Threads that it ran with; None where the file does not say."""
    batch: int | None
    """Its batch size; None: that of the input."""
    line: int
    """Where it stands in the file, from 1."""


def rows(path: Path) -> tuple[TimesRow, ...]:
    """The rows of a file. Raises FormatError for the first mistake."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            _check_columns(path, table.fieldnames or ())
            found = tuple(_rows(path, table))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"{path} cannot be read as a table: {error}; save it as CSV in UTF-8"
        raise FormatError(message) from error
    if not found:
        message = f"{path} has no timings: write a line for each network that was timed"
        raise FormatError(message)
    return found


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    missing = [name for name in REQUIRED if name not in columns]
    if not missing:
        return
    header = "".join(columns)
    for separator, called in _OTHER_SEPARATORS.items():
        if separator in header:
            message = f"{path} separates its columns by {called}: separate them by commas"
            raise FormatError(message)
    message = (
        f"{path} has no column {' and no column '.join(missing)}: the first line names the columns"
        f" {', '.join(REQUIRED)}, and perhaps {', '.join(OPTIONAL)}"
    )
    raise FormatError(message)


def _rows(path: Path, table: csv.DictReader[str]) -> Iterator[TimesRow]:
    for values in table:
        where = f"{path}:{table.line_num}"
        if None in values or None in values.values():
            message = (
                f"{where}: as many values are needed as there are columns: write decimals with a"
                " point, and put a value with a comma in quotes"
            )
            raise FormatError(message)
        model = values["model"].strip()
        if not model:
            message = f"{where}: which model was timed is not said: fill in the column model"
            raise FormatError(message)
        _check_interval(values, where)
        yield TimesRow(
            model=model,
            input=values.get("input", "").strip(),
            seconds=_number(values, "milliseconds", where) / 1e3,
            threads=_whole(values, "threads", where),
            batch=_whole(values, "batch", where),
            line=table.line_num,
        )


def _number(values: Mapping[str, str], column: str, where: str) -> float:
    text = values[column].strip()
    try:
        return float(text)
    except ValueError as error:
        point = text.replace(",", ".", 1)
        cure = f"write {point}, with a decimal point" if point != text else "write a number"
        message = f"{where}: {column} is {text!r}: {cure}"
        raise FormatError(message) from error


def _whole(values: Mapping[str, str], column: str, where: str) -> int | None:
    text = values.get(column, "").strip()
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        message = f"{where}: {column} is {text!r}: write a whole number from 1"
        raise FormatError(message)
    return int(text)


def _check_interval(values: Mapping[str, str], where: str) -> None:
    """Raise FormatError where an interval does not hold its own time."""
    bounds = [_number(values, name, where) if values.get(name, "").strip() else None
              for name in ("low", "high")]  # fmt: skip
    low, high = bounds
    middle = _number(values, "milliseconds", where)
    if (low is not None and low > middle) or (high is not None and high < middle):
        message = f"{where}: {middle:g} milliseconds are not between low and high: correct the line"
        raise FormatError(message)
