"""Sign one reviewed episode, from the offered terms to the files, for every front end.

`offer` returns the terms; `draft` makes the exact bytes to sign from the person's choices; `finish`
signs them, writes the two files and verifies them. Until `finish` has a signature, nothing is
written but keys. The caller asks the person; nothing here prints.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.hub_terms import note_agreed
from signoff_collector.consent.offered_terms import (
    NEW_PERMISSION,
    ChosenTerms,
    EarlierSignOff,
    OfferedTerms,
    offered_terms,
    refuse_unconfirmed,
)
from signoff_collector.consent.recovery import make_seed, take_code_to_show
from signoff_collector.consent.sign_off_files import (
    SignOff,
    Snapshot,
    read_sign_off,
    signature_path,
    statement_path,
    take_snapshot,
    write_sign_off,
)
from signoff_collector.consent.signatures.authority import vouch_own
from signoff_collector.consent.signatures.git_key import find_git_key
from signoff_collector.consent.signatures.keys import KeyRegister
from signoff_collector.consent.signing_off import Draft, Terms, draft_statement, sign_draft
from signoff_collector.consent.stock_commands import stock_commands
from signoff_collector.consent.terms.agreement import Agreement
from signoff_collector.consent.terms.audience import Audience, canonical_audience
from signoff_collector.consent.terms.rights import new_permission_reference
from signoff_collector.consent.verifying import Verdict, judge
from signoff_collector.own_files.private_files import locked
from signoff_collector.system.clock import Clock, SystemClock
from signoff_collector.upload.outbox.outbox import (
    ANOTHER_FILE,
    WITHDRAWN,
    Outbox,
    State,
    outbox_path,
)
from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Generator

    from signoff_collector.consent.signatures.keys import SigningKey
    from signoff_collector.own_files.home import Home

_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """The earlier sign-off that a new one replaces."""

    record_id: str
    sha256: str
    audience: str
    was_sent: bool
    """A store confirmed it: if it is of another episode, that stays there until withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Result of signing."""

    draft: Draft
    audience: Audience
    statement_path: Path
    signature_path: Path
    key: SigningKey
    verdict: Verdict
    """Verification with our own keys, of the files as they were written."""
    commands: tuple[str, ...]
    """Commands of stock tools that verify it."""
    replaced: Replaced | None
    recovery_code: str | None
    """Only at the first sign-off: to be shown this once."""

    def row(self) -> dict[str, object]:
        """Return it as JSON, without the recovery code."""
        answers = {n: {"good": a.is_good, "fact": a.fact} for n, a in self.verdict.answers()}
        return {
            "record_id": self.draft.record_id,
            "sha256": self.draft.predicate.shown_digest,
            "audience": self.audience,
            "statement_path": str(self.statement_path),
            "signature_path": str(self.signature_path),
            "key": {"fingerprint": self.key.fingerprint, "kind": self.key.kind},
            "contributor": self.draft.predicate.contributor,
            "expires": self.draft.predicate.expires,
            "commands": list(self.commands),
            **answers,
        }


def offer(home: Home, snapshot: Snapshot) -> OfferedTerms:
    """Return the terms for exactly these bytes; nothing is created.

    Raises:
        RefusedError: they were never reviewed on this machine, or never masked.
        DamagedError: they hold what no reader shows.
    """
    return offered_terms(home, snapshot, _earlier(home, snapshot.sha256))


def draft(
    home: Home,
    snapshot: Snapshot,
    chosen: ChosenTerms,
    *,
    by: Agreement,
    clock: Clock | None = None,
) -> Draft:
    """Return the exact bytes that `finish` will sign, on the word of a person or a program.

    Raises:
        RefusedError: not reviewed, not confirmed, not the developer's to share, or taken back.
        UsageError: an audience, a licence, a time or a reference makes no sense.
    """
    offered = offer(home, snapshot)
    refuse_unconfirmed(offered, chosen, by)
    terms = _terms(chosen, offered, by)
    _refuse_withdrawn(offered, terms.audience)
    _refuse_replacing_elsewhere(home, terms)
    return draft_statement(
        home, snapshot, terms, seed=make_seed(home), clock=clock or SystemClock()
    )


def finish(
    home: Home,
    path: Path,
    snapshot: Snapshot,
    drafted: Draft,
    *,
    as_me: bool = False,
    clock: Clock | None = None,
) -> Signed:
    """Sign a draft, put both files beside the episode, and verify what was written.

    Args:
        home: whose key signs.
        path: where the episode lies.
        snapshot: the bytes that were shown and drafted for.
        drafted: from `draft`.
        as_me: sign with the git signing key, which names the developer.
        clock: what time it is.

    Raises:
        NotFoundError: `as_me`, and neither file nor agent has the key; or the episode vanished.
        RefusedError: the key was to ask a person, and asks nobody.
        SignoffError: ssh-keygen could not sign: locked, refused, or not there.
    """
    audience = Audience(drafted.predicate.audience)
    register = KeyRegister(home)
    with _key(home, audience, as_me=as_me) as key:
        if drafted.by is Agreement.KEY and not key.asks_person:
            raise RefusedError("this key asks nobody", hint="Sign without --yes.")
        sign_off = sign_draft(drafted, key)
    if as_me:
        register.remember(audience, key)
    # one at a time: never mix the statement of one signer with the signature of another
    with locked(home.state / "signing.lock"), Outbox.open(home) as outbox:
        outbox.add_record(drafted.record_id, snapshot.sha256, audience)
        # void the old one first: after a crash here neither counts, never both
        replaced = _void_replaced(outbox, drafted)
        write_sign_off(path, sign_off)
        written = read_sign_off(path)
    receiver = drafted.predicate.receiver
    if receiver is not None and drafted.by.has_shown:
        note_agreed(home, audience, receiver.terms_sha256)
    now = datetime.fromtimestamp((clock or SystemClock()).wall_ns() // _NS, UTC)
    return Signed(
        draft=drafted,
        audience=audience,
        statement_path=statement_path(path).absolute(),
        signature_path=signature_path(path).absolute(),
        key=key,
        verdict=_own_verdict(register, take_snapshot(path), written, now),
        commands=stock_commands(path.absolute(), statement_path(path).absolute(), sign_off),
        replaced=replaced,
        recovery_code=take_code_to_show(home, make_seed(home)),
    )


def sign_chosen(
    home: Home, path: Path, snapshot: Snapshot, chosen: ChosenTerms, *, by: Agreement
) -> Signed:
    """Draft and sign in one call, for a front end that has shown and asked everything already.

    Raises:
        SignoffError: as `draft` and `finish`.
    """
    drafted = draft(home, snapshot, chosen, by=by)
    return finish(home, path, snapshot, drafted, as_me=chosen.as_me)


def unasked(home: Home, chosen: ChosenTerms) -> Agreement:
    """Return whose word `--yes` is: a program's, or a person's where the key asks one.

    Raises:
        NotFoundError: `as_me`, and neither file nor agent has the key.
    """
    audience, register = canonical_audience(chosen.audience), KeyRegister(home)
    if not chosen.as_me and register.find_key(audience) is None:
        return Agreement.PROGRAM
    with _key(home, audience, as_me=chosen.as_me) as key:
        return Agreement.KEY if key.asks_person else Agreement.PROGRAM


@contextmanager
def _key(home: Home, audience: Audience, *, as_me: bool) -> Generator[SigningKey]:
    with tempfile.TemporaryDirectory(prefix="signing-", dir=home.state) as scratch:
        yield find_git_key(Path(scratch)) if as_me else KeyRegister(home).key_for(audience)


def _earlier(home: Home, sha256: str) -> tuple[EarlierSignOff, ...]:
    if not outbox_path(home).is_file():
        return ()
    with Outbox.open(home) as outbox:
        sent = {item.record_id for item in outbox.items_of(sha256) if item.state == State.CONFIRMED}
        return tuple(
            EarlierSignOff(
                record_id=record, audience=audience, void_because=void, was_sent=record in sent
            )
            for record, audience, void in outbox.records_of(sha256)
        )


def _terms(chosen: ChosenTerms, offered: OfferedTerms, by: Agreement) -> Terms:
    audience = canonical_audience(chosen.audience)
    is_new = chosen.permission == NEW_PERMISSION
    standing = [
        earlier.record_id
        for earlier in offered.earlier
        if earlier.audience == audience and earlier.void_because is None
    ]
    return Terms(
        audience=audience,
        by=by,
        purposes=chosen.purposes,
        licence=chosen.licence,
        expires_days=chosen.expires_days,
        requested_by=chosen.requested_by,
        owner=chosen.owner,
        permission=new_permission_reference() if is_new else chosen.permission,
        supersedes=chosen.supersedes or (standing[-1] if standing else None),
        hub_terms_sha256=chosen.hub_terms_sha256,
    )


def _refuse_withdrawn(offered: OfferedTerms, audience: Audience) -> None:
    """Refuse what the store would refuse: nothing would come of this signature.

    Raises:
        RefusedError: these bytes were taken back from that store.
    """
    for earlier in offered.earlier:
        because = earlier.void_because or ""
        if earlier.audience == audience and because.startswith(WITHDRAWN):
            raise RefusedError(
                f"episode {offered.sha256[:16]} was {because} from {audience}, which refuses"
                " these bytes from then on",
                hint=ANOTHER_FILE,
            )


def _refuse_replacing_elsewhere(home: Home, terms: Terms) -> None:
    """Refuse to replace a sign-off for another store, which would not learn of it.

    Raises:
        RefusedError: the earlier sign-off is for another audience.
    """
    if terms.supersedes is None or not outbox_path(home).is_file():
        return
    with Outbox.open(home) as outbox:
        found = outbox.record(terms.supersedes)
    if found is not None and found[1] != terms.audience:
        raise RefusedError(
            f"the sign-off to replace is for {found[1]}, not for {terms.audience}",
            hint=f"Take that one back: signoff withdraw {found[0][:16]} --from {found[1]}",
        )


def _void_replaced(outbox: Outbox, drafted: Draft) -> Replaced | None:
    """Void the earlier sign-off, and cancel its queued upload."""
    predicate = drafted.predicate
    earlier = predicate.supersedes
    if earlier is None:
        return None
    found = outbox.record(earlier)
    sha256, audience = found or (predicate.shown_digest, predicate.audience)
    was_sent = any(
        item.record_id == earlier and item.state == State.CONFIRMED
        for item in outbox.items_of(sha256)
    )
    outbox.void(earlier, sha256, audience, f"superseded by {drafted.record_id}")
    return Replaced(record_id=earlier, sha256=sha256, audience=audience, was_sent=was_sent)


def _own_verdict(
    register: KeyRegister, snapshot: Snapshot, sign_off: SignOff, now: datetime
) -> Verdict:
    return judge(
        snapshot,
        sign_off,
        voucher=lambda signed, key: vouch_own(register, signed.audience, key),
        now=now,
    )
