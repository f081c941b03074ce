"""`audit devices`: what there is, what is known of one, and one's own from a few timings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shufflenet_audit.cli.exit_status import status

TIMES = """model,input,milliseconds,threads
shufflenet_v2,,40,1
mobilenet_v2,,85,1
resnet_50,,660,1
shufflenet_v2_0.5x,1x3x160x160,9,1
mobilenet_v1,,130,1
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_all_devices_are_listed_with_how_far_off_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert status(["devices"]) == 0
    shown = capsys.readouterr().out
    assert "gtx-1080ti (not measured" in shown
    assert "raspberry-pi-4 " in shown
    assert "networks, off by" in shown


def test_one_device_is_shown_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["devices", "show", "Raspberry-Pi-4"]) == 0
    shown = capsys.readouterr().out
    assert "like other devices of the kind cpu" in shown
    assert "90 % intervals" in shown
    assert "https://github.com/Tencent/ncnn" in shown


def test_a_device_is_fitted_kept_and_predicted_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    times = tmp_path / "times.csv"
    times.write_text(TIMES, encoding="utf-8")
    assert status(["devices", "fit", str(times), "--name", "my-board"]) == 0
    assert "predict with: audit MODEL --on my-board" in capsys.readouterr().out
    arguments = ["shufflenet_v2", "--on", "my-board", "--format", "json", "--fail-on", "never"]
    assert status(arguments) == 0
    (latency,) = json.loads(capsys.readouterr().out)["latencies"]
    assert latency["device"] == "my-board"
    assert latency["total"]["low"] < 0.040 < latency["total"]["high"]
    parts = sum(timing["seconds"]["median"] for timing in latency["timings"])
    assert parts == pytest.approx(latency["total"]["median"], rel=0.1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "raspbery-pi-4"], "did you mean raspberry-pi-4"),
        (["show", "nothing-like-it-at-all"], "audit devices lists the"),
        (["show"], "missing NAME"),
        (["fit"], "missing TIMES.csv"),
        (["fit", "none.csv", "--name", "a"], "cannot be read as a table"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["devices", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_an_unknown_model_in_the_table_is_named_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    times = tmp_path / "times.csv"
    times.write_text("model,milliseconds\nshufflenet_v2,40\nshuflenet_v2,41\n", encoding="utf-8")
    assert status(["devices", "fit", str(times), "--name", "my-board"]) == 2
    said = capsys.readouterr().err
    assert "times.csv:3" in said
    assert "did you mean shufflenet_v2" in said


def test_a_name_that_is_no_file_name_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    times = tmp_path / "times.csv"
    times.write_text("model,milliseconds\nshufflenet_v2,40\n", encoding="utf-8")
    assert status(["devices", "fit", str(times), "--name", "../Mine"]) == 2
    assert "use small letters, digits and hyphens" in capsys.readouterr().err
