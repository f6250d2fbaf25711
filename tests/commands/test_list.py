"""`signoff list`: whose an episode is, for whom it was signed, where it lies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.sign_off import (
    call_signoff,
    put_episode,
    run_signoff,
    signed_episode,
    small_episode,
)

from signoff_collector.capture.sessions.seal_notes import (
    LEFT_OUT,
    SealedAs,
    note_seal_failed,
    note_sealed,
    note_to_check,
)
from signoff_collector.capture.sessions.session_folder import create_session
from signoff_collector.consent.sign_off_files import statement_path
from signoff_collector.kept.episode_files import digest_of
from signoff_collector.own_files.home import resolve_home
from signoff_collector.own_files.private_files import make_private_folder
from signoff_collector.system.clock import SystemClock
from signoff_collector.upload.outbox.outbox import outbox_path
from signoff_schemas.errors import RefusedError


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def episodes() -> list[dict[str, Any]]:
    done = run_signoff("list", "--json")
    assert done.code == 0, done.err
    return [dict(row) for row in done.rows() if row["kind"] == "episode"]


def test_a_signed_episode_says_for_whom_and_where_it_lies(home: Path, store: Path) -> None:
    path = signed_episode(home, store)
    (row,) = episodes()
    assert (row["audiences"], row["uploaded"]) == ([store.as_uri()], [])
    assert call_signoff("upload", path, "--to", store).code == 0
    (row,) = episodes()
    assert row["uploaded"] == [store.as_uri()]
    assert f"sent to {store.as_uri()}" in run_signoff("list").out
    assert call_signoff("withdraw", "--yes", path).code == 0
    (row,) = episodes()
    assert row["uploaded"] == []
    assert (row["signed"], row["withdrawn"]) == (False, [store.as_uri()])
    said = run_signoff("list").out
    assert "sent to" not in said
    assert "withdrawn" in said
    assert "  signed" not in said


def test_an_episode_and_what_was_made_from_it_name_their_workspace(
    home: Path, tmp_path: Path, store: Path
) -> None:
    folder = tmp_path / "project \U0001f600\U00010348"
    folder.mkdir()
    shared = signed_episode(home, store)
    base = put_episode(resolve_home(), small_episode(text="base \U0001f600\U00010348\n"))
    session = create_session(resolve_home(), folder, clock=SystemClock())
    note_sealed(session, SealedAs(path=base, sha256=digest_of(base)))
    assert [row.get("root") for row in episodes()].count(str(folder)) == 1
    review = {"base_sha256": digest_of(base), "sha256": digest_of(shared)}
    reviews = resolve_home().state / "reviews"
    (reviews / f"{digest_of(shared)}.json").write_text(json.dumps(review))
    assert {row.get("root") for row in episodes()} == {str(folder)}
    again = put_episode(resolve_home(), small_episode(text="unmasked \U0001f600\U00010348\n"))
    earlier = (digest_of(base),)
    note_sealed(session, SealedAs(path=again, sha256=digest_of(again), earlier=earlier))
    assert {row.get("root") for row in episodes()} == {str(folder)}


def test_what_was_left_out_and_what_is_blocked_is_said_by_name(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    resolve_home().ensure()
    make_private_folder(resolve_home().episodes)
    base = put_episode(resolve_home(), small_episode(text="base \U0001f600\U00010348\n"))
    sealed, blocked = (
        create_session(resolve_home(), folder, clock=SystemClock()) for _ in range(2)
    )
    note_sealed(sealed, SealedAs(path=base, sha256=digest_of(base)))
    places = [("the name of es/OTP\n/a.ts", LEFT_OUT), ("a.py line 3", "may be a word")]
    places += [(f"command step {at}: /argv/1", LEFT_OUT) for at in range(9)]
    note_to_check(sealed, places)
    (blocked.folder / "active").unlink()
    note_seal_failed(blocked, RefusedError("seen in a.py", hint="Forget a.py."), SystemClock())
    rows = {row["id"]: row for row in run_signoff("list", "--json").rows()}
    assert rows[sealed.id]["left_out"] == [place for place, why in places if why == LEFT_OUT]
    assert rows[blocked.id]["state"] == "blocked"
    said = run_signoff("list").out.splitlines()
    assert "  left out, since it could not be masked: the name of es/OTP␊/a.ts" in said
    assert said[said.index("  seen in a.py") + 1] == "  Forget a.py."
    assert said.count("  and 5 more; --json has all") == 1
    status = run_signoff("status").out
    assert "left out of 1 episode" in status


@pytest.mark.parametrize(
    "statement",
    [b"", b"[" * 100_000, b"[]", b'{"predicate": 1}', b'{"predicate": {"audience": "x"}}',
     b'{"predicate": {"audience": "x"}, "subject": [[]]}',
     b'{"predicate": {"audience": ["x"]}, "subject": [{"digest": {"sha256": "y"}}]}'],
    ids=lambda statement: repr(statement[:60]),
)  # fmt: skip
def test_a_statement_that_cannot_be_read_costs_only_its_own_words(
    home: Path, store: Path, statement: bytes
) -> None:
    statement_path(signed_episode(home, store)).write_bytes(statement)
    (row,) = episodes()
    assert row["signed"]
    assert not {"audiences", "uploaded"} & set(row)


def test_an_outbox_that_cannot_be_read_is_not_taken_for_an_empty_one(
    home: Path, store: Path
) -> None:
    signed_episode(home, store)
    outbox_path(resolve_home()).write_bytes(b"no outbox" * 1000)
    (row,) = episodes()
    assert row["audiences"] == [store.as_uri()]
    assert "uploaded" not in row
