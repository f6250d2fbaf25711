"""Process the whole queue: once, or repeatedly with exponential backoff."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.terms.audience import Audience
from signoff_collector.upload.outbox.backoff import LONGEST_S, delay_ns
from signoff_collector.upload.sending.receivers import open_receiver
from signoff_collector.upload.sending.sending import send_item
from signoff_collector.upload.sending.withdrawing import carry_out
from signoff_schemas.errors import NetworkError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock
    from signoff_collector.upload.outbox.outbox import Item, Outbox, QueuedWithdrawal
    from signoff_collector.upload.sending.receivers import Receiver
    from signoff_collector.upload.sending.under_way import Sent

_NS: Final = 1_000_000_000
_SHORTEST_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Result for one queue item in one round."""

    waiting: Item | QueuedWithdrawal
    sent: Sent | None = None
    """Of an upload that ended."""
    error: SignoffError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends; the caller holds the sending lock."""

    home: Home
    outbox: Outbox
    clock: Clock
    opened: Callable[[Home, Audience], Receiver] = open_receiver
    sleep: Callable[[float], None] = time.sleep
    on_start: Callable[[Item], Callable[[int], None]] = lambda _: lambda _: None
    """Told of each upload that begins; returns what is told of its bytes."""
    on_end: Callable[[Outcome], None] = lambda _: None
    """Told of each outcome at once."""

    def send(self, item: Item) -> Sent:
        """Send one upload.

        Raises:
            SignoffError: as `send_item`.
        """
        with closing(self.opened(self.home, Audience(item.audience))) as store:
            store.watch(self.on_start(item))
            return send_item(
                item,
                store=store,
                outbox=self.outbox,
                home=self.home,
                clock=self.clock,
                sleep=self.sleep,
            )

    def persist(self, item: Item, *, for_s: float) -> Sent:
        """Send one upload; retry for a limited time while the store is unreachable.

        Raises:
            SignoffError: as `send_item`, of the last try.
        """
        end_ns = self.clock.boot_ns() + int(for_s * _NS)
        while True:
            try:
                return self.send(self.outbox.item(item.record_id))
            except NetworkError:
                if self.clock.boot_ns() >= end_ns:
                    raise
                self._pause(self.outbox.item(item.record_id), end_ns=end_ns)

    def one_round(self, *, only_due: bool = False) -> tuple[Outcome, ...]:
        """Try every pending item once; a failure does not stop the others.

        Args:
            only_due: leave out uploads whose time to be tried again has not come.
        """
        outcomes: list[Outcome] = []
        now_ns = self.clock.wall_ns()
        for withdrawal in self.outbox.withdrawals.open():
            outcomes.append(self._withdraw(withdrawal))
            self.on_end(outcomes[-1])
        for item in self.outbox.open_items():
            if not only_due or _rest_s(item, now_ns) <= 0:
                outcomes.append(self._upload(item))
                self.on_end(outcomes[-1])
        return tuple(outcomes)

    def until_done(self, *, for_s: float) -> tuple[Outcome, ...]:
        """Try again and again until nothing waits or the time is over; return the last outcomes.

        What failed for another reason than the way there is not tried again.
        """
        end_ns = self.clock.boot_ns() + int(for_s * _NS)
        last = {_name(outcome.waiting): outcome for outcome in self.one_round()}
        rounds = 0
        while any(isinstance(outcome.error, NetworkError) for outcome in last.values()):
            if self.clock.boot_ns() >= end_ns:
                break
            self._pause(
                *self.outbox.open_items(), end_ns=end_ns, longest_s=self._patience_s(rounds)
            )
            rounds += 1
            for outcome in self.one_round(only_due=True):
                last[_name(outcome.waiting)] = outcome
        return tuple(last.values())

    def _patience_s(self, rounds: int) -> float:
        """Return how long a pause may be after so many: a withdrawal has no time of its own."""
        return delay_ns(rounds) / _NS if self.outbox.withdrawals.open() else LONGEST_S

    def _pause(self, *items: Item, end_ns: int, longest_s: float = LONGEST_S) -> None:
        """Sleep until the first of these is due, or until the end by the time since boot."""
        left_s = (end_ns - self.clock.boot_ns()) / _NS
        now_ns = self.clock.wall_ns()
        rests = (_rest_s(item, now_ns) for item in items)
        self.sleep(max(_SHORTEST_S, min(left_s, *rests, longest_s)))

    def _withdraw(self, withdrawal: QueuedWithdrawal) -> Outcome:
        try:
            carry_out(withdrawal, self.outbox, self.home, opened=self.opened)
        except SignoffError as error:
            return Outcome(waiting=withdrawal, error=error)
        return Outcome(waiting=withdrawal)

    def _upload(self, item: Item) -> Outcome:
        try:
            return Outcome(waiting=item, sent=self.send(item))
        except SignoffError as error:
            return Outcome(waiting=item, error=error)


def _rest_s(item: Item, now_ns: int) -> float:
    """Return for how long an item is not tried by itself.

    No pause is that long when the clock was set back meanwhile: then it is due.
    """
    rest_s = (item.due_ns - now_ns) / _NS
    return rest_s if 0 < rest_s <= LONGEST_S else 0.0


def _name(waiting: Item | QueuedWithdrawal) -> tuple[str, str]:
    return type(waiting).__name__, waiting.record_id
