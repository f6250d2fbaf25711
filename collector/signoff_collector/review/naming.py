"""Which public commits an episode may name, from what the session still knows.

Pseudonyms of commits can be undone only while the journals of the session are there: their
table lies beside them and dies with them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.private_files import read_regular
from signoff_schemas.errors import DamagedError, NotFoundError, SignoffError
from signoff_schemas.plan import NamedRepository

if TYPE_CHECKING:
    from signoff_collector.capture.sessions import Session
    from signoff_collector.home import Home

_TABLE: Final = "pseudonyms.json"
_MAX_BYTES: Final = 16 << 20


def named_repository(home: Home, base_sha256: str, *, url: str, spdx: str) -> NamedRepository:
    """Return what the plan of an episode may say about its repository.

    Only commits that a remote-tracking branch held when the session was sealed are named; that
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

    from signoff_collector.consent.rights import spdx_expression
    from signoff_collector.seal.gathered import read_gathered

    session = session_of(home, base_sha256)
    gathered = read_gathered(session.folder)
    public = set() if gathered is None else set(gathered.public_commits)
    commits = {
        name: original for name, original in _table(session).items()
        if name.startswith("commit-") and original in public
    }  # fmt: skip
    if not commits:
        raise NotFoundError(
            "no commit of this session was on a remote when it was sealed",
            hint="A repository can be named once its base commit is public.",
        )
    try:
        return NamedRepository(url=url, spdx=spdx_expression(spdx), commits=commits)
    except ValidationError:
        raise DamagedError(
            "this is no address of a public repository",
            hint="Write it as https://host/owner/name, without a user name.",
        ) from None


def session_of(home: Home, base_sha256: str) -> Session:
    """Return the session that an episode was sealed from.

    Raises:
        NotFoundError: its journals are gone.
    """
    from signoff_collector.capture.sessions import list_sessions, sealed_as

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
    if not isinstance(parsed, dict):
        raise DamagedError(f"{_TABLE} of session {session.id} is no table")
    table = cast("dict[str, object]", parsed)
    return {name: value for name, value in table.items() if isinstance(value, str)}
