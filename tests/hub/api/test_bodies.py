"""Bodies that lie, stop, or trickle, over a real socket: a clear problem, nothing lost or kept."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send
from tests.support.datasets import Person
from tests.support.deadline import deadline, wait_until
from tests.support.hub_requests import served, signed_in
from tests.support.hubs import made_node

from signoff_hub.api.bodies import MOST_HELD_BYTES, Pace, SmallBodies
from signoff_hub.api.limits import MOST_UPLOADS_EACH, AtOnce
from signoff_hub.node.node import Node
from signoff_schemas.hub_api import Problem

PACE = Pace(silence_s=0.4, least_s=0.4, slowest_bytes_per_s=10_000, small_s=0.4)
BLOB = f"/v1/blobs/{'0' * 64}"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with made_node(tmp_path / "hub", "workers = 1\n") as made:
        yield made


@pytest.fixture
def client(node: Node) -> Iterator[httpx.Client]:
    with served(node, pace=PACE) as made:
        yield made


class Wire:
    """A connection that says what it likes."""

    def __init__(self, client: httpx.Client, head: str, body: bytes = b"") -> None:
        self._socket = socket.create_connection(
            (client.base_url.host, client.base_url.port or 0), timeout=deadline()
        )
        self._socket.sendall(f"{head}\r\nHost: hub\r\n\r\n".encode() + body)

    def send(self, body: bytes) -> bool:
        """Send more; False when the other side has gone."""
        try:
            self._socket.sendall(body)
        except OSError:
            return False
        return True

    def wait_at_most(self, seconds: float) -> None:
        """Wait so long for what comes, instead of until the deadline."""
        self._socket.settimeout(seconds)

    def answer(self) -> tuple[int, bytes]:
        """Return status and body of the answer, as far as one comes."""
        got = b""
        while b"\r\n\r\n" not in got or len(got) < _whole(got):
            piece = self._socket.recv(65_536)
            if not piece:
                break
            got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1] or 0), body

    def close(self) -> None:
        """Go away."""
        self._socket.close()


def _whole(got: bytes) -> int:
    head, _, _ = got.partition(b"\r\n\r\n")
    said = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(head) + 4 + (int(said[0].split(b":")[1]) if said else 0)


LARGE = b"x" * (256 << 10)
"""Enough of a body that it is written down before the rest comes."""


def put(who: dict[str, str], length: int, place: str = BLOB) -> str:
    """Return the head of an upload."""
    return (
        f"PUT {place} HTTP/1.1\r\nAuthorization: {who['Authorization']}\r\nContent-Length: {length}"
    )


def is_empty(node: Node) -> bool:
    """Tell whether nothing that came in is left."""
    return not list(node.folder.incoming.iterdir())


def test_a_body_that_stops_is_refused_in_time_and_its_file_is_gone(
    client: httpx.Client, node: Node
) -> None:
    who = signed_in(client, Person(number=1))
    with closing(Wire(client, put(who, 1 << 20), b"x" * 1_000)) as wire:
        status, body = wire.answer()
    assert status == 400
    assert Problem.model_validate_json(body).detail == "the body comes too slowly"
    wait_until(lambda: is_empty(node), "the file is gone")


def trickled(wires: list[Wire]) -> list[tuple[int, bytes]]:
    """Send on all connections, byte by byte and never silent for long, until each is answered."""
    answers: dict[Wire, tuple[int, bytes]] = {}

    def are_answered() -> bool:
        for wire in wires:
            if wire in answers:
                continue
            wire.wait_at_most(PACE.silence_s / 4 / len(wires))
            try:
                answers[wire] = wire.answer()
            except TimeoutError:
                wire.send(b"x")
        return len(answers) == len(wires)

    wait_until(are_answered, "every trickle is refused")
    return list(answers.values())


def test_who_promises_much_cannot_trickle_the_longer_and_gives_the_place_back(
    client: httpx.Client, node: Node
) -> None:
    who = signed_in(client, Person(number=1))
    most = node.settings.max_episode_bytes
    with ExitStack() as stack:
        heads = [put(who, most)] * MOST_UPLOADS_EACH
        wires = [stack.enter_context(closing(Wire(client, head))) for head in heads]
        answers = trickled(wires)
    for status, body in answers:
        assert (status, Problem.model_validate_json(body).code) == (400, "bad_request")
    wait_until(lambda: is_empty(node), "the files are gone")
    again = client.put(BLOB, content=b"x", headers=who)
    assert again.status_code == 422, "a place is free: it is its digest that is refused"


def test_a_body_of_json_cannot_trickle_either(client: httpx.Client) -> None:
    head = "POST /v1/tokens HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 100000"
    with closing(Wire(client, head)) as wire:
        ((status, body),) = trickled([wire])
    assert status == 400
    assert Problem.model_validate_json(body).detail == "the body comes too slowly"


def test_a_body_that_ends_before_it_said_is_not_kept(client: httpx.Client, node: Node) -> None:
    who = signed_in(client, Person(number=1))
    wire = Wire(client, put(who, 1 << 20), LARGE)
    wait_until(lambda: not is_empty(node), "it comes in")
    wire.close()
    wait_until(lambda: is_empty(node), "the file is gone")
    assert client.head(BLOB, headers=who).status_code == 404


@pytest.mark.parametrize("said", ["-1", "1e3", "0x10", "99999999999999999999", "", "1, 2"])
def test_a_length_that_is_none_is_refused(client: httpx.Client, node: Node, said: str) -> None:
    who = signed_in(client, Person(number=1))
    head = f"PUT {BLOB} HTTP/1.1\r\nAuthorization: {who['Authorization']}\r\nContent-Length: {said}"
    with closing(Wire(client, head)) as wire:
        status, _ = wire.answer()
    assert status in {400, 411, 413}
    assert is_empty(node)
    assert client.get("/healthz").status_code == 200


def test_a_body_of_json_that_stops_is_refused_in_time(client: httpx.Client) -> None:
    head = "POST /v1/tokens HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 100"
    with closing(Wire(client, head, b'{"nonce"')) as wire:
        status, body = wire.answer()
    assert status == 400
    assert Problem.model_validate_json(body).detail == "the body comes too slowly"


def test_one_sender_has_a_few_places_and_others_have_theirs(tmp_path: Path) -> None:
    with made_node(tmp_path / "hub") as node, served(node) as client:
        greedy, other = signed_in(client, Person(number=1)), signed_in(client, Person(number=2))
        wires = [Wire(client, put(greedy, 1 << 20), LARGE) for _ in range(MOST_UPLOADS_EACH)]
        folder = node.folder.incoming
        wait_until(lambda: len(list(folder.iterdir())) == len(wires), "all are under way")
        refused = client.put(BLOB, content=b"x", headers=greedy)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert client.put(BLOB, content=b"x", headers=other).status_code == 422  # its digest
        for wire in wires:
            wire.close()
        wait_until(lambda: is_empty(node), "the files are gone")
        assert client.put(BLOB, content=b"x", headers=greedy).status_code == 422


class Asked:
    """One request as a server passes it on, that waits in the middle of its body."""

    def __init__(self, body: bytes) -> None:
        self.first: Message = {"type": "http.request", "body": body, "more_body": True}
        self.waits = asyncio.Event()
        self.may_end = asyncio.Event()
        self.told: list[Message] = []
        self._pieces = 0

    async def receive(self) -> Message:
        """Give the first piece, and the last once it may end."""
        self._pieces += 1
        if self._pieces == 1:
            return self.first
        self.waits.set()
        await self.may_end.wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Message) -> None:
        """Keep the answer."""
        self.told.append(message)


async def _answers(_: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 204, "headers": []})


SCOPE = {"type": "http", "method": "PUT", "path": f"/v1/sign-offs/{'0' * 64}", "headers": []}


def test_bodies_that_are_held_together_have_an_upper_bound() -> None:
    piece = b"x" * (1 << 20)
    fit = MOST_HELD_BYTES // len(piece)

    async def all_at_once() -> None:
        bodies = SmallBodies(_answers, Pace())
        asked = [Asked(piece) for _ in range(fit)]
        tasks = [asyncio.create_task(bodies(dict(SCOPE), one.receive, one.send)) for one in asked]
        await asyncio.gather(*(one.waits.wait() for one in asked))
        one_more = Asked(piece)
        await bodies(dict(SCOPE), one_more.receive, one_more.send)
        assert one_more.told[0]["status"] == 503
        assert dict(one_more.told[0]["headers"])[b"retry-after"]
        assert json.loads(one_more.told[1]["body"])["code"] == "away"
        for one in asked:
            one.may_end.set()
        await asyncio.gather(*tasks)
        assert {one.told[0]["status"] for one in asked} == {204}
        again = Asked(piece)
        again.may_end.set()
        await bodies(dict(SCOPE), again.receive, again.send)
        assert again.told[0]["status"] == 204  # nothing of the others is counted any more

    asyncio.run(all_at_once())


def test_who_comes_beyond_the_most_at_once_is_told_when_to_come_again() -> None:
    async def all_at_once() -> None:
        held = [Asked(b"") for _ in range(2)]

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()
            await receive()
            await _answers(scope, receive, send)

        limited = AtOnce(slow, most=2)
        tasks = [asyncio.create_task(limited(dict(SCOPE), one.receive, one.send)) for one in held]
        await asyncio.gather(*(one.waits.wait() for one in held))
        beyond = Asked(b"")
        await limited(dict(SCOPE), beyond.receive, beyond.send)
        assert beyond.told[0]["status"] == 503
        assert dict(beyond.told[0]["headers"])[b"retry-after"]
        for one in held:
            one.may_end.set()
        await asyncio.gather(*tasks)
        assert {one.told[0]["status"] for one in held} == {204}

    asyncio.run(all_at_once())
