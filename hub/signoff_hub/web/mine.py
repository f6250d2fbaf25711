"""Pages of a contributor: what is here of theirs, where it is used, and taking it back."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, and_, or_, select

from signoff_collector.consent.withdrawal import Tombstone
from signoff_hub.admitting.receipts import receipt_of
from signoff_hub.building.uses import UsedIn, uses_of
from signoff_hub.database.tables import EPISODE, SIGN_OFF, TOMBSTONE
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.states import LIVE, State, read_state
from signoff_hub.web.frame import commands, facts, file, go, mono, note, page, section, table
from signoff_hub.web.markup import Content, Markup, tag
from signoff_hub.web.words import STATES, day, moment, size
from signoff_hub.withdrawing.withdrawals import read_withdrawal, withdraw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from signoff_hub.web.visits import Visit

_PAGE: Final = 50
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_RECORD: Final = re.compile(r"[0-9a-f]{32}")


def mine(visit: Visit) -> Response:
    """List one's own sign-offs, the newest first."""
    account = visit.account()
    wanted = (
        select(SIGN_OFF.c.statement, SIGN_OFF.c.episode, SIGN_OFF.c.state, SIGN_OFF.c.received_at)
        .where(SIGN_OFF.c.account == account)
        .order_by(SIGN_OFF.c.received_at.desc(), SIGN_OFF.c.statement)
        .limit(_PAGE + 1)
    )
    after = visit.query.get("after", "")
    if _DIGEST.fullmatch(after):
        at = visit.number("at")
        same = and_(SIGN_OFF.c.received_at == at, SIGN_OFF.c.statement > after)
        wanted = wanted.where(or_(SIGN_OFF.c.received_at < at, same))
    with visit.node.database.read() as connection:
        found = connection.execute(wanted).all()
    if not found:
        return page(visit, "My episodes", tag("p", "Nothing of yours is here."), at="mine")
    rows: list[tuple[Content, ...]] = [
        (
            tag("a", mono(row.episode[:16]), href=visit.link(f"mine/{row.statement}")),
            row.state,
            moment(row.received_at),
        )
        for row in found[:_PAGE]
    ]
    last = found[_PAGE - 1] if len(found) > _PAGE else None
    more = (
        tag(
            "nav",
            tag(
                "a",
                "Earlier ones",
                href=visit.link("mine", at=last.received_at, after=last.statement),
            ),
            class_="more",
            aria_label="More episodes",
        )
        if last is not None
        else None
    )
    return page(
        visit,
        "My episodes",
        tag("p", "Each sign-off of yours at this hub. Open one for its receipt and its uses."),
        table("Sign-offs, the newest first", ("Episode", "State", "Received"), rows),
        more,
        at="mine",
    )


def one(visit: Visit) -> Response:
    """Show one of them, with its receipt, its uses, and how to take it back."""
    row, state = _own(visit)
    with visit.node.database.read() as connection:
        uses = uses_of(connection, (state,)).get(row.statement, ())
        ended = connection.execute(
            select(TOMBSTONE.c.withdrawn_at, TOMBSTONE.c.erased_at).where(
                TOMBSTONE.c.episode == row.episode
            )
        ).first()
        length = connection.execute(
            select(EPISODE.c.size_bytes).where(EPISODE.c.sha256 == row.episode)
        ).scalar()
    reason = None if row.refused_because is None else mono(row.refused_because)
    return page(
        visit,
        f"Episode {row.episode[:16]}",
        _ended(visit, ended) if ended is not None else None,
        facts(
            ("State", STATES.get(row.state, row.state)),
            ("Refused because", reason),
            ("SHA-256 of the episode", mono(row.episode)),
            ("Size", None if length is None else size(length)),
            ("SHA-256 of your statement", mono(row.statement)),
            ("Signed on", moment(row.given_at)),
            ("Received on", moment(row.received_at)),
            ("Your consent ends on", day(row.expires_at)),
            ("You allowed", ", ".join(map(str, row.purposes))),
            ("You forbade", ", ".join(map(str, row.prohibited)) or None),
        ),
        _receipt(visit, state),
        _used(uses),
        _taking_back(visit, row) if row.state in LIVE else None,
        at="mine",
    )


def receipt(visit: Visit) -> Response:
    """Return the receipt, as its exact bytes."""
    _, state = _own(visit)
    found = receipt_of(visit.node, state)
    if found is None:
        raise _nothing()
    return file(found.content, f"{state.statement_sha256[:16]}.receipt.json")


def receipt_signature(visit: Visit) -> Response:
    """Return the hub's signature over the receipt."""
    _, state = _own(visit)
    found = receipt_of(visit.node, state)
    if found is None:
        raise _nothing()
    return file(found.signature, f"{state.statement_sha256[:16]}.receipt.json.sig", "text/plain")


def proof(visit: Visit) -> Response:
    """Return the proof that the admission stands in the log, as signoff verify reads it."""
    _, state = _own(visit)
    if receipt_of(visit.node, state) is None or state.leaf is None:
        raise _nothing()
    return file(visit.node.log.proof_of(state.leaf), f"{state.statement_sha256[:16]}.proof.json")


def take_back(visit: Visit) -> Response:
    """Withdraw with the secret behind the sign-off's handle, which is the proof: no session is."""
    row, _ = _own(visit)
    secret = visit.form.get("secret", "").strip().lower()
    if visit.form.get("sure") != "yes" or not _DIGEST.fullmatch(secret):
        raise HubFault(
            FaultCode.BAD_REQUEST,
            "nothing was taken back: tick the box, and give the secret of 64 digits",
            hint="Go back and fill in both.",
        )
    tombstone = Tombstone(
        sha256=row.episode,
        record_id=row.record,
        handle=row.handle,
        withdrawn_on=visit.node.moment().date().isoformat(),
        preimage=secret,
    )
    withdraw(visit.node, tombstone.encode())
    return go(visit.link(f"ended/{row.record}"))


def ended(visit: Visit) -> Response:
    """Tell how far a withdrawal is, also when nothing else of the sign-off is here any more."""
    record = visit.path["record"]
    if not _RECORD.fullmatch(record):
        raise _nothing()
    found = read_withdrawal(visit.node, record)
    gone = (
        "Its last byte here is erased."
        if found.is_erased
        else f"Its bytes are erased by {moment(found.erase_by)}."
    )
    return page(
        visit,
        "You took it back",
        note("good", tag("p", f"It is {STATES['withdrawn']}."), tag("p", gone)),
        facts(("SHA-256 of the episode", mono(found.sha256))),
        at="mine",
    )


def _own(visit: Visit) -> tuple[Row[Any], State]:
    """Return a sign-off of whoever looks; another's is told like one that is not there."""
    account, statement = visit.account(), visit.path["statement"]
    if not _DIGEST.fullmatch(statement):
        raise _nothing()
    with visit.node.database.read() as connection:
        row = connection.execute(
            select(SIGN_OFF).where(SIGN_OFF.c.statement == statement, SIGN_OFF.c.account == account)
        ).first()
        state = read_state(connection, statement)
    if row is None or state is None:
        raise _nothing()
    return row, state


def _used(uses: Sequence[UsedIn]) -> Markup:
    if not uses:
        return section("Where it is used", tag("p", "In no data set."))
    rows: list[tuple[Content, ...]] = [
        (
            f"{use.dataset} {use.version}",
            use.purpose,
            ", ".join(str(day(read)) for read in use.read_on) or "not read yet",
        )
        for use in uses
    ]
    return section(
        "Where it is used",
        tag("p", "Data sets that hold it, for what, and the days on which each was read for that."),
        table("Uses", ("Data set", "Purpose", "Read on"), rows),
    )


def _receipt(visit: Visit, state: State) -> Markup | None:
    found = receipt_of(visit.node, state)
    if found is None:
        return None
    base = f"mine/{state.statement_sha256}"
    proven = None
    with suppress(HubFault):  # what the leaf says was erased: the receipt stays good without
        visit.node.log.proof_of(state.leaf or 0)
        proven = tag("a", "Proof that the log has it", href=visit.link(f"{base}/proof.json"))
    return section(
        "Receipt",
        tag(
            "p",
            f"The hub confirmed it in leaf {state.leaf} of its log. Your machine keeps this"
            " receipt too; signoff verify checks it.",
        ),
        tag(
            "nav",
            tag("a", "Receipt", href=visit.link(f"{base}/receipt.json")),
            tag("a", "Its signature", href=visit.link(f"{base}/receipt.sig")),
            proven,
            class_="more",
            aria_label="Files",
        ),
    )


def _ended(visit: Visit, ended: Row[*tuple[Any, ...]]) -> Markup:
    by = moment(ended.withdrawn_at + visit.node.settings.erase_within_hours * 3600)
    gone = (
        f"Its last byte here was erased on {moment(ended.erased_at)}."
        if ended.erased_at is not None
        else f"Its bytes are erased by {by}, unless the law holds them longer."
    )
    return note(
        "good",
        tag("p", f"It ended here on {moment(ended.withdrawn_at)}; nobody reads it any more."),
        tag("p", gone),
    )


def _taking_back(visit: Visit, row: Row[Any]) -> Markup:
    return section(
        "Take it back",
        tag(
            "p",
            "From that moment nobody reads it here, its bytes are erased within"
            f" {visit.node.settings.erase_within_hours} hours, and the same bytes are refused for"
            " ever. There is no undo. A model that was already trained cannot be un-trained.",
        ),
        tag("p", "Only your key, or your secret, can do that. With the key, in your terminal:"),
        commands(f"signoff withdraw {row.episode} --from {visit.node.address}"),
        tag("p", "Or here, with the secret of this one sign-off, which your terminal prints:"),
        commands(f"signoff withdraw {row.episode} --from {visit.node.address} --print-secret"),
        note(
            "warn",
            tag(
                "p",
                "Never type your recovery code into a web page: it is for everything that you"
                " ever shared, here and elsewhere.",
            ),
        ),
        tag(
            "form",
            tag(
                "div",
                tag("label", "Secret of this sign-off, 64 digits", for_="secret"),
                tag(
                    "input",
                    id="secret",
                    name="secret",
                    type="password",
                    required=True,
                    autocomplete="off",
                    spellcheck="false",
                    maxlength="64",
                    pattern="[0-9a-f]{64}",
                    title="64 digits from 0 to 9 and a to f",
                ),
            ),
            tag(
                "label",
                tag("input", type="checkbox", name="sure", value="yes", required=True),
                "Erase this episode here for good",
            ),
            tag("button", "Take it back", type="submit", class_="danger"),
            method="post",
            action=visit.link(f"mine/{row.statement}/withdraw"),
            class_="block",
        ),
    )


def _nothing() -> HubFault:
    return HubFault(FaultCode.NOT_FOUND, "there is no such sign-off of yours")
