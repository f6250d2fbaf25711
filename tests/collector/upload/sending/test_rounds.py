"""Trying again: with longer and longer pauses, on a clock of the test's own."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.clock import FakeClock
from tests.support.sign_off import call_signoff, run_signoff, signed_episode

from signoff_collector.consent.sign_off_files import read_sign_off, take_snapshot
from signoff_collector.consent.terms.audience import Audience, canonical_audience
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.screen.console import Console
from signoff_collector.system.clock import SystemClock
from signoff_collector.upload.outbox.backoff import FIRST_S, LONGEST_S, delay_ns
from signoff_collector.upload.outbox.outbox import Item, Outbox, State, waiting
from signoff_collector.upload.sending.rounds import Sender
from signoff_collector.upload.stores.file_store import FileStore
from signoff_collector.upload.stores.interface import Store
from signoff_schemas.errors import NetworkError, NotSignedError, ReceiverRefusedError
from signoff_schemas.statement import parse_statement


@given(failures=st.integers(0, 10_000), seed=st.integers(0, 1000))
def test_a_pause_is_between_half_and_all_of_its_span(failures: int, seed: int) -> None:
    span_s = min(LONGEST_S, FIRST_S * 2 ** min(failures, 64))
    delay_s = delay_ns(failures, random.Random(seed)) / 10**9  # noqa: S311
    assert span_s / 2 - 1e-6 <= delay_s <= span_s


@pytest.fixture
def place(home: Path) -> Home:
    return resolve_home().ensure()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Name a store whose folder is missing: it is down until `store.parent` is made."""
    return tmp_path / "away" / "store"


def queue(outbox: Outbox, path: Path) -> Item:
    sign_off = read_sign_off(path)
    predicate = parse_statement(sign_off.statement).predicate
    return outbox.add_item(
        record_id=predicate.record_id,
        sha256=take_snapshot(path).sha256,
        audience=predicate.audience,
        episode_path=path,
        statement=sign_off.statement,
        signature=sign_off.signature,
    )


class Pauses(list[float]):
    """What was slept; after `back_after` of them the store is back."""

    def __init__(self, clock: FakeClock, store: Path, *, back_after: int) -> None:
        super().__init__()
        self._clock, self._store, self._back_after = clock, store, back_after

    def __call__(self, seconds: float) -> None:
        self.append(seconds)
        self._clock.advance(seconds)
        if len(self) == self._back_after:
            self._store.parent.mkdir()


def now() -> FakeClock:
    return FakeClock(wall_ns=SystemClock().wall_ns())


@pytest.mark.parametrize("is_one", [True, False])
def test_a_store_that_comes_back_is_sent_to_after_growing_pauses(
    is_one: bool, place: Home, store: Path
) -> None:
    path, clock = signed_episode(place.root, store), now()
    pauses = Pauses(clock, store, back_after=5)
    with Outbox.open(place) as outbox:
        item = queue(outbox, path)
        sender = Sender(home=place, outbox=outbox, clock=clock, sleep=pauses)
        if is_one:
            assert sender.persist(item, for_s=3600).state == State.CONFIRMED
        else:
            (outcome,) = sender.until_done(for_s=3600)
            assert outcome.error is None
        assert outbox.item(item.record_id).attempts == 5
    assert len(pauses) == 5
    for number, pause in enumerate(pauses):
        span_s = FIRST_S * 2**number
        assert span_s / 2 <= pause <= span_s


@pytest.mark.parametrize("is_one", [True, False])
@pytest.mark.parametrize("step_s", [-400 * 86400, -3600, 3600])
def test_a_clock_that_is_set_meanwhile_makes_no_pause_longer(
    step_s: int, is_one: bool, place: Home, store: Path
) -> None:
    path, clock = signed_episode(place.root, store), now()
    pauses = list[float]()
    start_ns = clock.boot_ns()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(seconds)
        if len(pauses) == 3:
            clock.step_wall(step_s)

    with Outbox.open(place) as outbox:
        item = queue(outbox, path)
        sender = Sender(home=place, outbox=outbox, clock=clock, sleep=sleep)
        if is_one:
            with pytest.raises((NetworkError, NotSignedError)):
                sender.persist(item, for_s=120)
        else:
            assert sender.until_done(for_s=120)[0].error is not None
    assert max(pauses) <= LONGEST_S
    assert len(pauses) >= 3
    assert clock.boot_ns() - start_ns <= 121 * 10**9


def test_when_the_time_is_over_it_keeps_waiting(place: Home, store: Path) -> None:
    path, clock = signed_episode(place.root, store), now()
    start_ns, pauses = clock.wall_ns(), Pauses(clock, store, back_after=-1)
    with Outbox.open(place) as outbox:
        sender = Sender(home=place, outbox=outbox, clock=clock, sleep=pauses)
        item = queue(outbox, path)
        with pytest.raises(NetworkError):
            sender.persist(item, for_s=60)
        assert clock.wall_ns() >= start_ns + 60 * 10**9
        (outcome,) = sender.until_done(for_s=0)
        assert isinstance(outcome.error, NetworkError)
    assert [each.state for each in waiting(place)] == [State.QUEUED]


def test_what_the_store_refuses_is_not_tried_again(place: Home, tmp_path: Path) -> None:
    path = signed_episode(place.root, tmp_path / "store")
    asked: list[Audience] = []

    class Refusing(FileStore):
        def prepare(self) -> None:
            raise ReceiverRefusedError("no")

    def opened(_: Home, audience: Audience) -> Store:
        asked.append(audience)
        return Refusing(audience)

    with Outbox.open(place) as outbox:
        item = queue(outbox, path)
        sender = Sender(home=place, outbox=outbox, clock=now(), opened=opened, sleep=lambda _: None)
        (outcome,) = sender.until_done(for_s=3600)
        assert isinstance(outcome.error, ReceiverRefusedError)
        assert outbox.item(item.record_id).state == State.REFUSED
    assert len(asked) == 1


def test_a_second_store_is_not_kept_waiting_by_the_first(
    place: Home, store: Path, tmp_path: Path
) -> None:
    down = signed_episode(place.root, store)
    fine = signed_episode(place.root, tmp_path / "fine", text="b = 2\n")
    clock = now()
    pauses = Pauses(clock, store, back_after=-1)
    with Outbox.open(place) as outbox:
        queue(outbox, down)
        queue(outbox, fine)
        sender = Sender(home=place, outbox=outbox, clock=clock, sleep=pauses)
        outcomes = sender.until_done(for_s=20)
    assert [outcome.error is None for outcome in outcomes] == [False, True]
    assert FileStore(canonical_audience(str(tmp_path / "fine"))).names("blobs") != ()


def test_a_queued_upload_is_cancelled_and_never_goes(place: Home, store: Path) -> None:
    path = signed_episode(place.root, store)
    assert call_signoff("upload", path, "--to", store).code == 1
    done = call_signoff("upload", path, "--cancel")
    assert (done.code, "cancelled" in done.out) == (0, True), done.err
    store.parent.mkdir()
    assert call_signoff("upload", "--resume").out == "nothing waits to be sent\n"
    assert not store.exists()
    assert call_signoff("upload", path, "--cancel").code == 10


def test_only_the_named_store_is_cancelled(place: Home, store: Path, tmp_path: Path) -> None:
    path = signed_episode(place.root, store)
    assert call_signoff("upload", path, "--to", store).code == 1
    elsewhere = call_signoff("upload", path, "--cancel", "--to", tmp_path / "other")
    assert elsewhere.code == 10
    assert len(waiting(place)) == 1


def test_what_is_cancelled_before_its_first_byte_never_goes(place: Home, tmp_path: Path) -> None:
    path = signed_episode(place.root, tmp_path / "store")

    class Cancelling(FileStore):
        def __init__(self, _: Home, audience: Audience) -> None:
            super().__init__(audience)

        def prepare(self) -> None:
            super().prepare()
            with Outbox.open(place) as other:
                assert other.cancel(item.record_id) == State.CANCELLED

    with Outbox.open(place) as outbox:
        item = queue(outbox, path)
        sender = Sender(home=place, outbox=outbox, clock=now(), opened=Cancelling)
        assert sender.send(item).state == State.CANCELLED
    assert [p for p in (tmp_path / "store").rglob("*") if p.is_file()] == []


def test_a_store_that_is_down_does_not_keep_another_from_being_withdrawn_from(
    place: Home, store: Path, tmp_path: Path
) -> None:
    store.parent.mkdir()
    fine = tmp_path / "fine"
    for each in (store, fine):
        path = signed_episode(place.root, each)
        assert call_signoff("upload", path, "--to", each).code == 0
    store.rename(tmp_path / "elsewhere")
    store.parent.rmdir()
    assert call_signoff("withdraw", "--yes", path).code == 1
    kept = [p.relative_to(fine).parts[0] for p in fine.rglob("*") if p.is_file()]
    assert kept == ["tombstones"]
    (item,) = waiting(place)
    assert (item.verb, item.audience) == ("withdraw", f"file://{store}")


def test_a_withdrawal_that_waits_alone_is_tried_after_growing_pauses(
    place: Home, store: Path, tmp_path: Path
) -> None:
    store.parent.mkdir()
    path = signed_episode(place.root, store)
    assert call_signoff("upload", path, "--to", store).code == 0
    store.parent.rename(tmp_path / "elsewhere")
    assert call_signoff("withdraw", "--yes", path).code == 1
    clock, pauses = now(), list[float]()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(seconds)
        if len(pauses) == 4:
            (tmp_path / "elsewhere").rename(store.parent)

    with Outbox.open(place) as outbox:
        sender = Sender(home=place, outbox=outbox, clock=clock, sleep=sleep)
        (outcome,) = sender.until_done(for_s=7200)
    assert outcome.error is None
    assert len(pauses) == 4
    for number, pause in enumerate(pauses):
        assert FIRST_S * 2**number / 2 <= pause <= FIRST_S * 2**number
    assert [p.relative_to(store).parts[0] for p in store.rglob("*") if p.is_file()] == [
        "tombstones"
    ]


def test_what_was_sent_is_withdrawn_and_not_cancelled(place: Home, tmp_path: Path) -> None:
    store = tmp_path / "store"
    path = signed_episode(place.root, store)
    assert call_signoff("upload", path, "--to", store).code == 0
    done = run_signoff("upload", path, "--cancel")
    assert done.code == 10
    assert "signoff withdraw" in done.err


def test_a_person_sees_how_much_has_left_and_a_pipe_does_not(
    place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    path = signed_episode(place.root, store)
    told: list[tuple[int, int]] = []

    @contextmanager
    def counting(_: Console, title: str) -> Generator[Callable[[int, int], None]]:
        assert title == "Sending"
        yield lambda done, every: told.append((done, every))

    with monkeypatch.context() as patched:  # the line itself only shows after two seconds
        patched.setattr(Console, "counting", counting)
        assert call_signoff("upload", path, "--to", store).code == 0
    size = path.stat().st_size
    assert told == sorted(told)
    assert told[-1] == (size, size)
    again = run_signoff("upload", path, "--to", store)
    assert again.code == 0
    assert again.err == ""
    assert "%" not in again.out


@pytest.mark.parametrize(
    "arguments",
    [("--wait", "soon", "--resume"), ("--cancel", "--resume"), ("--wait", "10m")],
)
def test_calls_that_make_no_sense_are_usage_errors(place: Home, arguments: tuple[str, ...]) -> None:
    assert call_signoff("upload", *arguments).code == 2
