"""Sending to a hub: killed at every point, refused, stalled, and lied to."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.collector.upload.sending.test_sending import KILLED, run_code
from tests.support.clock import FakeClock
from tests.support.hub_terms import HubKey
from tests.support.scripted_hub import ScriptedHub, scripted_hub, signed_for_hub
from tests.support.sign_off import call_signoff
from tests.support.spoken_hub import Asked, problem, said

from signoff_collector.consent.receipts import kept_receipts
from signoff_collector.consent.sign_off_files import read_sign_off, take_snapshot
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_collector.upload.hub import client as hub_client
from signoff_collector.upload.outbox.outbox import Item, Outbox, State
from signoff_collector.upload.sending.receivers import open_receiver
from signoff_collector.upload.sending.sending import send_item
from signoff_collector.upload.sending.to_hub import WAIT_S
from signoff_collector.upload.sending.under_way import HUB_POINTS, Sent
from signoff_schemas.errors import NetworkError, ReceiverRefusedError, SignoffError

pytestmark = pytest.mark.slow


@pytest.fixture
def hub() -> Iterator[ScriptedHub]:
    with scripted_hub() as one:
        yield one


@pytest.fixture
def path(home: Path, hub: ScriptedHub) -> Path:
    return signed_for_hub(home, hub)


def a_clock() -> FakeClock:
    """Return a clock that stands still a little after everything was signed."""
    return FakeClock(wall_ns=SystemClock().wall_ns() + 60 * 10**9)


def send(path: Path, hub: ScriptedHub) -> tuple[Sent, float]:
    """Send as the outbox does, by a clock that only waiting moves; return the time waited."""
    place, clock = resolve_home(), a_clock()
    with Outbox.open(place) as outbox, closing(open_receiver(place, hub.audience)) as receiver:
        sign_off = read_sign_off(path)
        item = outbox.add_item(
            record_id=next(iter(outbox.records_of(take_snapshot(path).sha256)[-1:]))[0],
            sha256=take_snapshot(path).sha256,
            audience=hub.audience,
            episode_path=path,
            statement=sign_off.statement,
            signature=sign_off.signature,
        )
        began = clock.boot_ns()
        sent = send_item(
            item, store=receiver, outbox=outbox, home=place, clock=clock, sleep=clock.advance
        )
        return sent, (clock.boot_ns() - began) / 1e9


def item_of(path: Path) -> Item:
    with Outbox.open(resolve_home()) as outbox:
        return outbox.items_of(take_snapshot(path).sha256)[-1]


def state_of(path: Path) -> State:
    return item_of(path).state


def receipts_of(path: Path) -> int:
    return len(kept_receipts(resolve_home(), take_snapshot(path).sha256))


def on(method: str, start: str, answer: bytes) -> Callable[[Asked], bytes | None]:
    """Tell one lie to one kind of question."""
    return lambda asked: (
        answer if asked.method == method and asked.path.startswith(f"/v1/{start}") else None
    )


def changing(**fields: object) -> Callable[[dict[str, object]], None]:
    return lambda state: state.update(fields)


def test_an_episode_is_sent_its_receipt_is_kept_and_it_is_taken_back(
    path: Path, hub: ScriptedHub
) -> None:
    done = call_signoff("upload", path, "--to", hub.audience)
    assert done.code == 0, done.err
    assert f"to        {hub.audience}" in done.out
    assert hub.blobs == {take_snapshot(path).sha256: path.read_bytes()}
    assert list(hub.sign_offs.values()) == [read_sign_off(path).statement]
    assert receipts_of(path) == 1
    back = call_signoff("withdraw", path, "--yes")
    assert back.code == 0, back.err
    assert "its bytes are gone by 2026-11-26T12:00:00Z" in back.out
    assert hub.withdrawn == {take_snapshot(path).sha256: item_of(path).record_id}
    assert receipts_of(path) == 1, "what was accepted can be proven afterwards"
    again = call_signoff("upload", path, "--to", hub.audience)
    assert again.code == 14
    assert "took this episode back" in again.err


@pytest.mark.parametrize("point", HUB_POINTS)
def test_an_upload_killed_at_any_point_is_resumed_to_one_state(
    point: str, path: Path, hub: ScriptedHub
) -> None:
    killed = run_code(KILLED, path, hub.audience, point)
    assert killed.code == -signal.SIGKILL, killed.err
    is_read = HUB_POINTS.index(point) >= HUB_POINTS.index("after statement")
    assert bool(hub.sign_offs) == is_read
    resumed = call_signoff("upload", "--resume")
    assert resumed.code == 0, resumed.err
    assert (len(hub.blobs), len(hub.sign_offs), receipts_of(path)) == (1, 1, 1)
    assert state_of(path) == State.CONFIRMED
    assert len([one for one in hub.paths("PUT") if "/blobs/" in one]) <= 2
    assert call_signoff("upload", "--resume").out == "nothing waits to be sent\n"


def test_a_large_episode_goes_in_parts_and_only_the_missing_ones_go_again(
    path: Path, hub: ScriptedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_client, "PART_BYTES", 100)
    size = len(path.read_bytes())
    assert size > 300
    hub.lie = on("PUT", f"blobs/{take_snapshot(path).sha256}/parts/2", problem(503, "away"))
    with pytest.raises(NetworkError):
        send(path, hub)
    hub.lie = lambda _: None
    assert send(path, hub)[0].state == State.CONFIRMED
    parts = [int(one.rpartition("/")[2]) for one in hub.paths("PUT") if "/parts/" in one]
    assert parts == [0, 1, 2, *range(2, -(-size // 100))]
    assert list(hub.blobs.values()) == [path.read_bytes()]


def test_a_hub_that_never_decides_is_asked_again_later(path: Path, hub: ScriptedHub) -> None:
    hub.changed = changing(state="received", receipt=None)
    with pytest.raises(NetworkError, match="not decided"):
        send(path, hub)
    asked = len(hub.paths("GET"))
    assert asked <= 3 + WAIT_S / 5 + 6, "pauses grow"
    assert state_of(path) == State.COMMITTED
    assert receipts_of(path) == 0
    hub.changed = lambda _: None
    assert send(path, hub)[0].state == State.CONFIRMED
    assert len([one for one in hub.paths("PUT") if "sign-offs" in one]) == 1
    assert receipts_of(path) == 1


def test_an_episode_that_was_read_and_refused_says_why(path: Path, hub: ScriptedHub) -> None:
    hub.changed = changing(state="refused", reason="replay", receipt=None)
    done = call_signoff("upload", path, "--to", hub.audience)
    assert done.code == 14
    assert "refused it: its replay differs from what was recorded" in done.err
    assert state_of(path) == State.REFUSED
    assert call_signoff("upload", "--resume").out == "nothing waits to be sent\n"


def test_a_hub_that_asks_to_be_left_alone_is_within_limits(path: Path, hub: ScriptedHub) -> None:
    for seconds, least_s, most_s in ((100, 100, 100), (80_000, 300, 300), (0, 0.5, 300)):
        hub.lie = on("PUT", "sign-offs", problem(429, "rate_limit", Retry_After=str(seconds)))
        with pytest.raises(NetworkError):
            send(path, hub)
        rest_s = (item_of(path).due_ns - SystemClock().wall_ns()) / 1e9 - 60
        assert least_s - 60 <= rest_s <= most_s


LIES: dict[str, Callable[[ScriptedHub], None]] = {}


def lie(told: Callable[[ScriptedHub], None]) -> Callable[[ScriptedHub], None]:
    LIES[told.__name__] = told
    return told


def _receipt(hub: ScriptedHub, change: Callable[[dict[str, object]], object]) -> None:
    honest = hub.changed

    def changed(state: dict[str, object]) -> None:
        honest(state)
        change(state)

    hub.changed = changed


@lie
def another_digest_in_the_answer(hub: ScriptedHub) -> None:
    hub.changed = changing(sha256="ab" * 32)


@lie
def another_statement_in_the_answer(hub: ScriptedHub) -> None:
    hub.changed = changing(statement_sha256="ab" * 32)


@lie
def a_receipt_signed_by_another_key(hub: ScriptedHub) -> None:
    other = HubKey(seed="other")

    def change(state: dict[str, object]) -> None:
        receipt = state["receipt"]
        assert isinstance(receipt, dict)
        content = str(receipt["content"])
        signature = other.sign(content.encode(), "signoff-receipt-v1").decode()
        state["receipt"] = {"content": content, "signature": signature}

    hub.changed = change


def _resigned(hub: ScriptedHub, old: str, new: str) -> Callable[[dict[str, object]], None]:
    def change(state: dict[str, object]) -> None:
        receipt = state["receipt"]
        assert isinstance(receipt, dict)
        content = str(receipt["content"]).replace(old or str(state["sha256"]), new)
        signature = hub.key.sign(content.encode(), "signoff-receipt-v1").decode()
        state["receipt"] = {"content": content, "signature": signature}

    return change


@lie
def a_receipt_for_other_bytes(hub: ScriptedHub) -> None:
    hub.changed = _resigned(hub, "", "cd" * 32)


@lie
def a_receipt_of_another_address(hub: ScriptedHub) -> None:
    hub.changed = _resigned(hub, hub.audience, "https://hub.example.org")


@lie
def a_receipt_with_a_signature_for_something_else(hub: ScriptedHub) -> None:
    def change(state: dict[str, object]) -> None:
        receipt = state["receipt"]
        assert isinstance(receipt, dict)
        content = str(receipt["content"])
        signature = hub.key.sign(content.encode(), "signoff-terms-v1").decode()
        state["receipt"] = {"content": content, "signature": signature}

    hub.changed = change


@lie
def withdrawn_by_nobody(hub: ScriptedHub) -> None:
    hub.changed = changing(state="withdrawn", receipt=None)


@lie
def a_redirect(hub: ScriptedHub) -> None:
    hub.lie = on("PUT", "blobs", said(307, Location="http://127.0.0.1:9/v1"))


@lie
def another_name_of_itself(hub: ScriptedHub) -> None:
    body = {"nonce": "00" * 32, "expires_at": "2026-11-25T12:00:00Z", "receiver": "https://a.b"}
    hub.lie = on("POST", "challenges", said(201, body))


@lie
def yes_to_everything(hub: ScriptedHub) -> None:
    hub.lie = on("PUT", "sign-offs", said(200, {"ok": True}))


@pytest.mark.parametrize("name", LIES)
def test_a_hub_that_lies_is_not_believed(name: str, path: Path, hub: ScriptedHub) -> None:
    LIES[name](hub)
    with pytest.raises(ReceiverRefusedError) as caught:
        send(path, hub)
    assert caught.value.hint is not None
    assert receipts_of(path) == 0
    assert state_of(path) == State.REFUSED
    with Outbox.open(resolve_home()) as outbox:
        assert outbox.void_because(item_of(path).record_id) is None, "our own records decide"
    hub.lie, hub.changed = (lambda _: None), (lambda _: None)
    back = call_signoff("withdraw", path, "--yes")
    assert back.code == 0, back.err
    assert take_snapshot(path).sha256 in hub.withdrawn, "what it has can be taken back"


def test_a_withdrawal_is_done_only_when_the_hub_names_it(path: Path, hub: ScriptedHub) -> None:
    send(path, hub)
    body = {"record_id": "ab" * 16, "sha256": "cd" * 32, "state": "erased"}
    hub.lie = on("POST", "withdrawals", said(202, {**body, "erase_by": "2026-11-26T12:00:00Z"}))
    done = call_signoff("withdraw", path, "--yes")
    assert done.code == 14
    assert "another episode" in done.err
    hub.lie = lambda _: None
    assert call_signoff("upload", "--resume").code == 0
    assert take_snapshot(path).sha256 in hub.withdrawn


def test_a_withdrawal_made_offline_waits_and_goes_without_signing_in(
    path: Path, hub: ScriptedHub
) -> None:
    send(path, hub)
    hub.lie = lambda _: problem(503, "away")
    assert call_signoff("withdraw", path, "--yes").code == 1
    asked = len(hub.spoken.asked)
    hub.lie = lambda _: None
    for key in (resolve_home().keys).rglob("id_ed25519*"):
        key.unlink()
    assert call_signoff("upload", "--resume").code == 0
    assert [one.path for one in hub.spoken.asked[asked:]] == ["/v1/withdrawals"]
    assert take_snapshot(path).sha256 in hub.withdrawn


def test_a_cancelled_upload_takes_back_only_what_the_hub_may_read(
    path: Path, hub: ScriptedHub
) -> None:
    hub.lie = on("PUT", "sign-offs", problem(503, "away"))
    with pytest.raises(NetworkError):
        send(path, hub)
    hub.lie = lambda _: None
    assert call_signoff("upload", "--cancel", path).code == 0
    assert state_of(path) == State.CANCELLED
    assert hub.withdrawn == {}
    hub.changed = changing(state="received", receipt=None)
    with pytest.raises(NetworkError):
        send(path, hub)
    hub.changed = lambda _: None
    assert call_signoff("upload", "--cancel", path).code == 0
    assert state_of(path) == State.CANCELLED
    assert take_snapshot(path).sha256 in hub.withdrawn


def test_a_token_that_ran_out_is_asked_for_again_once(path: Path, hub: ScriptedHub) -> None:
    def forget(asked: Asked) -> bytes | None:
        if asked.method == "PUT" and "sign-offs" in asked.path and len(hub.tokens) == 1:
            hub.tokens.clear()
            hub.tokens.add("x")
            return problem(401, "no_token")
        return None

    hub.lie = forget
    assert send(path, hub)[0].state == State.CONFIRMED
    assert len([one for one in hub.paths("POST") if one.endswith("tokens")]) == 2
    hub.lie = lambda asked: problem(401, "no_token") if "sign-offs" in asked.path else None
    with pytest.raises(SignoffError):
        send(path, hub)


def test_bytes_that_somebody_else_signed_too_are_not_said_to_go(
    path: Path, hub: ScriptedHub
) -> None:
    send(path, hub)
    body = {"record_id": item_of(path).record_id, "sha256": take_snapshot(path).sha256}
    told = {"state": "withdrawn", "erase_by": "2026-11-26T12:00:00Z", "bytes_stay": True}
    hub.lie = on("POST", "withdrawals", said(202, {**body, **told}))
    back = call_signoff("withdraw", path, "--yes", "--json")
    assert back.code == 0, back.err
    assert "somebody else signed the same bytes before you, and they stay" in back.err
    assert "nobody reads it" not in back.err
    assert json.loads(back.out.splitlines()[-1])["bytes_stay"] is True
