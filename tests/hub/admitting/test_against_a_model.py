"""The receiver against a plain model: any senders, order, retries, replacements and times."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select
from tests.support.clock import FakeClock
from tests.support.datasets import Person, words
from tests.support.hubs import (
    DAY_S,
    Sent,
    bad_content,
    content_of,
    enrol,
    entries_of,
    faults_of,
    made_node,
    send_blob,
    send_sign_off,
    sign,
)

from signoff_hub.admitting.admission import Admission
from signoff_hub.admitting.readers import Readers
from signoff_hub.database.tables import SIGN_OFF
from signoff_hub.jobs.runner import Runner
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_schemas.statement import format_time

EPISODES = 4
PEOPLE = (Person(number=1), Person(number=2))
_READERS: list[Readers] = []


def _readers() -> Readers:
    """Return the readers of this process, which end with it."""
    if not _READERS:
        _READERS.append(Readers(1, memory_bytes=4 << 30, cpu_s=60, wall_s=120))
    return _READERS[0]


class ReceiverAgainstAModel(RuleBasedStateMachine):
    """What a hub answers follows from what was sent, by a few lines."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.clock = FakeClock()
        self.node = self.stack.enter_context(made_node(Path(folder) / "hub", clock=self.clock))
        enrol(self.node, *PEOPLE)
        self.runner = Runner(node=self.node, kinds={"admit": Admission(readers=_readers())})
        self.signed: list[Sent] = []
        self.records: list[tuple[int, str, str | None, int]] = []
        """Of each that was signed: person, record, what it replaces, when it ends."""
        self.bytes: set[str] = set()
        self.states: dict[int, str] = {}
        self.receipts: set[int] = set()
        """Of those that were admitted, also when they were replaced since."""
        self.order: list[int] = []
        """In which they came: the hub reads them so."""

    @rule(
        who=st.integers(0, 1),
        episode=st.integers(0, EPISODES - 1),
        data=st.data(),
        days=st.integers(1, 3),
    )
    def sign(self, who: int, episode: int, data: st.DataObject, days: int) -> None:
        content = bad_content(episode) if episode == 0 else content_of(episode)
        number = len(self.signed)
        replaces = data.draw(st.sampled_from([None, *range(number)]))
        earlier = None if replaces is None else self.records[replaces][1]
        record = words(("of the model", number))
        ends = self.clock.wall_ns() // 10**9 + days * DAY_S
        later = FakeClock(wall_ns=ends * 10**9)
        changes = {"record_id": record, "supersedes": earlier, "expires": _second(later)}
        self.signed.append(sign(self.node, PEOPLE[who], content, **changes))
        self.records.append((who, record, earlier, ends))

    @precondition(lambda self: self.signed)
    @rule(data=st.data())
    def send_bytes(self, data: st.DataObject) -> None:
        self._send_bytes(data.draw(st.sampled_from(range(len(self.signed)))))

    @precondition(lambda self: self.signed)
    @rule(data=st.data())
    def send_sign_off(self, data: st.DataObject) -> None:
        self._send(data.draw(st.sampled_from(range(len(self.signed)))))

    @precondition(lambda self: self.signed)
    @rule(data=st.data())
    def send_both(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(range(len(self.signed))))
        self._send_bytes(number)
        self._send(number)

    def _send_bytes(self, number: int) -> None:
        sent = self.signed[number]
        assert send_blob(self.node, sent) == (sent.sha256 not in self.bytes)
        self.bytes.add(sent.sha256)

    def _send(self, number: int) -> None:
        expected = self._expected(number)
        try:
            said: str = send_sign_off(self.node, self.signed[number]).state
        except HubFault as fault:
            said = fault.code
        assert said == expected
        if said == "received" and number not in self.states:
            self.states[number] = "received"
            self.order.append(number)
            self._replace(number)

    @rule()
    def work(self) -> None:
        self.runner.run_due()
        now = self.clock.wall_ns() // 10**9
        for number in self.order:
            if self.states[number] == "received":
                is_good = self.records[number][3] > now and self._is_good(number)
                self.states[number] = "admitted" if is_good else "refused"
                if is_good:
                    self.receipts.add(number)
                if not is_good and not self._needs(self.signed[number].sha256):
                    self.bytes.discard(self.signed[number].sha256)
        assert faults_of(self.node) == []

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.clock.advance(hours * 3600)

    @invariant()
    def the_log_says_what_happened_once(self) -> None:
        for number, sent in enumerate(self.signed):
            told = [kind for _, kind, _ in entries_of(self.node, sent.statement_sha256)]
            state = self.states.get(number)
            if state is None:
                assert told == []
            elif state != "superseded":
                assert told == (["received"] if state == "received" else ["received", state])
            else:
                assert told in (["received"], ["received", "admitted"])

    @invariant()
    def every_state_is_that_of_the_model(self) -> None:
        with self.node.database.read() as connection:
            rows = connection.execute(select(SIGN_OFF.c.statement, SIGN_OFF.c.state))
            found = {row.statement: row.state for row in rows}
        assert found == {
            self.signed[number].statement_sha256: state for number, state in self.states.items()
        }

    def teardown(self) -> None:
        self.stack.close()

    def _expected(self, number: int) -> str:
        """Return what the hub has to answer: a state, or the code of the first reason."""
        who, record, earlier, ends = self.records[number]
        if number in self.states:
            return self.states[number]
        if ends <= self.clock.wall_ns() // 10**9:
            return FaultCode.EXPIRED
        came = [self.records[other] for other in self.states]
        if any(other[2] == record and other[0] == who for other in came):
            return FaultCode.SUPERSEDED
        if any(other[1] == earlier and other[0] != who for other in came):
            return FaultCode.SUPERSEDES
        return "received" if self.signed[number].sha256 in self.bytes else FaultCode.NO_BLOB

    def _replace(self, number: int) -> None:
        earlier = self.records[number][2]
        for other in self.states:
            is_it = other != number and self.records[other][1] == earlier
            if is_it and self.states[other] in {"received", "admitted"}:
                self.states[other] = "superseded"

    def _is_good(self, number: int) -> bool:
        return self.signed[number].sha256 != self._bad

    @property
    def _bad(self) -> str:
        return Sent(
            person=PEOPLE[0], content=bad_content(0), sign_off=self.signed[0].sign_off
        ).sha256

    def _needs(self, sha256: str) -> bool:
        return any(
            self.signed[number].sha256 == sha256
            and (
                state in {"received", "admitted"}
                or (state == "superseded" and number in self.receipts)
            )
            for number, state in self.states.items()
        )


def _second(clock: FakeClock) -> str:
    return format_time(datetime.fromtimestamp(clock.wall_ns() // 10**9, UTC))


TestReceiverAgainstAModel = ReceiverAgainstAModel.TestCase
TestReceiverAgainstAModel.settings = settings(max_examples=30, stateful_step_count=40)
