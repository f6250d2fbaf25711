"""A person's own views tell a session with its own names; what may be shared never does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.history import ended_session, live_session
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import signoff

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.masked import is_masked
from signoff_collector.forgetting.session_removal import remove_raw
from signoff_collector.history.local_sessions import View, local_sessions
from signoff_collector.own_files.home import resolve_home
from signoff_collector.review.desk import storing
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import RefusedError
from signoff_schemas.steps import GitStep

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.episode.content import Episode

pytestmark = pytest.mark.usefixtures("compiled_engine")

BRANCH = "trim"
COMMIT = "8a54d2a668e8c0ffee00112233445566778899aa"
MOVED = f"checkout: moving from main to {BRANCH}"


def journal(root: Path) -> Journal:
    told = Journal("git", 100, root=root)
    told.step("git", operation="checkout", branch=BRANCH, head_after=COMMIT, message=MOVED)
    told.step("git", operation="commit", branch=BRANCH, head_after=COMMIT, message="commit: trim")
    return told


def git_steps(episode: Episode) -> list[GitStep]:
    return [step for step in episode.steps if isinstance(step, GitStep)]


def told(episode: Episode) -> list[tuple[str | None, ...]]:
    return [(step.branch, step.head_after, step.message) for step in git_steps(episode)]


OWN = [(BRANCH, COMMIT, MOVED), (BRANCH, COMMIT, "commit: trim")]


@pytest.mark.parametrize("make", [live_session, ended_session])
def test_an_own_view_has_own_names_and_the_same_ones_each_time(
    home: Path, tmp_path: Path, make: Callable[..., Session]
) -> None:
    del home
    root = tmp_path / "project"
    make(root, journal(root))
    for _ in range(2):
        (one,) = local_sessions(resolve_home(), SystemClock())
        assert told(one.episode) == OWN
        assert one.episode.header.workspace == str(root.resolve())
    (one,) = local_sessions(resolve_home(), SystemClock())
    place = "live" if one.view is View.LIVE else one.id
    said = signoff("replay", place, "--plain", cwd=root)
    assert f"moving from main to {BRANCH}" in said.stdout, said
    assert "branch-" not in said.stdout


def test_what_is_sealed_has_pseudonyms_also_after_the_own_view_was_looked_at(
    home: Path, tmp_path: Path
) -> None:
    del home
    root = tmp_path / "project"
    session = ended_session(root, journal(root))
    (one,) = local_sessions(resolve_home(), SystemClock())
    assert told(read_episode(one.data)) == OWN
    assert (session.folder / "own.episode").is_file()
    with pytest.raises(RefusedError, match="never masked"):
        storing.find_base(resolve_home(), str(session.folder / "own.episode"))
    sealed = seal_session(session, resolve_home(), SystemClock())
    episode = read_episode(sealed.path)
    assert is_masked(episode.header)
    assert len(git_steps(episode)) == 2
    for name in (BRANCH, COMMIT, COMMIT[:7], str(root.resolve())):
        texts = [repr(row) for row in (*told(episode), episode.header.workspace)]
        assert not [text for text in texts if name in text], name
    remove_raw(session)
    (left,) = local_sessions(resolve_home(), SystemClock())
    assert left.view is View.MASKED
    assert told(left.episode) == told(episode)


def test_a_view_kept_with_pseudonyms_by_an_older_release_is_made_anew(
    home: Path, tmp_path: Path
) -> None:
    del home
    root = tmp_path / "project"
    session = ended_session(root, journal(root))
    sealed = seal_session(session, resolve_home(), SystemClock())
    (session.folder / "own.episode").write_bytes(sealed.path.read_bytes())
    (one,) = local_sessions(resolve_home(), SystemClock())
    assert told(read_episode(one.data)) == OWN
