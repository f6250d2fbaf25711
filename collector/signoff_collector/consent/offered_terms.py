"""The terms offered before signing, and the person's choices: two values for all front ends.

Page, terminal and command line show the first and return the second; what is shown and what is
signed are the same values, above all the notice (threat 29).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, ValidationError

from signoff_collector.consent.hub_terms import all_terms
from signoff_collector.consent.signatures.keys import KeyRegister
from signoff_collector.consent.signing_off import DEFAULT_DAYS, LONGEST_DAYS, find_reviewed
from signoff_collector.consent.terms.notices import current_notice, notice_sha256
from signoff_collector.consent.terms.ownership import ownership_of
from signoff_collector.consent.terms.rights import NO_ASSERTION
from signoff_schemas.errors import RefusedError, UsageError
from signoff_schemas.statement import (
    ProhibitedUse,
    Purpose,
    RandomId,
    Requester,
    Sha256,
    SignedNotice,
    Strict,
)
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.consent.hub_terms import KeptTerms
    from signoff_collector.consent.sign_off_files import Snapshot
    from signoff_collector.consent.terms.agreement import Agreement
    from signoff_collector.own_files.home import Home

COMMON_LICENCES: Final = (NO_ASSERTION, "MIT", "Apache-2.0", "CC-BY-4.0", "CC0-1.0")
"""Offered first; any SPDX expression may be given."""
NEW_PERMISSION: Final = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSignOff:
    """A sign-off of the same episode that was made here before."""

    record_id: str
    audience: str
    void_because: str | None
    """Why it is void; None while it is valid: signing again replaces it."""
    was_sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedHub:
    """The terms of one hub, as they are shown before signing for it."""

    audience: str
    terms_sha256: str
    """Of the exact signed bytes: comes back in `ChosenTerms`."""
    controller: str
    jurisdiction: str
    lawful_basis: str
    retention_days: int
    purposes: tuple[Purpose, ...]
    prohibited_uses: tuple[ProhibitedUse, ...]
    language: str
    text: str
    key: str
    """Fingerprint of the key that signed them."""
    valid_from: str
    has_changed: bool
    """Whether the person signed under other terms of this hub before."""

    @classmethod
    def of(cls, kept: KeptTerms) -> OfferedHub:
        """Return kept terms in the form in which they are shown."""
        terms = kept.terms
        return cls(
            audience=kept.audience,
            terms_sha256=kept.sha256,
            controller=terms.controller,
            jurisdiction=terms.jurisdiction,
            lawful_basis=terms.lawful_basis.value,
            retention_days=terms.retention_days,
            purposes=terms.purposes,
            prohibited_uses=terms.prohibited_uses,
            language=terms.language,
            text=terms.text,
            key=terms.receipt_key_fingerprint,
            valid_from=terms.valid_from,
            has_changed=kept.has_changed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTerms:
    """Everything that a front end shows before signing one episode."""

    sha256: str
    size_bytes: int
    notice: SignedNotice
    notice_sha256: str
    """Of the notice's text in UTF-8: comes back in `ChosenTerms`."""
    purposes: tuple[Purpose, ...]
    default_purposes: tuple[Purpose, ...]
    prohibited_uses: tuple[ProhibitedUse, ...]
    """Always all of them: not a choice."""
    audiences: tuple[str, ...]
    """Where something was signed for before, last one first; any other may be given."""
    hubs: tuple[OfferedHub, ...]
    """Hubs whose terms are kept here; for any other its terms have to be fetched first."""
    licences: tuple[str, ...]
    repository_licence: str
    owner: Owner | None
    """What the person said when enabling the workspace; None: has to be asked."""
    owners_needing_permission: tuple[Owner, ...]
    requesters: tuple[Requester, ...]
    default_days: int
    longest_days: int
    time_resolution: str
    day: str | None
    """On which it began, in UTC; None where the person does not tell it."""
    earlier: tuple[EarlierSignOff, ...]
    files_seen: int
    files_total: int
    outputs_seen: int
    outputs_total: int
    deleted_seen: int
    deleted_total: int
    """Texts that were taken away again, and lie in the episode all the same."""
    was_shared: bool
    """Whether the editor was shared meanwhile: others may have typed (threat 25)."""

    @property
    def unseen(self) -> int:
        """How many files, outputs and deleted texts nobody looked at."""
        seen = self.files_seen + self.outputs_seen + self.deleted_seen
        return self.files_total + self.outputs_total + self.deleted_total - seen

    def row(self) -> dict[str, object]:
        """Return all of it as JSON holds it."""
        fields = asdict(self)
        return {**fields, "notice": self.notice.model_dump(mode="json"), "unseen": self.unseen}


class ChosenTerms(Strict):
    """What the person chose and confirmed; a front end sends it as JSON."""

    audience: Annotated[str, Field(min_length=1, max_length=2000)]
    """As typed; it is brought into its one spelling before signing."""
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1, max_length=8)] = (
        Purpose.RESEARCH,
    )
    licence: Annotated[str, Field(max_length=200)] = NO_ASSERTION
    expires_days: int = DEFAULT_DAYS
    requested_by: Requester = Requester.NOBODY
    owner: Owner | None = None
    permission: Annotated[str, Field(max_length=64)] | None = None
    """A reference made earlier, or `new`."""
    supersedes: RandomId | None = None
    as_me: bool = False
    notice_sha256: Sha256
    """Of the notice that the person read."""
    hub_terms_sha256: Sha256 | None = None
    """Of the hub's terms that the person read, where the audience is a hub."""
    confirmed_unseen: bool = False
    """The person was told what nobody looked at, and signs all the same."""
    nobody_else_typed: bool = False
    """Asked where the editor was shared."""


def parse_chosen(content: bytes) -> ChosenTerms:
    """Return the choices that a front sent.

    Raises:
        UsageError: they are none; nothing of them is repeated.
    """
    try:
        return ChosenTerms.model_validate_json(content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        named = [str(part) for part in fault["loc"] if part in ChosenTerms.model_fields]
        raise UsageError(f"the terms are not valid: {'.'.join(named) or 'unknown name'}") from None


def offered_terms(
    home: Home, snapshot: Snapshot, earlier: Iterable[EarlierSignOff] = ()
) -> OfferedTerms:
    """Return what may be signed about these very bytes.

    Args:
        home: whose review, keys and workspaces count.
        snapshot: the bytes that were shown last.
        earlier: sign-offs made before; `signing.offer` fills them in.

    Raises:
        RefusedError: they were never reviewed on this machine, or never masked.
        DamagedError: they hold what no reader shows.
    """
    review, episode = find_reviewed(home, snapshot)
    known = ownership_of(home, review)
    notice = current_notice()
    audiences = [key.audience for key in reversed(KeyRegister(home).keys())]
    return OfferedTerms(
        sha256=snapshot.sha256,
        size_bytes=snapshot.size_bytes,
        notice=notice,
        notice_sha256=notice_sha256(notice.text),
        purposes=tuple(Purpose),
        default_purposes=(Purpose.RESEARCH,),
        prohibited_uses=tuple(ProhibitedUse),
        audiences=tuple(dict.fromkeys(audiences)),
        hubs=tuple(OfferedHub.of(kept) for kept in all_terms(home)),
        licences=COMMON_LICENCES,
        repository_licence=episode.header.base.spdx or NO_ASSERTION,
        owner=known.owner,
        owners_needing_permission=(Owner.EMPLOYER, Owner.UNKNOWN),
        requesters=tuple(Requester),
        default_days=DEFAULT_DAYS,
        longest_days=LONGEST_DAYS,
        time_resolution=episode.header.time_resolution,
        day=episode.header.captured_on,
        earlier=tuple(earlier),
        files_seen=review.files_seen,
        files_total=review.files_total,
        outputs_seen=review.outputs_seen,
        outputs_total=review.outputs_total,
        deleted_seen=review.deleted_seen,
        deleted_total=review.deleted_total,
        was_shared=known.was_shared,
    )


def refuse_unconfirmed(offered: OfferedTerms, chosen: ChosenTerms, by: Agreement) -> None:
    """Refuse to sign what the person was not shown, or did not confirm.

    Where nobody was asked, nothing of it was confirmed, whatever a program says.

    Raises:
        RefusedError: another notice was read, something was not looked at without that being
            confirmed, or somebody else may have typed.
    """
    if chosen.notice_sha256 != offered.notice_sha256:
        raise RefusedError(
            f"the notice is now version {offered.notice.version}, not the one that was read",
            hint="Read it, then sign again.",
        )
    if offered.unseen and not (by.has_shown and chosen.confirmed_unseen):
        raise RefusedError(
            f"{offered.unseen} of its files, outputs and other texts were not opened in the review",
            hint="Open them, or confirm that you sign them unseen.",
        )
    if offered.was_shared and not (by.has_shown and chosen.nobody_else_typed):
        raise RefusedError(
            "the editor was shared in this session: somebody else may have typed",
            hint="Cut what others typed, then confirm that all of it is yours.",
        )
