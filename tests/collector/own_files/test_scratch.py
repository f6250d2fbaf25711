"""Temporary folders lie where no environment of a workspace puts them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from signoff_collector.own_files import scratch
from signoff_collector.own_files.scratch import scratch_folder
from signoff_schemas.errors import ChildFailedError


def test_a_folder_is_private_goes_again_and_ignores_tmpdir(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "named"
    named.mkdir()
    monkeypatch.setenv("TMPDIR", str(named))
    with scratch_folder("signoff-", what="a test") as name:
        folder = Path(name)
        assert named not in folder.parents
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "\U0001f98a\U00010348").write_text("here")
    assert not folder.exists()
    assert list(named.iterdir()) == []


def test_where_no_folder_can_be_made_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "_PLACES", (str(tmp_path / "gone"),))
    with pytest.raises(ChildFailedError, match="no folder can be made for a test in"):
        scratch_folder("signoff-", what="a test")
