"""Unmasking from the page: a second confirmation, a new first episode, the plan carried over."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.collector.review.serving.conftest import Served
from tests.support.leaks import leaks_in_bytes, random_secret
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session

from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.forgetting.session_removal import remove_raw
from signoff_collector.own_files.home import resolve_home
from signoff_collector.review.desk.storing import find_base
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A sealed session with two secrets in it."""

    session: Session
    path: Path
    secrets: tuple[str, str]


@pytest.fixture
def sealed(compiled_engine: None, tmp_path: Path) -> Sealed:
    session = make_session(tmp_path / "project")
    secrets = (random_secret(93, 32), random_secret(94, 32))
    journal = Journal(root=session.root)
    journal.open("a.py", "# \U0001f600\U00010348\n\n\n")
    lines = [f'api_token = "{secrets[0]}"', f'db_password = "{secrets[1]}"']
    for number, line in enumerate(lines, 1):
        for column, char in enumerate(line):
            journal.change("a.py", (number, column), (number, column), char)
    journal.save("a.py", "\n".join(["# \U0001f600\U00010348", *lines, ""]))
    journal.write(session.folder)
    home = resolve_home()
    base = find_base(home, seal_session(session, home, SystemClock()).sha256)
    return Sealed(session=session, path=base.path, secrets=secrets)


def redactions(served_groups: dict[str, object]) -> list[dict[str, object]]:
    groups = served_groups["groups"]
    assert isinstance(groups, list)
    return [group for group in groups if "unmask" in group["actions"]]


def test_one_value_is_shown_again_after_a_second_confirmation(
    sealed: Sealed, serve: Callable[..., Served]
) -> None:
    served = serve(sealed.path)
    client = served.open()
    told = client.get("/api/review").json()
    assert told["can_unmask"] is True
    last = served.reviewing.file.base.episode.step_count - 1
    assert client.put_plan(keeps=[{"from_seq": 0, "to_seq": last}]).status == 200
    group = redactions(client.get("/api/keeps/0/check").json())[0]["id"]
    for body in ({"group": group}, {"group": group, "confirmed": False}):
        assert client.post("/api/unmask", body).status == 400
    done = client.post("/api/unmask", {"group": group, "confirmed": True})
    assert done.status == 200, done.raw
    again = client.get("/api/review").json()
    data = client.get("/api/base").body
    assert again["base_sha256"] == done.json()["base_sha256"] == hashlib.sha256(data).hexdigest()
    assert again["base_sha256"] != told["base_sha256"]
    assert again["plan"] == done.json()["plan"]
    preview = client.get("/api/keeps/0/preview").body
    shown = [value for value in sealed.secrets if leaks_in_bytes(preview, [value])]
    assert len(shown) == 1
    assert client.post("/api/keeps/0/final", {}).status == 200


def test_without_the_journals_nothing_is_unmasked(
    sealed: Sealed, serve: Callable[..., Served]
) -> None:
    served = serve(sealed.path)
    client = served.open()
    last = served.reviewing.file.base.episode.step_count - 1
    assert client.put_plan(keeps=[{"from_seq": 0, "to_seq": last}]).status == 200
    group = redactions(client.get("/api/keeps/0/check").json())[0]["id"]
    remove_raw(sealed.session)
    assert client.get("/api/review").json()["can_unmask"] is False
    refused = client.post("/api/unmask", {"group": group, "confirmed": True})
    assert (refused.status, refused.json()["exit_code"]) == (404, 10)
    assert client.put_plan(cut_kinds=["view"]).status == 200
