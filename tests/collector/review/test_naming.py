"""A public repository is named with its public commits only, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signoff_collector.capture.seal_notes import SealedAs, note_sealed
from signoff_collector.capture.session_folder import Session, create_session
from signoff_collector.review.naming import named_repository
from signoff_collector.seal.gathered import Gathered, write_gathered
from signoff_schemas.errors import DamagedError, NotFoundError
from support_clock import FakeClock
from support_sessions import current_home, workspace

URL = "https://example.org/ada/tally"
SHA256 = "a" * 64
PUBLIC, PRIVATE = "1" * 40, "2" * 40
TABLE = {
    "commit-aaaaaaaaaaaa": PUBLIC,
    "commit-bbbbbbbbbbbb": PRIVATE,
    "branch-cccccccccccc": "ada/secret-plan",
    "workspace-dddddddddddd": "/home/ada/tally",
}


@pytest.fixture
def session(tmp_path: Path, home: Path) -> Session:
    """A sealed session of which one commit is public."""
    made = create_session(current_home(), workspace(tmp_path / "p").root, clock=FakeClock())
    gathered = Gathered(
        session=made.id, root=str(made.root), boot_id="b", seed=b"s", public_commits=(PUBLIC,)
    )
    write_gathered(made.folder, gathered)
    (made.folder / "pseudonyms.json").write_text(json.dumps(TABLE), "utf-8")
    note_sealed(made, SealedAs(path=tmp_path / "x.episode", sha256=SHA256))
    return made


def test_only_commits_that_a_remote_held_are_named(session: Session) -> None:
    named = named_repository(current_home(), SHA256, url=URL, spdx="mit")
    assert named.commits == {"commit-aaaaaaaaaaaa": PUBLIC}
    assert (named.url, named.spdx) == (URL, "MIT")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a/b",
        "https://ada:word@example.org/a/b",
        "https://example.org/a/b?token=1",
        "git@example.org:a/b",
        "https://example.org",
        "https://example.org/a\n/b",
    ],
)
def test_an_address_with_a_name_a_word_or_another_scheme_is_refused(
    session: Session, url: str
) -> None:
    with pytest.raises(DamagedError, match="no address"):
        named_repository(current_home(), SHA256, url=url, spdx="MIT")


def test_without_journals_or_a_public_commit_nothing_is_named(session: Session) -> None:
    with pytest.raises(NotFoundError, match="journals of this episode are gone"):
        named_repository(current_home(), "b" * 64, url=URL, spdx="MIT")
    (session.folder / "pseudonyms.json").write_text("{}", "utf-8")
    with pytest.raises(NotFoundError, match="no commit of this session"):
        named_repository(current_home(), SHA256, url=URL, spdx="MIT")
    (session.folder / "pseudonyms.json").write_bytes(b"\xff[[[")
    with pytest.raises(DamagedError, match="cannot be read"):
        named_repository(current_home(), SHA256, url=URL, spdx="MIT")
