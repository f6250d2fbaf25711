"""Which recording a screen shows: the same words as the page's."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from signoff_collector.capture.opt_in.owners import Owners
from signoff_collector.own_files.home import resolve_home
from signoff_collector.replay.origin import origin_words, project_of
from signoff_schemas.header import EpisodeHeader

ROOT = Path(__file__).parents[3]
TABLE = json.loads(
    (ROOT / "editor_extensions/review_page/test/fixtures/origins.json").read_text("utf-8")
)


@pytest.mark.parametrize("row", TABLE["origins"], ids=lambda row: row["words"])
def test_project_and_time_are_told_as_far_as_they_are_known(
    row: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = row["folder"]
    assert folder is None or isinstance(folder, str)
    monkeypatch.setenv("TZ", TABLE["zone"])
    time.tzset()
    try:
        assert origin_words(EpisodeHeader.model_validate(row["header"]), folder) == row["words"]
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.usefixtures("home")
def test_the_folder_is_known_only_of_what_was_sealed_here(tmp_path: Path) -> None:
    home = resolve_home()
    sha256 = "ab" * 32
    assert project_of(home, sha256) is None
    Owners(home).keep_recorded(sha256, tmp_path / "shop-api", None)
    assert project_of(home, sha256) == "shop-api"
    assert project_of(home, "cd" * 32) is None
