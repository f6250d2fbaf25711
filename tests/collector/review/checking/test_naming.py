"""A public repository is named with its public commits only, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.sessions import current_home, workspace

from signoff_collector.capture.sessions.seal_notes import SealedAs, note_sealed
from signoff_collector.capture.sessions.session_folder import Session, create_session
from signoff_collector.episode.content import Episode
from signoff_collector.review.checking.naming import check_named, named_repository, repository_row
from signoff_collector.review.desk.storing import BaseEpisode
from signoff_collector.seal.gathering.gathered import Gathered, write_gathered
from signoff_schemas.errors import DamagedError, NotFoundError, UsageError
from signoff_schemas.header import Base, EpisodeHeader
from signoff_schemas.plan import NamedRepository, Plan

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
    with pytest.raises(DamagedError, match="not the address"):
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


def _base(tmp_path: Path) -> BaseEpisode:
    base = Base(commit="commit-aaaaaaaaaaaa")
    header = EpisodeHeader(session="s", workspace="w", base=base)
    path = tmp_path / "x.episode"
    return BaseEpisode(path=path, sha256=SHA256, episode=Episode(header=header))


def test_the_page_is_told_what_can_be_named_and_whose_word_public_is(
    session: Session, tmp_path: Path
) -> None:
    base, plan = _base(tmp_path), Plan(base_sha256=SHA256)
    row = repository_row(current_home(), base, plan)
    assert row["commits"] == [{"name": "commit-aaaaaaaaaaaa", "commit": PUBLIC, "is_base": True}]
    assert (row["possible"], row["not_public"], row["named"]) == (True, 1, None)
    assert "your claim" in str(row["claim_text"])
    assert PRIVATE not in json.dumps(row)
    (session.root / ".git").mkdir(parents=True)
    for name, content in (("HEAD", "ref: refs/heads/main\n"), ("config", CONFIG)):
        (session.root / ".git" / name).write_text(content, "ascii")
    for folder in ("objects", "refs"):
        (session.root / ".git" / folder).mkdir()
    row = repository_row(current_home(), base, plan)
    assert row["suggested_url"] == "https://example.org/ada/tally"


CONFIG = '[remote "origin"]\n\turl = git@example.org:ada/tally.git\n'


def test_without_journals_the_page_is_told_why_not(home: Path, tmp_path: Path) -> None:
    named = NamedRepository(url=URL, spdx="MIT")
    plan = Plan(base_sha256=SHA256, name_repository=named)
    row = repository_row(current_home(), _base(tmp_path), plan)
    assert (row["possible"], row["commits"]) == (False, [])
    assert "journals" in str(row["why_not"])
    assert row["named"] == {"url": URL, "spdx": "MIT", "commits": 0}


def test_a_plan_that_names_a_private_commit_is_refused(session: Session) -> None:
    def plan(commits: dict[str, str]) -> Plan:
        named = NamedRepository(url=URL, commits=commits)
        return Plan(base_sha256=SHA256, name_repository=named)

    check_named(current_home(), plan({"commit-aaaaaaaaaaaa": PUBLIC}))
    check_named(current_home(), plan({}))
    for commits in (
        {"commit-bbbbbbbbbbbb": PRIVATE},
        {"commit-aaaaaaaaaaaa": PRIVATE},
        {"commit-eeeeeeeeeeee": PUBLIC},
    ):
        with pytest.raises(UsageError):
            check_named(current_home(), plan(commits))
