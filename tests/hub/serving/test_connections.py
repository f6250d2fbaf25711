"""Connections: who asks nothing keeps nobody out, and does not stay."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest
from tests.support.deadline import deadline, wait_until
from tests.support.hub_requests import served
from tests.support.hubs import made_node

from signoff_hub.node.node import Node
from signoff_hub.serving.connections import PatientProtocol


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with made_node(tmp_path / "hub", "workers = 1\n") as made:
        yield made


def connected(client: httpx.Client, said: bytes = b"") -> socket.socket:
    place = (client.base_url.host, client.base_url.port or 0)
    made = socket.create_connection(place, timeout=deadline())
    made.sendall(said)
    return made


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
        connection.setblocking(False)

        def is_cut_off() -> bool:
            """Send on, which a server that only watches for silence would wait for."""
            try:
                connection.send(b"x")
            except BlockingIOError:
                return False
            except ConnectionError:
                return True
            return False

        wait_until(is_cut_off, "it is cut off")
