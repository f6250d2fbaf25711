"""What `signoff restore` puts back counts as whoever wrote it: no share of the person falls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.bridge import Client, at, bridge, enable, wait_for_records
from tests.support.cli import signoff
from tests.support.deadline import wait_until

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.review.checking.authors import shares_of

pytestmark = pytest.mark.slow
_OLD = "# 😀🚀 was there\n"
_TYPED = "def lost(): return 'words of mine'\n"


def typed(client: Client, uri: str) -> None:
    """Type a line at the end, key by key, with an editor's word for each."""
    for version, char in enumerate(_TYPED, 2):
        said = {"uri": uri, "version": version, "reason": "key", "changes": 1}
        client.notify("signoff/evidence", said)
        line, column = (1, version - 2)
        client.change(uri, version, at(line, column, line, column, char))


def typed_share(project: Path) -> tuple[float, int]:
    """Return which share of the day's text was typed, and how much was put in at all."""
    said = signoff("today", "--since", "2h", "--json", cwd=project)
    (row,) = [json.loads(line) for line in said.out.splitlines()]
    every = sum(row["authors"].values())
    return row["authors"]["typed"] / every, every + row.get("restored", 0)


def test_a_restore_lowers_no_share_in_today_and_in_the_review(home: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    file = project / "a.py"
    file.write_text(_OLD)
    enable(project)
    with bridge() as client:
        companion = {"companion": {"name": "c", "version": "1", "protocol": 1}}
        client.initialize(initializationOptions=companion)
        client.notify("signoff/hello", {"name": "c", "version": "1", "protocol": 1})
        uri = client.open(file)
        typed(client, uri)
        file.write_text(_OLD + _TYPED)
        client.save(uri)
        wait_for_records(RecordKind.SAVE, 1)
        before, put = typed_share(project)
        version = len(_TYPED) + 2
        client.change(uri, version, at(1, 0, 2, 0, ""))
        file.write_text(_OLD)
        client.save(uri)
        wait_for_records(RecordKind.SAVE, 2)
        words = ("--at", f"step:{len(_TYPED) + 1}", "--yes")
        done = signoff("restore", "a.py", *words, cwd=project)
        assert done.code == 0, done
        assert file.read_text() == _OLD + _TYPED
        client.change(uri, version + 1, at(1, 0, 1, 0, _TYPED))  # the editor reads it anew
        wait_until(
            lambda: typed_share(project)[1] == put + len(_TYPED), "the reload to be recorded"
        )
        after, _ = typed_share(project)
        assert after >= before
        client.quit()
    signoff("stop", cwd=project)
    assert signoff("seal", cwd=project).code == 0
    sealed = next(iter((home / "data" / "episodes").glob("*.episode")), None)
    assert sealed is not None, [*home.rglob("*.episode")]
    shares = {one.actor: one for one in shares_of(read_episode(sealed))}
    told = {name: (one.written, one.surviving) for name, one in shares.items()}
    assert told.pop("typed") == (len(_TYPED), len(_TYPED))
    assert told.pop("preexisting")[1] == len(_OLD)
    assert set(told.values()) == {(0, 0)}, told  # an edit that erased, one that put back
