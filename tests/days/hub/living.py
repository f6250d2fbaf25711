"""A day of a hub: deeds drawn from a seed, done by real nodes, with kills and outages."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from tests.days.hub.looking import Looking
from tests.days.hub.truth import RETENTION_DAYS, Signed, Truth
from tests.support.clock import FakeClock
from tests.support.datasets import Person, words
from tests.support.hubs import (
    DAY_S,
    bad_content,
    content_of,
    made_place,
    sign,
)
from tests.support.hubs_ended import ReaderHere, by_key, by_secret

from signoff_collector.consent.signatures.ssh_keygen import public_key_line
from signoff_collector.consent.signatures.sshsig import fingerprint
from signoff_hub.admitting.admission import Admission
from signoff_hub.database.tables import ACCOUNT, KEY
from signoff_hub.database.writing import create_row
from signoff_hub.jobs.runner import LEASE_S, Runner
from signoff_hub.place.faults import HubFault
from signoff_hub.receiving.blobs import receive_blob
from signoff_hub.receiving.sign_offs import receive_sign_off
from signoff_hub.signing_in.accounts import revoke_key
from signoff_hub.statistics.snapshots import freeze
from signoff_hub.withdrawing.doing import JOBS
from signoff_hub.withdrawing.endings import ERASE
from signoff_hub.withdrawing.holds import hold, release
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.errors import NetworkError, NotFoundError
from signoff_schemas.statement import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from signoff_hub.node.node import Node

EPISODES: Final = 6
BAD: Final = 5
"""The number of the episode whose bytes no hub takes."""
ACCOUNTS: Final = {1: "anna", 2: "anna", 3: "bert", 4: "bert", 5: "cleo"}
"""Keys, and whose they are; the second may be revoked, the fourth is lost once it has signed."""
LOST: Final = 4
SETTINGS: Final = f"retention_days = {RETENTION_DAYS}\nrequests_per_minute = 1000000\n"
OUTSIDE: Final = ("admit taken", "episode copied", "episode examined", "admission committed")
"""Points of an admission at which nothing is locked, so that somebody can withdraw meanwhile."""
DEEDS: Final = (
    *("signs", "sends", "sends", "sends_both", "sends_both", "sends_both", "admits", "admits"),
    *("withdraws", "withdraws", "withdraws_meanwhile", "erases", "erases", "sweeps", "sweeps"),
    *("waits", "waits", "holds", "releases", "revokes", "publishes", "freezes", "goes_on"),
)


class KilledError(BaseException):
    """The node dies here: no code of the hub catches it."""


def account(key: int) -> str:
    return words(("account", ACCOUNTS[key]))


class HubDay:
    """One hub with two nodes, everybody who uses it, and what is true of it."""

    def __init__(self, folder: Path, seed: int, stack: ExitStack) -> None:
        self.random = Random(seed)  # noqa: S311  (a test's)
        self.clock = FakeClock()
        self.truth = Truth()
        self.signed: list[Signed] = []
        self.log: list[str] = []
        self.place = stack.enter_context(made_place(folder / "hub", SETTINGS))
        self._probe: Callable[[str], None] = lambda _: None
        self.nodes = [self._open(), self._open()]
        stack.callback(self._close)
        with self.nodes[0].database.write() as connection:
            for key in ACCOUNTS:
                create_row(connection, ACCOUNT, {"id": account(key), "state": "active"})
                values = {
                    "fingerprint": fingerprint(Person(number=key).public_key),
                    "account": account(key),
                    "public_key": public_key_line(Person(number=key).public_key),
                    "valid_from": 0,
                }
                create_row(connection, KEY, values)
        self.looking = Looking({account(key): Person(number=key) for key in (1, 3, 5)})
        stack.callback(self.looking.close)

    def live(self, deeds: int) -> None:
        """Do deeds, and look at everything after each."""
        for _ in range(deeds):
            name = self.random.choice(DEEDS)
            self.log.append(name)
            getattr(self, name)()
            self.look()

    def end(self) -> None:
        """Let the clock run until all is erased that ended, then search for it everywhere."""
        for _ in range(2):
            self.clock.advance(DAY_S)
            self.do(sweep, self.truth.sweep, calm=True)
            self.do(self._erase, self.truth.erase_due, calm=True)
        self.look()
        self.looking.searches(self.nodes, self.truth, self.signed, self.now)

    def look(self) -> None:
        self.looking.look(self.nodes, self.truth, self.signed, self.now)

    @property
    def now(self) -> int:
        return self.clock.wall_ns() // 10**9

    def signs(self) -> None:
        key = self.random.choice(tuple(ACCOUNTS))
        number = self.random.choice((*range(EPISODES), *range(3)))
        content = bad_content(number) if number == BAD else content_of(number)
        ends = self.now + self.random.choice((1, 3, 20, 60, 200)) * DAY_S
        others = [one.record for one in self.signed]
        replaces = self.random.choice(others) if others and self.random.random() < 0.3 else None
        record = words(("of the day", len(self.signed), self.random.random()))
        expires = format_time(datetime.fromtimestamp(ends, UTC))
        changes = {"record_id": record, "supersedes": replaces, "expires": expires}
        flaw = self.random.choice((*(None,) * 12, "audience", "terms", "notice", "bad_signature"))
        sent = sign(self.nodes[0], Person(number=key), content, **changes, **self._flaw(flaw))
        if flaw == "bad_signature":
            other = sign(self.nodes[0], Person(number=key), content, record_id="0" * 32)
            bad = replace(sent.sign_off, signature=other.sign_off.signature)
            sent = replace(sent, sign_off=bad)
        made = Signed(
            sent=sent,
            account=account(key),
            record=record,
            replaces=replaces,
            ends=ends,
            flaw=flaw,
            is_bad=number == BAD,
        )
        self.signed.append(made)
        self.log[-1] += f" {len(self.signed) - 1}: key {key}, episode {number}, {flaw or 'good'}"

    def sends(self) -> None:
        if (one := self._one()) is not None:
            self._send(one)

    def sends_both(self) -> None:
        if self.random.random() < 0.5:
            self.signs()
        if (one := self.signed[-1] if self.signed else None) is not None:
            self._send_bytes(one)
            self._send(one)

    def admits(self) -> None:
        self.do(self._admit, self.truth.admit)

    def erases(self) -> None:
        self.do(self._erase, self.truth.erase_due)

    def sweeps(self) -> None:
        self.do(lambda node: sweep(node) and None, self.truth.sweep)

    def waits(self) -> None:
        self.clock.advance(self.random.choice((600, 3600, 5 * 3600, DAY_S, 2 * DAY_S, 9 * DAY_S)))

    def withdraws(self) -> None:
        if (one := self._one()) is not None:
            how = self._how(one)
            for _ in range(self.random.choice((1, 1, 2))):
                self._withdraw(one, how)

    def withdraws_meanwhile(self) -> None:
        """Withdraw what another node is just reading, at some point of that."""
        point = self.random.choice(OUTSIDE)
        waiting = self.truth.to_admit[0] if self.truth.to_admit else None
        row = self.truth.rows.get(waiting or "")
        if row is None or row.state != "received" or row.signed.ends <= self.now + LEASE_S:
            return
        if row.signed.is_bad and point == "admission committed":
            return
        if row.signed.sha256 not in self.truth.blobs:
            return
        done: list[str] = []

        def probe(reached: str) -> None:
            if reached == point and not done:
                done.append(reached)
                if point == "admission committed":
                    self.truth.decide(row.signed.statement, self.now)
                self._withdraw(row.signed, "key", calm=True, node=self.nodes[1])

        self._probe = probe
        self._admit(self.nodes[0])
        self._probe = lambda _: None
        self.truth.admit(self.now)

    def holds(self) -> None:
        if (one := self._one()) is None:
            return
        until = self.now + self.random.choice((1, 5, 30)) * DAY_S
        try:
            hold(self._node(), one.sha256, reason="court of Example", until=until)
        except NotFoundError:
            assert not self.truth.of(one.sha256)
            return
        assert self.truth.of(one.sha256)
        self.truth.holds[one.sha256] = until
        self.truth.leaves.append(("policy", one.sha256, "hold"))

    def releases(self) -> None:
        held = [one for one, until in self.truth.holds.items() if until > self.now]
        if held:
            sha256 = self.random.choice(held)
            assert release(self._node(), sha256)
            del self.truth.holds[sha256]
            self.truth.leaves.append(("policy", sha256, "release"))

    def revokes(self) -> None:
        if self.random.random() < 0.3:
            person = Person(number=2)
            revoke_key(self._node(), fingerprint(person.public_key))
            self.truth.revoked.add(person.contributor)

    def publishes(self) -> None:
        self.do(lambda node: node.log.publish() and None, lambda _: None)

    def freezes(self) -> None:
        freeze(self._node().database, now=self.now, k=10)

    def goes_on(self) -> None:
        """Restart a node."""
        self._restart(self.random.randrange(2))

    def do(
        self,
        deed: Callable[[Node], object],
        model: Callable[[int], object],
        *,
        calm: bool = False,
        node: Node | None = None,
    ) -> object:
        """Do a deed, perhaps with trouble first and then again; return what it said at last."""
        which = self.random.randrange(2)
        trouble = None if calm else self._trouble()
        if trouble is not None:
            self.log[-1] += f", {trouble}"
            with self._in_trouble(trouble) as is_killed, suppress(KilledError, NetworkError):
                deed(self.nodes[which])
            if is_killed:
                self._restart(which)
            self.looking.is_safe(self.nodes, self.truth, self.signed)
            self.clock.advance(LEASE_S + 1)
        said = deed(node or self.nodes[which])
        model(self.now)
        return said

    def _trouble(self) -> str | None:
        """Choose what goes wrong; nothing where time alone would decide something meanwhile."""
        soon = range(self.now - 1, self.now + 2 * LEASE_S)
        if any(edge in soon for edge in self.truth.edges()) or self.random.random() < 0.6:
            return None
        point = self.random.randrange(14)
        return self.random.choice(
            (f"killed at point {point}", "store away", f"database away after {point * 3}")
        )

    @contextmanager
    def _in_trouble(self, trouble: str) -> Generator[bool]:
        count = 0
        limit = int(trouble.rsplit(maxsplit=1)[-1]) if trouble[-1].isdigit() else 0

        def dies(*_: object) -> None:
            nonlocal count
            count += 1
            if count > limit:
                raise KilledError

        def is_away(*_: object) -> None:
            nonlocal count
            count += 1
            if count > limit:
                away = sqlite3.OperationalError("disk I/O error")
                away.sqlite_errorname = "SQLITE_IOERR"
                raise OperationalError("away", None, away)

        if trouble.startswith("killed"):
            self._probe = dies
            yield True
            self._probe = lambda _: None
        elif trouble.startswith("database"):
            engines = [node.database.engine for node in self.nodes]
            for engine in engines:
                event.listen(engine, "before_cursor_execute", is_away)
            yield False
            for engine in engines:
                event.remove(engine, "before_cursor_execute", is_away)
        else:
            place = self.nodes[0].folder.objects
            away = place.with_name("away")
            place.rename(away)
            place.write_bytes(b"no folder")
            yield False
            place.unlink()
            away.rename(place)

    def _send_bytes(self, one: Signed) -> None:
        def sends(node: Node) -> str:
            with tempfile.TemporaryDirectory(dir=node.folder.incoming) as folder:
                path = Path(folder) / "blob"
                path.write_bytes(one.sent.content)
                try:
                    is_new = receive_blob(node, one.account, one.sha256, path)
                except HubFault as fault:
                    return fault.code
            return "new" if is_new else "known"

        expected: list[str] = []
        said = self.do(sends, lambda now: expected.append(self.truth.send_bytes(one, now)))
        assert said == expected[0] or (said, expected[0]) == ("known", "new"), (said, expected)

    def _send(self, one: Signed) -> None:
        def sends(node: Node) -> str:
            sign_off = one.sent.sign_off
            try:
                state = receive_sign_off(node, one.account, sign_off.statement, sign_off.signature)
            except HubFault as fault:
                return fault.code
            return state.state

        expected: list[str] = []
        said = self.do(sends, lambda now: expected.append(self.truth.send(one, now)))
        assert said == expected[0], f"the hub says {said}, true is {expected[0]}"

    def _withdraw(
        self, one: Signed, how: str, *, calm: bool = False, node: Node | None = None
    ) -> None:
        content = self._tombstone(one, how)
        self.log[-1] += f", {self.signed.index(one)} by {how}"

        def withdraws(at: Node) -> str:
            try:
                found = withdraw(at, content)
            except HubFault as fault:
                return fault.code
            return "erased" if found.is_erased else "withdrawn"

        expected: list[str] = []
        text = content.decode("ascii")
        may = how in {"key", "secret"}

        def model(_: int) -> None:
            names_it = how != "another record"
            told = self.truth.withdraw(one, names_it=names_it, may=may, tombstone=text)
            expected.append(told)

        said = self.do(withdraws, model, calm=calm, node=node)
        assert said == expected[0], f"the hub says {said}, true is {expected[0]}"

    def _tombstone(self, one: Signed, how: str) -> bytes:
        day = datetime.fromtimestamp(self.now, UTC).strftime("%Y-%m-%d")
        match how:
            case "secret":
                return by_secret(one.sent, withdrawn_on=day)
            case "key":
                return by_key(one.sent, withdrawn_on=day)
            case "stranger":
                return by_key(one.sent, Person(number=9), withdrawn_on=day)
            case _:
                return by_key(one.sent, record_id="f" * 32, withdrawn_on=day)

    def _how(self, one: Signed) -> str:
        is_lost = one.sent.person == Person(number=LOST)
        own = ("secret",) if is_lost else ("key", "secret", "key")
        return self.random.choice((*own, *own, "stranger", "another record"))

    def _one(self) -> Signed | None:
        return self.random.choice(self.signed) if self.signed else None

    def _admit(self, node: Node) -> None:
        reader = ReaderHere()
        kinds = {"admit": Admission(readers=reader)}  # type: ignore[arg-type]  # no pool
        Runner(node=node, kinds=kinds).run_due()

    def _erase(self, node: Node) -> None:
        Runner(node=node, kinds={ERASE: JOBS[ERASE]}).run_due()

    def _node(self) -> Node:
        return self.random.choice(self.nodes)

    def _flaw(self, flaw: str | None) -> dict[str, object]:
        match flaw:
            case "audience":
                return {"audience": "https://other.example.org/team"}
            case "terms":
                receiver = self.looking.other_terms(self.nodes[0])
                return {"receiver": receiver}
            case "notice":
                return {"notice": self.looking.other_notice()}
            case _:
                return {}

    def _open(self) -> Node:
        return self.place.open(clock=self.clock, probe=self._reached)

    def _reached(self, point: str) -> None:
        self._probe(point)

    def _restart(self, which: int) -> None:
        self.nodes[which].close()
        self.nodes[which] = self._open()

    def _close(self) -> None:
        for node in self.nodes:
            node.close()


def live(seed: int, deeds: int) -> list[str]:
    """Live through a day; an assertion's words say what was told and what is true.

    Raises:
        AssertionError: the hub lied; its notes hold the deeds of the day.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        day = HubDay(folder, seed, stack)
        try:
            day.live(deeds)
            day.end()
        except Exception as error:
            lines = [f"seed {seed}, of {deeds} deeds:", *day.log]
            error.add_note("\n".join(lines))
            raise
        return day.log
