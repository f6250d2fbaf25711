"""Public code on the review page: its name, and the files of its base commit (make e2e-review)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.base_tree import APP, EDITED, PLAIN, commit_files, decompressed
from tests.support.leaks import random_secret
from tests.support.review_browser import ASTRAL, drive, need_tools
from tests.support.review_page import ServedReview, open_page
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock
from signoff_schemas.steps import FilesStep

pytestmark = pytest.mark.review

URL = "https://example.org/ada/tally"
SECRET_FILE, VENDORED, LEFT_OUT = "config/prod.toml", "vendor/lib/part.js", "README.md"


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


def _recorded(root: Path, secret: str, patch: pytest.MonkeyPatch) -> Path:
    """Record a session in a repository of which a remote holds the base commit; seal it.

    The commit is of long before, so that its reflog entry is never taken for the session's.
    """
    files = {SECRET_FILE: f'api_token = "{secret}"\n', VENDORED: f"/* MIT {ASTRAL} */\n"}
    for who in ("AUTHOR", "COMMITTER"):
        patch.setenv(f"GIT_{who}_DATE", "2026-01-01T00:00:00Z")
    work = commit_files(root, {**PLAIN, **files})
    work.git("update-ref", "refs/remotes/origin/main", "HEAD")
    work.git("config", "remote.origin.url", URL)
    session = make_session(root)
    journal = Journal(root=session.root)
    head = work.git("rev-parse", "HEAD")
    journal.step("git", operation="checkout", head_before=head, head_after=head)
    journal.open(EDITED, APP)
    journal.change(EDITED, (APP.count("\n"), 0), (APP.count("\n"), 0), "print(first())\n")
    journal.save(EDITED, f"{APP}print(first())\n")
    journal.write(session.folder)
    return seal_session(session, resolve_home(), SystemClock()).path


@pytest.mark.usefixtures("compiled_engine", "home")
def test_the_repository_is_named_and_its_base_tree_goes_along_but_for_what_is_unticked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = random_secret(20260202, 32)
    base = _recorded(tmp_path / "project", secret, monkeypatch)
    given = {"url": URL, "secret": SECRET_FILE, "vendored": VENDORED, "left_out": LEFT_OUT}
    with ServedReview(base) as review:
        drive("public_code", review.next_way().address, tmp_path / "out", given)
        client, _ = open_page(review.press_enter())
        plan = client.get("/api/review").json()["plan"]
        shared = client.get("/api/keeps/0/preview").body
        assert review.end() == 0
    assert isinstance(plan, dict)
    assert (plan["name_repository"]["url"], plan["name_repository"]["spdx"]) == (URL, "MIT")
    # The plan names files by number only; the list lies in nobody's way to read it back.
    assert LEFT_OUT not in json.dumps(plan)
    episode = read_episode(shared)
    tree = next(step for step in episode.steps if isinstance(step, FilesStep) and step.is_tree)
    paths = {item.path for item in tree.changed}
    assert {EDITED, VENDORED} <= paths
    assert not {LEFT_OUT, SECRET_FILE} & paths
    assert secret.encode() not in decompressed(shared)
