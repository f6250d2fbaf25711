"""Decide which public commits an episode may name, from the session's pseudonym table.

Pseudonyms of commits can be resolved only while the journals of the session exist: the table is
stored beside them and deleted with them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular
from signoff_schemas.errors import DamagedError, NotFoundError, SignoffError, UsageError
from signoff_schemas.plan import NamedRepository
from signoff_schemas.untyped import is_fields

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.desk.storing import BaseEpisode
    from signoff_schemas.plan import Plan

_TABLE: Final = "pseudonyms.json"
_MAX_BYTES: Final = 16 << 20
_MAX_CONFIG_BYTES: Final = 1 << 20
_NONE_PUBLIC: Final = "no commit of this session was on a remote when it was sealed"
_NONE_HINT: Final = "A repository can be named once its base commit is public."
CLAIM: Final = "public by your claim: a remote has these commits; who can read it was not checked"
"""Must be displayed wherever a repository is called public (threat 19)."""


def named_repository(home: Home, base_sha256: str, *, url: str, spdx: str) -> NamedRepository:
    """Return what the plan of an episode may say about its repository.

    Only commits that a remote-tracking branch contained when the session was sealed are named; that
    the remote is public is the user's claim.

    Args:
        home: whose sessions are looked through.
        base_sha256: the first sealed episode.
        url: `https:`, without a user name.
        spdx: licence expression, or NOASSERTION.

    Raises:
        NotFoundError: the journals of the session are gone, or no commit of it is on a remote.
        DamagedError: url or licence is not one, or the table of names cannot be read.
    """
    from pydantic import ValidationError

    from signoff_collector.consent.terms.rights import spdx_expression

    commits, _ = _commits(session_of(home, base_sha256))
    if not commits:
        raise NotFoundError(_NONE_PUBLIC, hint=_NONE_HINT)
    try:
        return NamedRepository(url=url, spdx=spdx_expression(spdx), commits=commits)
    except ValidationError:
        raise DamagedError(
            "this is not the address of a public repository",
            hint="Write it as https://host/owner/name, without a user name.",
        ) from None


def check_named(home: Home, plan: Plan) -> None:
    """Refuse a plan that names a commit which is not known to be public.

    If the journals are gone this cannot be checked; the plan was then made while they existed.

    Raises:
        UsageError: no remote held it when the session was sealed, or it is another's name.
    """
    if plan.name_repository is None or not plan.name_repository.commits:
        return
    try:
        commits, _ = _commits(session_of(home, plan.base_sha256))
    except NotFoundError:
        return
    if not plan.name_repository.commits.items() <= commits.items():
        raise UsageError(
            "the plan names a commit that no remote had when the session was sealed",
            hint="Name the repository again in `signoff review`.",
        )


def repository_row(home: Home, base: BaseEpisode, plan: Plan) -> dict[str, object]:
    """Return what a plan may say, or says, about the repository, as JSON values.

    | name | |
    |---|---|
    | `possible` `why_not` `hint` | whether anything can be named |
    | `suggested_url` | the repository's first remote as an https address, where it is one |
    | `commits` | `{name, commit, is_base}`: those that a remote held when the session was sealed |
    | `not_public` | how many others the session knows: they stay pseudonyms |
    | `claim_text` | that "public" is the user's word; to be shown beside it |
    | `named` | `{url, spdx, commits}` as the plan has it, or None |
    """
    named = plan.name_repository
    row: dict[str, object] = {
        "possible": False,
        "why_not": None,
        "hint": None,
        "suggested_url": None,
        "commits": [],
        "not_public": 0,
        "claim_text": CLAIM,
        "named": None
        if named is None
        else {"url": named.url, "spdx": named.spdx, "commits": len(named.commits)},
    }
    try:
        session = session_of(home, base.sha256)
        commits, others = _commits(session)
    except SignoffError as error:
        return row | {"why_not": str(error), "hint": error.hint}
    own = base.episode.header.base.commit
    listed = [{"name": n, "commit": c, "is_base": n == own} for n, c in sorted(commits.items())]
    return row | {
        "possible": bool(commits),
        "why_not": None if commits else _NONE_PUBLIC,
        "hint": None if commits else _NONE_HINT,
        "suggested_url": _suggested_url(session),
        "commits": listed,
        "not_public": others,
    }


def _commits(session: Session) -> tuple[dict[str, str], int]:
    """Return pseudonym and id of each commit that a remote has, and the number of others."""
    from signoff_collector.seal.gathering.gathered import read_gathered

    gathered = read_gathered(session.folder)
    public = set() if gathered is None else set(gathered.public_commits)
    table = {name: one for name, one in _table(session).items() if name.startswith("commit-")}
    commits = {name: original for name, original in table.items() if original in public}
    return commits, len(table) - len(commits)


def _suggested_url(session: Session) -> str | None:
    """Return the URL of the first remote in a form that a plan accepts, or None."""
    from signoff_collector.capture.git.git_repository import find_repository
    from signoff_collector.capture.opt_in.remotes import normalise_remote, remotes_in

    try:
        repository = find_repository(session.root)
        if repository is None:
            return None
        config = read_regular(repository.common_dir / "config", max_bytes=_MAX_CONFIG_BYTES)
    except (SignoffError, OSError):
        return None
    remotes = remotes_in(config)
    first = remotes.get("origin") or next(iter(remotes.values()), "")
    url = f"https://{normalise_remote(first)}"
    try:
        return NamedRepository(url=url).url
    except ValueError:
        return None


def session_of(home: Home, base_sha256: str) -> Session:
    """Return the session that an episode was sealed from.

    Raises:
        NotFoundError: its journals are gone.
    """
    from signoff_collector.capture.sessions.sessions import list_sessions, sealed_as

    for session in list_sessions(home):
        sealed = sealed_as(session)
        if sealed is not None and sealed.sha256 == base_sha256:
            return session
    raise NotFoundError(
        "the journals of this episode are gone, and with them the names of its commits",
        hint="Journals are kept for 14 days; the episode can be shared without naming.",
    )


def _table(session: Session) -> dict[str, str]:
    try:
        parsed: object = json.loads(read_regular(session.folder / _TABLE, max_bytes=_MAX_BYTES))
    except (SignoffError, ValueError, RecursionError) as error:
        raise DamagedError(f"{_TABLE} of session {session.id} cannot be read") from error
    if not is_fields(parsed):
        raise DamagedError(f"{_TABLE} of session {session.id} is damaged")
    table = parsed
    return {name: value for name, value in table.items() if isinstance(value, str)}
