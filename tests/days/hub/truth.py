"""What is true of a hub, in plain lists: who sent what, what was decided, what ended, what is left.

It knows nothing of databases, objects or nodes. Each method is one deed; it returns what the hub
has to answer, and from then on `told`, `bytes_here`, `leaves` say what the hub has to tell.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.hubs import DAY_S, Sent

LIVE = ("received", "admitted")
HOLDING = (*LIVE, "superseded")
RETENTION_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A sign-off that somebody made; it may never be sent."""

    sent: Sent
    account: str
    record: str
    replaces: str | None
    ends: int
    flaw: str | None
    """The code with which the hub refuses it when it comes."""
    is_bad: bool
    """Whether its bytes are no episode that a hub may have."""

    @property
    def sha256(self) -> str:
        return self.sent.sha256

    @property
    def statement(self) -> str:
        return self.sent.statement_sha256


@dataclass(kw_only=True)
class Row:
    """A sign-off that came."""

    signed: Signed
    received_at: int
    state: str = "received"
    was_admitted: bool = False
    has_receipt: bool = False
    is_blank: bool = False
    """Whether what ended of it was erased, while the episode stays."""
    has_sign_off: bool = True
    """Whether its statement and signature are in the store."""


@dataclass(kw_only=True)
class Ended:
    """An episode that is gone as a whole, or will be."""

    because: str
    tombstone: str | None
    is_erased: bool = False


@dataclass
class Truth:
    """All of it."""

    rows: dict[str, Row] = field(default_factory=dict[str, Row])
    """By statement, in the order in which they came."""
    blobs: dict[str, int] = field(default_factory=dict[str, int])
    """When the bytes came that are here."""
    ended: dict[str, Ended] = field(default_factory=dict[str, Ended])
    """In the order of the log."""
    holds: dict[str, int] = field(default_factory=dict[str, int])
    revoked: set[str] = field(default_factory=set[str])
    """Keys."""
    to_admit: list[str] = field(default_factory=list[str])
    to_erase: list[str] = field(default_factory=list[str])
    leaves: list[tuple[str, str, str | None]] = field(
        default_factory=list[tuple[str, str, "str | None"]]
    )
    """What happened to what, and why: each leaf of the log."""
    silent: set[int] = field(default_factory=set[int])
    """Numbers of leaves whose words were erased."""

    def of(self, sha256: str) -> list[Row]:
        """Return the sign-offs of an episode, as they came."""
        return [row for row in self.rows.values() if row.signed.sha256 == sha256]

    def send_bytes(self, signed: Signed, now: int) -> str:
        if signed.sha256 in self.ended:
            return "withdrawn"
        if signed.sha256 in self.blobs:
            return "known"
        self.blobs[signed.sha256] = now
        return "new"

    def send(self, signed: Signed, now: int) -> str:
        """Return a state, or the code of the first reason against it."""
        if (said := self._refusal(signed, now)) is not None:
            return said
        for row in self.rows.values():
            is_replaced = row.signed.record == signed.replaces
            if is_replaced and row.signed.account == signed.account and row.state in LIVE:
                row.state = "superseded"
        self.rows[signed.statement] = Row(signed=signed, received_at=now)
        self.to_admit.append(signed.statement)
        self.leaves.append(("received", signed.statement, None))
        return "received"

    def _refusal(self, signed: Signed, now: int) -> str | None:
        if signed.flaw in {"bad_signature", "void"}:
            return signed.flaw
        if signed.sent.person.contributor in self.revoked:
            return "revoked_key"
        if (row := self.rows.get(signed.statement)) is not None:
            return row.state
        if signed.flaw is not None:
            return signed.flaw
        if signed.ends <= now:
            return "expired"
        if signed.sha256 in self.ended:
            return "withdrawn"
        mine = [row for row in self.rows.values() if row.signed.account == signed.account]
        if any(row.signed.replaces == signed.record for row in mine):
            return "superseded"
        others = [row for row in self.rows.values() if row.signed.account != signed.account]
        if any(row.signed.record == signed.replaces for row in others):
            return "supersedes"
        return None if signed.sha256 in self.blobs else "no_blob"

    def admit(self, now: int) -> None:
        """Decide all that waits."""
        while self.to_admit:
            self.decide(self.to_admit[0], now)
            self.put_receipt(self.to_admit.pop(0))

    def decide(self, statement: str, now: int) -> None:
        row = self.rows.get(statement)
        if row is None or row.state != "received":
            return
        signed = row.signed
        if signed.ends > now and not signed.is_bad and signed.sha256 in self.blobs:
            row.state, row.was_admitted = "admitted", True
            self.leaves.append(("admitted", statement, None))
            return
        why = "expired" if signed.ends <= now else "origin"
        row.state = "refused"
        self.leaves.append(("refused", statement, why))

    def put_receipt(self, statement: str) -> None:
        row = self.rows.get(statement)
        if row is None:
            return
        row.has_receipt |= row.was_admitted and row.state in {"admitted", "superseded"}
        row.has_sign_off &= row.state != "refused"
        if row.state == "refused" and not self._are_needed(row.signed.sha256):
            self.blobs.pop(row.signed.sha256, None)

    def _are_needed(self, sha256: str) -> bool:
        """Tell whether somebody has, or may get, a receipt for these bytes."""
        return any(
            row.state in LIVE or (row.state == "superseded" and row.was_admitted)
            for row in self.of(sha256)
        )

    def withdraw(self, signed: Signed, *, names_it: bool, may: bool, tombstone: str) -> str:
        """Return `erased` or `withdrawn`, or `proof` where that takes nothing back.

        Args:
            signed: what.
            names_it: whether the tombstone has its record and handle.
            may: whether it is by its key or its secret.
            tombstone: the exact text.
        """
        rows = self.of(signed.sha256)
        if (ended := self.ended.get(signed.sha256)) is not None:
            return "erased" if ended.is_erased else "withdrawn"
        row = self.rows.get(signed.statement)
        if row is None or not names_it:
            return "proof"
        if row.state == "withdrawn":
            return "erased" if row.is_blank else "withdrawn"
        if not may:
            return "proof"
        kept = [one for one in rows if one.state != "refused"]
        is_first = not kept or kept[0].signed.account == signed.account
        if is_first or not any(one.state in HOLDING and one is not row for one in rows):
            self._end(signed.sha256, "withdrawn", tombstone)
        else:
            row.state = "withdrawn"
            self.leaves.append(("withdrawn", signed.statement, None))
            self._put_erase(signed.sha256)
        return "withdrawn"

    def _end(self, sha256: str, because: str, tombstone: str | None) -> None:
        self.ended[sha256] = Ended(because=because, tombstone=tombstone)
        self.leaves.append((because, sha256, None))
        for row in self.of(sha256):
            if row.state in HOLDING:
                row.state = because
        self._put_erase(sha256)

    def _put_erase(self, sha256: str) -> None:
        if sha256 not in self.to_erase:
            self.to_erase.append(sha256)

    def is_held(self, sha256: str, now: int) -> bool:
        return self.holds.get(sha256, 0) > now

    def erase_due(self, now: int) -> None:
        """Erase what ended and is not held."""
        for sha256 in [one for one in self.to_erase if not self.is_held(one, now)]:
            self.to_erase.remove(sha256)
            self._erase(sha256)

    def _erase(self, sha256: str) -> None:
        if (ended := self.ended.get(sha256)) is None:
            for row in self.of(sha256):
                if row.state in {"withdrawn", "expired"}:
                    row.is_blank = True
                    row.has_sign_off = False
                    self._silence(row)
            return
        for row in self.of(sha256):
            self._silence(row)
            del self.rows[row.signed.statement]
            if row.signed.statement in self.to_admit:
                self.to_admit.remove(row.signed.statement)
        self.blobs.pop(sha256, None)
        if not ended.is_erased:
            ended.is_erased = True
            self.leaves.append(("erased", sha256, None))

    def _silence(self, row: Row) -> None:
        gone = ("received", "admitted")
        self.silent |= {
            n
            for n, (kind, subject, _) in enumerate(self.leaves)
            if subject == row.signed.statement and kind in gone
        }

    def sweep(self, now: int) -> None:
        """End what is over, erase what is due, clear what nobody signed for."""
        for statement in sorted(self.rows):
            row = self.rows[statement]
            is_old = row.received_at <= now - RETENTION_DAYS * DAY_S
            if row.state in HOLDING and (row.signed.ends <= now or is_old):
                row.state = "expired"
                if any(one.state in HOLDING for one in self.of(row.signed.sha256)):
                    self._put_erase(row.signed.sha256)
                else:
                    self._end(row.signed.sha256, "expired", None)
        due = {one for one, ended in self.ended.items() if not ended.is_erased}
        due |= {
            row.signed.sha256
            for row in self.rows.values()
            if row.state in {"withdrawn", "expired"} and not row.is_blank
        }
        for sha256 in sorted(one for one in due if not self.is_held(one, now)):
            self._erase(sha256)
        for sha256, came in sorted(self.blobs.items()):
            is_signed = any(row.state in HOLDING for row in self.of(sha256))
            if came <= now - DAY_S and not is_signed and not self.is_held(sha256, now):
                del self.blobs[sha256]

    def edges(self) -> set[int]:
        """Return the moments at which something changes by time alone."""
        kept = {row.received_at + RETENTION_DAYS * DAY_S for row in self.rows.values()}
        ends = {row.signed.ends for row in self.rows.values()}
        return kept | ends | set(self.holds.values())
