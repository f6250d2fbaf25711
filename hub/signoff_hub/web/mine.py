"""Pages of a contributor: what is here of theirs, where it is used, and taking it back."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, and_, or_, select

from signoff_collector.consent.withdrawal import Tombstone
from signoff_hub.admitting.receipts import receipt_of
from signoff_hub.building.uses import UsedIn, uses_of
from signoff_hub.database.tables import EPISODE, LEGAL_HOLD, SIGN_OFF, TOMBSTONE
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.states import LIVE, State, read_state
from signoff_hub.web.frame import (
    commands,
    facts,
    field,
    file,
    go,
    mono,
    note,
    page,
    section,
    table,
    when,
)
from signoff_hub.web.markup import Content, Markup, tag
from signoff_hub.web.words import BUILDS, REASONS, STATES, day, moment, plain, size
from signoff_hub.withdrawing.endings import HOLDING, ends_alone, rows_of
from signoff_hub.withdrawing.withdrawals import read_withdrawal, withdraw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from signoff_hub.web.visits import Visit

_PAGE: Final = 50
_REFUSED: Final = "refused"
_READY: Final = "ready"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_RECORD: Final = re.compile(r"[0-9a-f]{32}")
_ANOTHERS: Final = (
    "Somebody else signed the same bytes before you. They stay here under that sign-off, which is"
    " not yours to take back."
)


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
        return page(visit, "My episodes", _nothing_here(visit), at="mine")
    rows: list[tuple[Content, ...]] = [
        (
            tag("a", mono(row.episode[:16]), href=visit.link(f"mine/{row.statement}")),
            row.state,
            when(moment(row.received_at)),
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
        tag(
            "p",
            "Each sign-off of yours at this hub. Open one for its receipt, for where it is used,"
            " and to take it back. What was erased is not listed any more.",
        ),
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
        held = connection.execute(
            select(LEGAL_HOLD.c.until).where(
                LEGAL_HOLD.c.episode == row.episode, LEGAL_HOLD.c.until > visit.node.now()
            )
        ).scalar()
        signed = rows_of(connection, row.episode)
        length = connection.execute(
            select(EPISODE.c.size_bytes).where(EPISODE.c.sha256 == row.episode)
        ).scalar()
    is_alone = ends_alone(signed, next(one for one in signed if one.statement == row.statement))
    return page(
        visit,
        f"Episode {row.episode[:16]}",
        _ended(visit, ended, held) if ended is not None else None,
        facts(
            ("State", STATES.get(row.state, row.state)),
            ("Refused because", _because(row.refused_because)),
            ("SHA-256 of the episode", mono(row.episode)),
            ("Size", None if length is None else size(length)),
            ("SHA-256 of your statement", mono(row.statement)),
            ("Signed on", moment(row.given_at)),
            ("Received on", moment(row.received_at)),
            ("Your consent ends on", day(row.expires_at) if row.state in LIVE else None),
            ("You allowed", ", ".join(plain(str(one)) for one in row.purposes) or None),
            ("You forbade", ", ".join(plain(str(one)) for one in row.prohibited) or None),
        ),
        _receipt(visit, state),
        None if row.state == _REFUSED else _used(uses),
        _taking_back(visit, row, is_alone=is_alone) if row.state in HOLDING else None,
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
    what, verb = ("What the hub has of it", "is") if found.is_alone else ("Its bytes", "are")
    gone = (
        f"{what} {verb} erased by {moment(found.erase_by)} at the latest."
        if not found.is_erased
        else "What the hub had of it is erased."
        if found.is_alone
        else "Its last byte here is erased."
    )
    said = "Your sign-off counts no more." if found.is_alone else f"It is {STATES['withdrawn']}."
    by = "by your sign-off " if found.is_alone else ""
    kept = (
        note("warn", tag("p", "The store of this hub kept older versions of it, which the hub"
                              " could not erase. Ask whoever runs it."))
        if found.kept_versions
        else None
    )  # fmt: skip
    return page(
        visit,
        "You took it back",
        note("good", tag("p", said), tag("p", gone)),
        tag("p", _ANOTHERS) if found.is_alone else None,
        kept,
        facts(("SHA-256 of the episode", mono(found.sha256))),
        tag("p", f"Data sets that hold it {by}are made anew without it."),
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
        return section("Where it is used", tag("p", "It is in no data set."))
    rows: list[tuple[Content, ...]] = [
        (
            f"{use.dataset} {use.version}",
            BUILDS.get(use.state, use.state),
            plain(use.purpose),
            ", ".join(str(day(read)) for read in use.read_on) or _never_read(use),
        )
        for use in uses
    ]
    return section(
        "Where it is used",
        tag(
            "p",
            "Every version of a data set that was made with it, what for, and the days on which"
            " somebody read that version, whatever part of it.",
        ),
        table("Versions of data sets", ("Data set", "Now", "Purpose", "Read on"), rows),
    )


def _never_read(use: UsedIn) -> str:
    return "not read yet" if use.state == _READY else "never read"


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
            " receipt too, and ",
            tag("code", "signoff verify"),
            " checks it there.",
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


def _ended(visit: Visit, ended: Row[*tuple[Any, ...]], held: int | None) -> Markup:
    by = ended.withdrawn_at + visit.node.settings.erase_within_hours * 3600
    if ended.erased_at is not None:
        gone = f"Its last byte here was erased on {moment(ended.erased_at)}."
    elif held is not None:
        gone = f"The law orders this hub to keep its bytes until {moment(held)}; then they go."
    elif by < visit.node.now():
        gone = (
            f"Its bytes were to be erased by {moment(by)}, and they are not yet. Ask whoever"
            " runs the hub."
        )
    else:
        gone = f"Its bytes are erased by {moment(by)} at the latest."
    return note(
        "good",
        tag("p", f"It ended here on {moment(ended.withdrawn_at)}; nobody reads it any more."),
        tag("p", gone),
    )


def _taking_back(visit: Visit, row: Row[Any], *, is_alone: bool) -> Markup:
    hours = visit.node.settings.erase_within_hours
    promised = (
        "From that moment your sign-off counts for nothing here. What the hub has of it is erased"
        f" within {hours} hours, unless the law orders the hub to keep the episode longer, and data"
        " sets that hold the episode by your sign-off are made anew without it. The same"
        " sign-off is refused for ever, and there is no undo."
        if is_alone
        else "From that moment nobody is given it here. Its bytes are erased within"
        f" {hours} hours, unless the law orders the hub to keep them longer, and data sets that"
        " hold it are made anew without it. The same bytes are refused for ever. There is no undo,"
        " and a model that was trained before cannot forget it."
    )
    return section(
        "Take it back",
        tag("p", _ANOTHERS) if is_alone else None,
        tag("p", promised),
        tag("p", "Being signed in is not enough: it takes your key. In your terminal:"),
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
            field("secret", "Secret of this sign-off, 64 digits", most=64),
            tag(
                "label",
                tag("input", type="checkbox", name="sure", value="yes", required=True),
                "Take my sign-off back for good"
                if is_alone
                else "Erase this episode here for good",
            ),
            tag("button", "Take it back", type="submit", class_="danger"),
            method="post",
            action=visit.link(f"mine/{row.statement}/withdraw"),
            class_="block",
        ),
    )


def _nothing_here(visit: Visit) -> Content:
    return (
        tag("p", "Nothing of yours is here."),
        tag(
            "p",
            "What you sign for this hub and send stands here, with its receipt, with the data sets"
            " that hold it, and with the way to take it back. What was erased is not listed any"
            " more.",
        ),
        tag("p", tag("a", "How to begin", href=visit.link(""))),
    )


def _because(code: str | None) -> Content:
    if code is None:
        return None
    words = REASONS.get(code)
    return mono(code) if words is None else (f"{words} (", mono(code), ")")


def _nothing() -> HubFault:
    return HubFault(FaultCode.NOT_FOUND, "there is no such sign-off of yours")
