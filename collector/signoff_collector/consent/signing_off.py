"""Create a sign-off: from a reviewed episode and the developer's choices to signed bytes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.hub_terms import need_terms, refuse_beyond, refuse_unread
from signoff_collector.consent.recovery import (
    Seed,
    contributor_pseudonym,
    repository_pseudonym,
    withdrawal_handle,
    withdrawal_secret,
)
from signoff_collector.consent.review_records import find_review
from signoff_collector.consent.sign_off_files import SignOff, Snapshot
from signoff_collector.consent.signatures.ssh_keygen import sign_message
from signoff_collector.consent.signatures.sshsig import SIGN_OFF
from signoff_collector.consent.stated_numbers import shared_episode, stated_redaction
from signoff_collector.consent.terms.agreement import agreed_owner, refuse_program
from signoff_collector.consent.terms.audience import is_hub
from signoff_collector.consent.terms.notices import current_notice
from signoff_collector.consent.terms.ownership import ownership_of
from signoff_collector.consent.terms.providers import ai_providers
from signoff_collector.consent.terms.rights import NO_ASSERTION, rights_of, spdx_expression
from signoff_collector.consent.terms.store_place import refuse_store_in_workspace
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.imported import refuse_imported, refuse_imported_bytes
from signoff_collector.episode.masked import refuse_unmasked
from signoff_schemas.errors import RefusedError, UsageError
from signoff_schemas.statement import (
    Predicate,
    ProhibitedUse,
    Purpose,
    Requester,
    Review,
    ReviewMode,
    Withdrawal,
    format_time,
    make_statement,
)

if TYPE_CHECKING:
    from signoff_collector.consent.review_records import ReviewRecord
    from signoff_collector.consent.signatures.keys import SigningKey
    from signoff_collector.consent.terms.agreement import Agreement
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.episode.content import Episode
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock
    from signoff_schemas.words import Owner

LONGEST_DAYS: Final = 3650
DEFAULT_DAYS: Final = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the developer agrees to, beside what the notice says."""

    audience: Audience
    by: Agreement
    purposes: tuple[Purpose, ...] = (Purpose.RESEARCH,)
    licence: str = NO_ASSERTION
    expires_days: int = DEFAULT_DAYS
    requested_by: Requester = Requester.NOBODY
    owner: Owner | None = None
    """Asked at signing; used only if nothing was stated when the workspace was enabled."""
    permission: str | None = None
    supersedes: str | None = None
    hub_terms_sha256: str | None = None
    """Of the hub's terms that were shown; None where none were, or the audience is no hub."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A statement that is ready to be signed."""

    record_id: str
    predicate: Predicate
    statement: bytes
    by: Agreement
    """`KEY`: may be signed only by a key that asks."""


def find_reviewed(home: Home, snapshot: Snapshot) -> tuple[ReviewRecord, Episode]:
    """Return the review of these very bytes and what they hold.

    Raises:
        RefusedError: they were imported, never reviewed on this machine, never masked, or are
            no result of a review.
        DamagedError: they hold what no reader shows.
    """
    review = find_review(home, snapshot.sha256)
    if review is None:
        refuse_imported_bytes(snapshot.content)
        raise RefusedError(
            f"no review on this machine ended with {snapshot.sha256[:16]}",
            hint="`signoff review EPISODE` signs what it shows last; with --terminal it can also"
            " keep that, to be signed later.",
        )
    episode = strict_check(snapshot.content)
    refuse_imported(episode.header)
    refuse_unmasked(episode.header)
    if episode.header.origin != "shared":
        raise RefusedError(
            f"{snapshot.sha256[:16]} is as it was sealed: no review made it",
            hint="`signoff review` keeps tasks of it, and signs what it made of them.",
        )
    return review, episode


def draft_statement(
    home: Home, snapshot: Snapshot, terms: Terms, *, seed: Seed, clock: Clock
) -> Draft:
    """Return the exact bytes to sign for this episode on these terms.

    Raises:
        RefusedError: never reviewed, the code is not the developer's to share, only a program
            agreed where a person has to, the store lies in a recorded folder, or a hub's terms
            were not shown or do not cover it.
        NotFoundError: the terms of a hub are not kept here.
        UsageError: a licence, a time or a reference makes no sense.
    """
    refuse_store_in_workspace(home, terms.audience, clock)
    hub = need_terms(home, terms.audience) if is_hub(terms.audience) else None
    review, episode = find_reviewed(home, snapshot)
    if not 1 <= terms.expires_days <= LONGEST_DAYS:
        raise UsageError(f"a sign-off lasts 1 to {LONGEST_DAYS} days, not {terms.expires_days}")
    known = ownership_of(home, review)
    owner = agreed_owner(known.owner, terms.owner, terms.by)
    rights = rights_of(
        owner,
        repository_licence=spdx_expression(episode.header.base.spdx or NO_ASSERTION),
        permission=terms.permission,
    )
    refuse_program(review, owner, terms.permission, terms.by)
    now = datetime.fromtimestamp(clock.wall_ns() // 1_000_000_000, UTC)
    if hub is not None:
        refuse_unread(hub, terms.hub_terms_sha256, terms.by)
        refuse_beyond(
            hub,
            purposes=terms.purposes,
            expires_days=terms.expires_days,
            size_bytes=snapshot.size_bytes,
            now=now,
        )
    record_id = secrets.token_hex(16)
    predicate = Predicate(
        record_id=record_id,
        event_time=format_time(now),
        expires=format_time(now + timedelta(days=terms.expires_days)),
        shown_digest=review.sha256,
        episode=shared_episode(snapshot.size_bytes, episode),
        redaction=stated_redaction(episode.header),
        review=Review(
            mode=ReviewMode(review.mode),
            tool_version=review.tool_version,
            files_seen=review.files_seen,
            outputs_seen=review.outputs_seen,
        ),
        notice=current_notice(),
        purposes=tuple(sorted(set(terms.purposes))),
        prohibited_uses=tuple(ProhibitedUse),
        audience=terms.audience,
        receiver=None if hub is None else hub.receiver,
        licence=spdx_expression(terms.licence),
        rights=rights,
        requested_by=terms.requested_by,
        ai_providers=ai_providers(episode.steps),
        contributor=contributor_pseudonym(seed, terms.audience),
        repository=repository_pseudonym(seed, terms.audience, known.workspace),
        withdrawal=Withdrawal(
            handle=withdrawal_handle(withdrawal_secret(seed, terms.audience, record_id))
        ),
        supersedes=terms.supersedes,
    )
    return Draft(
        record_id=record_id,
        predicate=predicate,
        statement=make_statement(snapshot.sha256, predicate),
        by=terms.by,
    )


def sign_draft(draft: Draft, key: SigningKey) -> SignOff:
    """Return the draft with a signature over its exact bytes.

    Raises:
        SignoffError: ssh-keygen could not sign.
    """
    signature = sign_message(
        draft.statement,
        key=key.path,
        public_key=key.public_key,
        namespace=SIGN_OFF,
        agent_socket=key.agent_socket,
    )
    return SignOff(statement=draft.statement, signature=signature)
