"""Files are named so that they tell nothing of the machine where that can be helped."""

from __future__ import annotations

from pathlib import Path

import pytest

from shufflenet_audit.user_code import shortened


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A module in a package inside a package, which is on no search path: an editable install."""
    inner = tmp_path / "home" / "nets" / "blocks"
    inner.mkdir(parents=True)
    for folder in (inner.parent, inner):
        (folder / "__init__.py").touch()
    (inner / "shuffle.py").touch()
    return inner / "shuffle.py"


def test_a_file_of_a_package_is_named_from_its_outermost_package_on(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert shortened(str(package)) == "nets/blocks/shuffle.py"


def test_a_file_below_the_working_folder_is_named_from_there(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shortened(str(package)) == "home/nets/blocks/shuffle.py"


def test_a_file_of_no_package_keeps_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "model.py").touch()
    monkeypatch.chdir(tmp_path / "here")
    assert shortened(str(tmp_path / "model.py")) == (tmp_path / "model.py").as_posix()
