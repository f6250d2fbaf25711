"""Connections: who asks nothing, or reads nothing, keeps nobody out, and does not stay."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest
from tests.support.datasets import Person
from tests.support.deadline import deadline, wait_until
from tests.support.hub_requests import served, signed_in
from tests.support.hubs import made_node, signed
from tests.support.hubs_ended import admitted

from signoff_collector.upload.stores.layout import blob_key
from signoff_hub.node.node import Node
from signoff_hub.serving.connections import PatientProtocol
from signoff_hub.serving.listening import Listening

LARGE_TERMS = f'workers = 1\nterms_text = "{"&" * 20_000}"\n'  # 100 kB as a page
SMALL_BYTES = 4 << 10
LARGE_BYTES = 8 << 20


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with made_node(tmp_path / "hub", LARGE_TERMS) as made:
        yield made


@pytest.fixture
def small_buffers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system take little of an answer, so that small ones show what large ones do."""
    bind = Listening.bind

    def bound(listening: Listening) -> socket.socket:
        listener = bind(listening)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL_BYTES)
        return listener

    monkeypatch.setattr(Listening, "bind", bound)


def connected(client: httpx.Client, said: bytes = b"") -> socket.socket:
    made = socket.socket()
    made.settimeout(deadline())
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BYTES)
    made.connect((client.base_url.host, client.base_url.port or 0))
    made.sendall(said)
    return made


def wait_until_cut_off(connection: socket.socket) -> None:
    """Send on, which a server that only watches for silence would wait for."""
    connection.setblocking(False)

    def is_cut_off() -> bool:
        try:
            connection.send(b"x")
        except BlockingIOError:
            return False
        except ConnectionError:
            return True
        return False

    wait_until(is_cut_off, "it is cut off")


def is_ended(connection: socket.socket) -> bool:
    """Wait until the other side ends a connection."""
    try:
        while connection.recv(65_536):
            pass
    except ConnectionError:
        return True
    return True


def test_connections_that_ask_nothing_keep_nobody_out(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientProtocol, "most", 20)
    with served(node) as client, ExitStack() as stack:
        silent = [stack.enter_context(closing(connected(client))) for _ in range(60)]
        for _ in range(3):
            with httpx.Client(base_url=client.base_url, trust_env=False) as other:
                assert other.get("/healthz", timeout=deadline()).status_code == 200
        assert is_ended(silent[0])  # who waited longest went first


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET /healthz HTTP/1.1\r\nHost: hub\r\n",
    ],
    ids=["silent", "half a head"],
)
def test_a_connection_without_a_request_in_hand_ends(
    node: Node, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientProtocol, "head_s", 0.2)
    with served(node) as client, closing(connected(client, said)) as connection:
        assert is_ended(connection)
        assert client.get("/healthz").status_code == 200


def test_who_goes_on_sending_what_was_refused_is_cut_off(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientProtocol, "head_s", 0.2)
    head = b"POST /v1/tokens HTTP/1.1\r\nHost: hub\r\nContent-Length: 99999999\r\n\r\n"
    with served(node) as client, closing(connected(client, head + b"x" * 300_000)) as connection:
        assert connection.recv(12) == b"HTTP/1.1 413"
        wait_until_cut_off(connection)


def large_export(node: Node, client: httpx.Client) -> bytes:
    """Have a large episode, as far as the store knows; returns the request for it."""
    somebody = Person(number=1)
    sent = signed(node, 1)
    admitted(node, sent)
    with (node.folder.objects / blob_key(sent.sha256)).open("r+b") as blob:
        blob.truncate(LARGE_BYTES)
    who = signed_in(client, somebody)["Authorization"]
    return f"GET /v1/mine/export HTTP/1.1\r\nHost: hub\r\nAuthorization: {who}\r\n\r\n".encode()


def test_who_reads_nothing_of_a_streamed_answer_is_cut_off(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientProtocol, "unread_s", 0.2)
    monkeypatch.setattr(PatientProtocol, "head_s", 10_000.0)  # of no help here
    with served(node) as client:
        with closing(connected(client, large_export(node, client))) as connection:
            assert connection.recv(12) == b"HTTP/1.1 200"
            wait_until_cut_off(connection)
        assert client.get("/healthz").status_code == 200


@pytest.mark.usefixtures("small_buffers")
@pytest.mark.parametrize("last", [b"", b"Connection: close\r\n"], ids=["kept open", "to close"])
def test_who_reads_nothing_of_a_whole_answer_is_cut_off(
    node: Node, last: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientProtocol, "unread_s", 0.2)
    monkeypatch.setattr(PatientProtocol, "head_s", 10_000.0)
    asked = b"GET / HTTP/1.1\r\nHost: hub\r\n" + last + b"\r\n"
    with served(node) as client, closing(connected(client, asked)) as connection:
        assert connection.recv(12) == b"HTTP/1.1 200"
        wait_until_cut_off(connection)


@pytest.mark.usefixtures("small_buffers")
def test_who_reads_the_last_piece_late_still_gets_all_of_it(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientProtocol, "head_s", 0.2)
    asked = b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n"
    with served(node) as client, closing(connected(client, asked)) as late:
        began = late.recv(200)
        with closing(connected(client)) as silent:
            assert is_ended(silent)  # so the time of who asks nothing is over
        whole = bytearray(began)
        while piece := late.recv(65_536):
            whole += piece
        assert whole.endswith(b"</html>\n")
