"""The terms of hubs: verified when they come, kept in the home, compared before each signature.

A hub's key is pinned when its first terms are kept: terms by another key are refused from then
on. Every version that was kept stays, so that a person can prove what was promised; which one a
person agreed to last is noted, and terms that changed since are shown before anything is signed.

    state/hubs/<SHA-256 of the audience>/key                    the pinned key, an OpenSSH line
    state/hubs/<SHA-256 of the audience>/<terms sha256>.json    the exact bytes; beside it .json.sig
    state/hubs/<SHA-256 of the audience>/current, agreed        digests of terms
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES, TERMS
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.consent.terms.notices import CURRENT_VERSION
from signoff_collector.own_files.private_files import (
    create_private,
    make_private_folder,
    read_regular,
    replace_private,
)
from signoff_schemas.errors import NotFoundError, NotSignedError, RefusedError, SignoffError
from signoff_schemas.hub import MAX_TERMS_BYTES, HubTerms, parse_terms, receiver_of, terms_sha256
from signoff_schemas.statement import ProhibitedUse, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from signoff_collector.consent.terms.agreement import Agreement
    from signoff_collector.own_files.home import Home
    from signoff_schemas.receiver import Receiver
    from signoff_schemas.statement import Purpose

_CLOCK_SLACK: Final = timedelta(days=1)
"""By how much a clock may be behind the hub's."""
_MAX_LINE_BYTES: Final = 8 << 10
_TELL: Final = "Nothing was kept or signed. Tell whoever runs the hub."


AskHub = Callable[[Audience], "KeptTerms"]
"""Asks a hub for its terms and keeps them; given by the verbs, which alone may reach a network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTerms:
    """Terms of one hub that are verified and in force here."""

    audience: Audience
    terms: HubTerms
    content: bytes
    """The exact bytes that the hub signed."""
    signature: bytes
    agreed_sha256: str | None
    """Of the terms of this hub that a person last signed under."""

    @property
    def sha256(self) -> str:
        """The digest that a statement names them by."""
        return terms_sha256(self.content)

    @property
    def is_agreed(self) -> bool:
        """Whether a person signed under these very terms before."""
        return self.agreed_sha256 == self.sha256

    @property
    def has_changed(self) -> bool:
        """Whether a person signed under other terms of this hub before."""
        return self.agreed_sha256 is not None and not self.is_agreed

    @property
    def receiver(self) -> Receiver:
        """The block that a statement under these terms holds."""
        return receiver_of(self.content)


def keep_terms(home: Home, audience: Audience, content: bytes, signature: bytes) -> KeptTerms:
    """Verify what a hub gave as its terms and keep it as those in force.

    Raises:
        NotSignedError: they are void, or not signed by the key that they name.
        RefusedError: they are another hub's, or by another key than this hub's so far.
        SignoffError: they cannot be written.
    """
    terms = _verified(audience, content, signature)
    folder = hub_folder(home, audience)
    make_private_folder(folder)
    with suppress(FileExistsError):
        create_private(folder / "key", f"{terms.receipt_key}\n".encode())
    _refuse_other_key(folder, audience, terms)
    named = terms_sha256(content)
    replace_private(folder / f"{named}.json.sig", signature)
    replace_private(folder / f"{named}.json", content)
    replace_private(folder / "current", f"{named}\n".encode())
    return KeptTerms(
        audience=audience,
        terms=terms,
        content=content,
        signature=signature,
        agreed_sha256=_line(folder / "agreed"),
    )


def find_terms(home: Home, audience: Audience, sha256: str | None = None) -> KeptTerms | None:
    """Return the terms of a hub that are in force here, or those with this digest.

    None if none are kept, or they are damaged.
    """
    folder = hub_folder(home, audience)
    named = sha256 or _line(folder / "current")
    if named is None:
        return None
    try:
        content = read_regular(folder / f"{named}.json", max_bytes=MAX_TERMS_BYTES)
        signature = read_regular(folder / f"{named}.json.sig", max_bytes=MAX_SIGNATURE_BYTES)
        terms = _verified(audience, content, signature)
        if sha256 is None:  # earlier ones may be by an earlier key
            _refuse_other_key(folder, audience, terms)
    except SignoffError:
        return None
    if terms_sha256(content) != named:
        return None
    return KeptTerms(
        audience=audience,
        terms=terms,
        content=content,
        signature=signature,
        agreed_sha256=_line(folder / "agreed"),
    )


def need_terms(home: Home, audience: Audience) -> KeptTerms:
    """Return the terms of a hub that are in force here.

    Raises:
        NotFoundError: none are kept.
    """
    kept = find_terms(home, audience)
    if kept is None:
        raise NotFoundError(
            f"the terms of {audience} are not known here, and nothing is signed without them",
            hint=f"signoff sign EPISODE --to {audience} asks the hub for them and shows them.",
        )
    return kept


def all_terms(home: Home) -> tuple[KeptTerms, ...]:
    """Return the terms of every hub that are in force here, by audience."""
    places = home.state / "hubs"
    found: list[KeptTerms] = []
    for folder in sorted(places.iterdir()) if places.is_dir() else ():
        named = _line(folder / "current")
        with suppress(SignoffError):
            content = read_regular(folder / f"{named}.json", max_bytes=MAX_TERMS_BYTES)
            audience = Audience(parse_terms(content).receiver)
            kept = find_terms(home, audience) if hub_folder(home, audience) == folder else None
            found += [] if kept is None else [kept]
    return tuple(sorted(found, key=lambda kept: kept.audience))


def note_agreed(home: Home, audience: Audience, sha256: str) -> None:
    """Note that a person was shown these terms and signed under them.

    Raises:
        SignoffError: it cannot be written.
    """
    folder = hub_folder(home, audience)
    make_private_folder(folder)
    replace_private(folder / "agreed", f"{sha256}\n".encode())


def refuse_unread(kept: KeptTerms, read_sha256: str | None, by: Agreement) -> None:
    """Refuse to sign under terms that no person has read.

    Args:
        kept: what would be signed.
        read_sha256: of the terms that were shown before the yes.
        by: who gave the yes.

    Raises:
        RefusedError: they were not shown, or changed since.
    """
    if by.has_shown and read_sha256 == kept.sha256:
        return
    if not by.has_shown and kept.is_agreed:
        return
    changed = "the terms of {} changed since you signed for it, and were not shown"
    unread = "the terms of {} were not shown to a person"
    raise RefusedError(
        (changed if kept.has_changed else unread).format(kept.audience),
        hint=f"A person reads them: signoff sign EPISODE --to {kept.audience}, without --yes.",
    )


def refuse_beyond(
    kept: KeptTerms,
    *,
    purposes: Iterable[Purpose],
    expires_days: int,
    size_bytes: int,
    now: datetime,
) -> None:
    """Refuse what the hub's terms do not cover: the hub would refuse it too.

    Raises:
        RefusedError: a purpose that it does not offer, a longer time than it keeps anything, too
            large, another notice, or a use that every sign-off prohibits and it does not.
    """
    terms, hub = kept.terms, kept.audience
    unknown = [purpose for purpose in purposes if purpose not in terms.purposes]
    if unknown:
        raise RefusedError(
            f"{hub} takes nothing for {', '.join(unknown)}",
            hint=f"It takes episodes for: {', '.join(terms.purposes)}.",
        )
    if expires_days > terms.retention_days:
        raise RefusedError(
            f"{hub} keeps an episode for {terms.retention_days} days at most, not {expires_days}",
            hint=f"Sign for at most that long: --expires-days {terms.retention_days}",
        )
    if size_bytes > terms.limits.max_episode_bytes:
        raise RefusedError(
            f"the episode has {size_bytes} bytes, and {hub} takes at most"
            f" {terms.limits.max_episode_bytes}",
            hint="Keep less of it in a review.",
        )
    if CURRENT_VERSION not in terms.notices:
        raise RefusedError(
            f"{hub} takes no sign-off under notice {CURRENT_VERSION}",
            hint="Tell whoever runs the hub, or upgrade Signoff.",
        )
    left = [use for use in ProhibitedUse if use not in terms.prohibited_uses]
    if left:
        raise RefusedError(
            f"every sign-off prohibits {', '.join(left)}, and {hub} does not bind itself to it",
            hint="Nothing can be signed for this hub.",
        )
    if parse_time(terms.valid_from) > now + _CLOCK_SLACK:
        raise RefusedError(
            f"the terms of {hub} hold from {terms.valid_from} on", hint="Sign after that."
        )


def _verified(audience: Audience, content: bytes, signature: bytes) -> HubTerms:
    terms = parse_terms(content)
    try:
        signed = verify_signature(content, signature, TERMS)
    except NotSignedError as error:
        raise NotSignedError(f"the terms of {audience} are void: {error}", hint=_TELL) from error
    if signed.fingerprint != terms.receipt_key_fingerprint:
        raise NotSignedError(
            f"the terms of {audience} are signed by {signed.fingerprint}, and name"
            f" {terms.receipt_key_fingerprint} as its key",
            hint=_TELL,
        )
    if terms.receiver != audience:
        raise RefusedError(
            f"the terms are those of {terms.receiver}, not of {audience}", hint=_TELL
        )
    return terms


def _refuse_other_key(folder: Path, audience: Audience, terms: HubTerms) -> None:
    if _line(folder / "key") != terms.receipt_key:
        raise RefusedError(
            f"{audience} signs with another key than when its terms were first kept here:"
            f" now {terms.receipt_key_fingerprint}",
            hint="Ask whoever runs it, on another way than this address, whether the key changed."
            f" If so, remove {folder / 'key'} and sign again.",
        )


def hub_folder(home: Home, audience: Audience) -> Path:
    """Return the folder of what is kept of one hub; it may not be there."""
    return home.state / "hubs" / hashlib.sha256(audience.encode()).hexdigest()


def _line(path: Path) -> str | None:
    try:
        return read_regular(path, max_bytes=_MAX_LINE_BYTES).decode("ascii").rstrip("\n")
    except (SignoffError, UnicodeDecodeError):
        return None
