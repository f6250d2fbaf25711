"""Undo a mask of sealing while the journals of the session still exist.

The session is sealed again with one value exempted; that gives a new base episode, and the plan is
mapped to its numbers. The value itself is stored beside the journals and deleted with them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.own_files.private_files import (
    make_private_folder,
    read_regular,
    replace_private,
)
from signoff_schemas.errors import NotFoundError, RefusedError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.episode.content import Episode
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.desk.storing import BaseEpisode
    from signoff_collector.seal.sealing_again import Again
    from signoff_collector.system.clock import Clock
    from signoff_schemas.plan import Plan

FILE_NAME: Final = "unmasked.json"
"""Beside the journals: the values that a person wants shown, and when they confirmed that."""
_MAX_BYTES: Final = 1 << 20
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmasked:
    """Result of unmasking."""

    base: BaseEpisode
    """The new first sealed episode."""
    plan: Plan
    """The plan mapped to the new base episode."""
    lost: tuple[str, ...]
    """Descriptions, without values, of plan entries that could not be mapped."""


def confirmed_unmasked(home: Home, base_sha256: str) -> int:
    """Return how many unmaskings were confirmed before this base episode was sealed.

    Raises:
        RefusedError: it was, but what was confirmed cannot be read.
    """
    from signoff_collector.review.checking.naming import session_of

    try:
        session = session_of(home, base_sha256)
    except NotFoundError:
        return 0
    return len(_read(session)[1])


def can_unmask(home: Home, base: BaseEpisode) -> bool:
    """Return whether the journals that unmasking needs are there."""
    from signoff_collector.review.checking.naming import session_of
    from signoff_collector.seal.gathering.gathered import FILE_NAME as GATHERED

    try:
        session = session_of(home, base.sha256)
    except NotFoundError:
        return False
    has_journals = any(session.folder.glob("*.journal")) or any(session.folder.glob("*.spool"))
    return has_journals and (session.folder / GATHERED).is_file()


def unmask(
    home: Home,
    base: BaseEpisode,
    plan: Plan,
    placeholders: tuple[str, ...],
    *,
    confirmed_exact: bool = False,
    clock: Clock | None = None,
) -> Unmasked:
    """Seal the session again without masking what some placeholders stand for.

    The old base episode stays, since what was shared of it names it; `forget` removes both.

    Args:
        home: whose session it is.
        base: the first sealed episode.
        plan: made for it.
        placeholders: as they stand in the base episode, such as `REDACTED_TOKEN_3`.
        confirmed_exact: the person was told that the value is one the machine knows to be
            secret, and confirmed just that.
        clock: says when it was confirmed.

    Raises:
        NotFoundError: the journals are gone, or no such placeholder is in the episode.
        RefusedError: the value is an exact one and that was not confirmed, what is left
            cannot be verified, or this machine masks otherwise now than when it sealed.
    """
    from signoff_collector.review.checking.naming import session_of
    from signoff_collector.review.desk.storing import find_base
    from signoff_collector.review.plan.carrying import Carrying
    from signoff_collector.seal.sealing_again import seal_again
    from signoff_collector.system.clock import SystemClock

    session = session_of(home, base.sha256)
    shown, log = _read(session)
    before = seal_again(session, home, shown)
    refuse_otherwise(before.episode, base.episode)
    values = _values(before, placeholders)
    is_exact = _is_exact(before, placeholders, values)
    if is_exact and not confirmed_exact:
        raise RefusedError(
            "this value is known on this machine: from its environment, a credential store, or"
            " your identity",
            hint="Confirm that this very value may be shown, or leave it masked.",
        )
    after = seal_again(session, home, shown | values)
    when_ns = (SystemClock() if clock is None else clock).wall_ns()
    entry = {"placeholders": list(placeholders), "is_exact": is_exact, "t_wall_ns": when_ns}
    path_sha256 = _store(home, session, after, shown | values, [*log, entry])
    carrying = Carrying(
        base.episode,
        after.episode,
        origins=(before.redactor.origins, after.redactor.origins),
    )
    carried = carrying.plan(plan, path_sha256)
    return Unmasked(base=find_base(home, path_sha256), plan=carried, lost=tuple(carrying.lost))


def shown_values(session: Session) -> frozenset[str]:
    """Return the values that a person unmasked in a session.

    Raises:
        RefusedError: what was confirmed cannot be read.
    """
    return _read(session)[0]


def refuse_otherwise(again: Episode, base: Episode) -> None:
    """Refuse if placeholders of the repeated sealing may denote other values.

    Raises:
        RefusedError: the two episodes differ.
    """
    if again.blobs != base.blobs or again.edits != base.edits or again.steps != base.steps:
        raise RefusedError(
            "masking the session now gives another result than when it was sealed",
            hint="Secret values known then are gone, or new ones are known; nothing was unmasked.",
        )


def _values(again: Again, placeholders: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for placeholder in placeholders:
        values = again.redactor.values_of(placeholder)
        if not values:
            raise NotFoundError(f"the episode has no value masked as {placeholder}")
        found |= values
    return frozenset(found)


def _is_exact(again: Again, placeholders: Iterable[str], values: frozenset[str]) -> bool:
    """Return whether a value is known from outside the session, by exact match."""
    from signoff_collector.redaction.values.ways import EXACT, IDENTITY

    ways = again.episode.header.masks
    told = any(ways.get(one, "") in {EXACT, IDENTITY} for one in placeholders)
    known = again.redactor.policy.exact_values.values
    return told or any(one == value or value in one for one in known for value in values)


def _store(
    home: Home, session: Session, after: Again, shown: frozenset[str], log: list[object]
) -> str:
    """Write the values and the new episode, and note it as the seal; return its SHA-256."""
    from signoff_collector.capture.opt_in.owners import Owners
    from signoff_collector.capture.sessions.seal_notes import SealedAs, note_sealed, sealed_as

    body = {"values": sorted(shown), "confirmed": log}
    replace_private(session.folder / FILE_NAME, json.dumps(body).encode("ascii"))
    sha256 = hashlib.sha256(after.data).hexdigest()
    make_private_folder(home.episodes)
    path = home.episodes / f"{sha256[:_DIGITS]}.episode"
    replace_private(path, after.data)
    was = sealed_as(session)
    if was is not None and (kept := Owners(home).recorded(was.sha256)) is not None:
        Owners(home).keep_recorded(sha256, kept.root, kept.owner)
    note_sealed(
        session,
        SealedAs(
            path=path,
            sha256=sha256,
            tasks=0 if was is None else was.tasks,
            red_to_green=0 if was is None else was.red_to_green,
            title="" if was is None else was.title,
            duration_ns=0 if was is None else was.duration_ns,
            earlier=() if was is None else tuple(one for one in was.digests if one != sha256),
        ),
    )
    return sha256


def _read(session: Session) -> tuple[frozenset[str], list[object]]:
    """Return the values unmasked so far, and the log of confirmations."""
    try:
        parsed: object = json.loads(read_regular(session.folder / FILE_NAME, max_bytes=_MAX_BYTES))
    except NotFoundError:
        return frozenset(), []
    except (SignoffError, ValueError, RecursionError) as error:
        raise RefusedError(
            f"{FILE_NAME} of the session cannot be read, so it is not known what is unmasked",
            hint="Remove that file: everything is masked again when it is sealed again.",
        ) from error
    match parsed:
        case {"values": list() as values, "confirmed": list() as log}:
            named = cast("list[object]", values)
            return frozenset(one for one in named if isinstance(one, str)), cast(
                "list[object]", log
            )
        case _:
            return frozenset(), []
