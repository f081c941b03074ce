"""A table of timings is read as it is meant, and each mistake is one line with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from shufflenet_audit.errors import FormatError
from shufflenet_audit.latency.predicting.times_file import rows


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "times.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_columns_are_told_by_their_names(tmp_path: Path) -> None:
    text = "threads,milliseconds,model,input,batch\n4,21.5,resnet_50,1x3x192x192,\n4,3,a.onnx,,8\n"
    first, second = rows(written(tmp_path, text))
    assert (first.model, first.input, first.seconds) == ("resnet_50", "1x3x192x192", 0.0215)
    assert (first.threads, first.batch, first.line) == (4, None, 2)
    assert (second.input, second.batch) == ("", 8)


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    (row,) = rows(written(tmp_path, "model,milliseconds\nresnet_50,20\n", "utf-8-sig"))
    assert row.model == "resnet_50"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no column model and no column milliseconds"),
        ("model,ms\na,1\n", "has no column milliseconds: the first line names the columns model"),
        ("model;milliseconds\na;1\n", "separates its columns by semicolons: separate .* commas"),
        ("model\tmilliseconds\na\t1\n", "separates its columns by tabs"),
        ("model,milliseconds\n", "has no timings: write a line for each"),
        ("model,milliseconds\na,12,5\n", "csv:2: .* write decimals with a point"),
        ("model,milliseconds\na\n", "csv:2: as many values are needed as there are columns"),
        ('model,milliseconds\na,"12,5"\n', r"csv:2: .* is '12,5': write 12\.5, with a decimal"),
        ("model,milliseconds\na,fast\n", "csv:2: milliseconds is 'fast': write a number"),
        ("model,milliseconds\n,5\n", "csv:2: which model was timed is not said"),
        ("model,milliseconds,threads\na,5,two\n", "threads is 'two': write a whole number"),
        ("model,milliseconds,low,high\na,5,6,7\n", "5 milliseconds are not between low and high"),
    ],
)
def test_a_mistake_is_one_line_with_its_cure(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(FormatError, match=said) as raised:
        rows(written(tmp_path, text))
    assert "\n" not in str(raised.value)


def test_another_encoding_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="save it as CSV in UTF-8"):
        rows(written(tmp_path, "model,milliseconds\né,5\n", "latin-1"))
    with pytest.raises(FormatError, match="cannot be read as a table"):
        rows(tmp_path / "none.csv")
