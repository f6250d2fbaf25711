"""What the page's server gives to whom: everything to one window, an empty 404 to all others."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collector.review.serving.conftest import Served
from tests.support.deadline import deadline
from tests.support.review_page import (
    ASIDE,
    CLIENT,
    Answer,
    PageClient,
    exchange,
    open_page,
    parse_answer,
    path_when_loaded_again,
    send,
)

from signoff_collector.review.serving import connections

HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-dns-prefetch-control": "off",
    "x-frame-options": "DENY",
}
API_PATHS = (
    "/api/base", "/api/review", "/api/keeps/0/preview", "/api/keeps/0/overview",
    "/api/keeps/0/check", f"/api/final/{'0' * 64}", f"/api/final/{'0' * 64}/terms",
    f"/api/storyline/{'0' * 64}",
)  # fmt: skip


def is_nothing(answer: Answer) -> bool:
    """Say whether an answer is the one that everything unknown gets."""
    policy = answer.headers["content-security-policy"]
    return (
        answer.status == 404
        and answer.body == b""
        and answer.headers["content-length"] == "0"
        and set(answer.headers) == {*HEADERS, "connection", "content-length",
                                    "content-security-policy", "permissions-policy"}
        and policy == "default-src 'none'; form-action 'none'; frame-ancestors 'none'; "
                      "base-uri 'none'"
    )  # fmt: skip


def test_the_server_listens_on_the_loopback_only(served: Served) -> None:
    (listener,) = served.server._server.servers
    assert [one.getsockname()[0] for one in listener.sockets] == ["127.0.0.1"]


def test_the_page_is_given_out_once_with_a_strict_policy(served: Served) -> None:
    way = served.new_way()
    assert way.redirect.stat().st_mode & 0o777 == 0o600
    _, page = open_page(way)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert {name: page.headers[name] for name in HEADERS} == HEADERS
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in page.headers["content-security-policy"].split(";")
    )
    nonce = policy["script-src"].removeprefix("'nonce-").removesuffix("'")
    assert f'nonce="{nonce}"'.encode() in page.body
    assert policy == {
        "default-src": "'none'", "script-src": f"'nonce-{nonce}'",
        "style-src": f"'nonce-{nonce}'", "worker-src": "blob:", "connect-src": "'self'",
        "img-src": "data:", "font-src": "data:", "form-action": "'none'",
        "frame-ancestors": "'none'", "base-uri": "'none'",
    }  # fmt: skip
    assert is_nothing(ask(served, f"/{way.token}"))
    assert not way.redirect.exists()


def ask(
    served: Served, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
) -> Answer:
    """Ask as somebody who knows the address but holds no token."""
    sent = {"Host": served.server._host, "Connection": "close", **(headers or {})}
    return send(served.server.port, method, path, sent)


@pytest.mark.parametrize("path", ["/", "/index.html", "/api", "/../", "/%2e%2e/x", *API_PATHS])
def test_without_a_token_there_is_nothing(served: Served, path: str) -> None:
    served.open()
    assert is_nothing(ask(served, path))
    for authorization in ("Bearer", "Bearer ", "Bearer None", f"Bearer {'A' * 43}", "Basic eA=="):
        assert is_nothing(ask(served, path, headers={"Authorization": authorization}))


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "DELETE", "PATCH", "CONNECT", "X"])
def test_other_methods_get_nothing_even_with_the_token(served: Served, method: str) -> None:
    client = served.open()
    assert is_nothing(client.ask(method, "/api/review"))


def test_a_name_that_was_rebound_to_the_loopback_gets_nothing(served: Served) -> None:
    way = served.new_way()
    for host in ("attacker.example", f"attacker.example:{way.port}", f"localhost:{way.port}",
                 "127.0.0.1", f"127.0.0.1:{way.port + 1}", f"{way.host}.", ""):  # fmt: skip
        answer = send(way.port, "GET", f"/{way.token}", {"Host": host, "Connection": "close"})
        assert answer.status in {400, 404}
        assert answer.body == b""
    client, _ = open_page(way)
    assert is_nothing(client.ask("GET", "/api/base", headers={"Host": f"x.example:{way.port}"}))


@pytest.mark.parametrize(
    "origin",
    ["null", "http://attacker.example", "https://127.0.0.1", "http://127.0.0.1", "file://"],
)
def test_a_request_that_another_page_sends_gets_nothing(served: Served, origin: str) -> None:
    way = served.new_way()
    assert is_nothing(ask(served, f"/{way.token}", headers={"Origin": origin}))
    client, _ = open_page(way)
    assert is_nothing(client.ask("POST", "/api/alive", headers={"Origin": origin}))
    own = client.ask("POST", "/api/alive", headers={"Origin": f"http://{way.host}"})
    assert own.status == 200
    assert "access-control-allow-origin" not in own.headers


def test_a_new_address_voids_the_old_one_and_the_old_window(served: Served) -> None:
    first = served.new_way()
    client, _ = open_page(first)
    assert client.get("/api/review").status == 200
    unused, last = served.new_way(), served.new_way()
    assert is_nothing(client.get("/api/review"))
    assert is_nothing(ask(served, f"/{unused.token}"))
    assert not unused.redirect.exists()
    again, _ = open_page(last)
    assert again.get("/api/review").status == 200


def test_a_window_that_is_loaded_again_gets_words_and_no_data(served: Served) -> None:
    way = served.new_way()
    client, page = open_page(way)
    path = path_when_loaded_again(page)
    last = served.new_way()
    answer = ask(served, path)
    assert answer.status == 200
    assert b"loaded again" in answer.body
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; form-action 'none'; frame-ancestors 'none'")
    assert "script-src" not in policy
    for told in (client.bearer, last.token, path[1:], way.token, served.base.stem):
        assert told not in answer.body.decode()
    for headers in ({"Origin": f"http://{way.host}"}, {"Host": "localhost"}):
        assert is_nothing(ask(served, path, headers=headers))
    assert is_nothing(ask(served, path, method="POST"))
    assert served.reloads == [1]
    # Whoever was never told the path learns nothing, and it opens nothing.
    assert is_nothing(ask(served, f"/{way.token}"))
    assert is_nothing(ask(served, "/", headers={"Sec-Fetch-Dest": "document"}))
    assert is_nothing(ask(served, f"/{last.token[:-1]}"))
    assert is_nothing(PageClient(host=way.host, bearer=path[1:]).get("/api/review"))
    assert open_page(last)[0].get("/api/review").status == 200


def test_every_answer_of_the_api_forbids_to_keep_sniff_or_frame_it(served: Served) -> None:
    client = served.open()
    for path in (*API_PATHS, "/api/nothing"):
        answer = client.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["content-type"] in {"application/json", "application/octet-stream"}
        assert not {"set-cookie", "server", "date", "etag", "location"} & set(answer.headers)


def test_bodies_are_capped_and_what_is_no_request_of_the_page_is_refused(served: Served) -> None:
    client = served.open()
    for method, path, body in (
        ("POST", "/api/mask", b'{"value": "%s"}' % (b"x" * 70_000)),
        ("POST", "/api/mask", b"[]"),
        ("POST", "/api/mask", b'{"value": "abcdef", "value": "ghijkl"}'),
        ("POST", "/api/mask", b'{"value": 7}'),
        ("POST", "/api/mask", b"\xff\xfe"),
        ("POST", "/api/mask", b"[" * 60_000),
        ("PUT", "/api/plan", b'{"revision": true, "plan": {}}'),
        ("PUT", "/api/plan", b'{"plan": null}'),
        ("POST", "/api/plan/undo", b"{}"),
        ("POST", "/api/discard", b'{"confirmed": false}'),
        ("POST", "/api/unmask", b'{"group": "x"}'),
    ):
        answer = client.ask(method, path, raw_body=body)
        assert answer.status in {400, 422}, (path, body[:40], answer.raw)
        assert set(answer.json()) == {"error", "hint", "exit_code"}
        assert b"ghijkl" not in answer.body
    assert served.base.exists()


def test_a_body_larger_than_any_plan_is_cut_off(served: Served) -> None:
    client = served.open()
    answer = client.ask("PUT", "/api/plan", raw_body=b" " * ((16 << 20) + (1 << 17)))
    assert answer.status == 400
    assert "16842752 bytes" in str(answer.json()["error"])
    assert client.get("/api/review").status == 200


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost:",
        b"POST /api/mask HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {bearer}\r\n"
        b"Content-Length: 10\r\n\r\n{",
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_client_that_does_not_finish_its_request_is_cut_off(
    served: Served, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = served.open()
    monkeypatch.setattr(connections, "REQUEST_S", 0.05)
    begun = begun.replace(b"{host}", client.host.encode())
    begun = begun.replace(b"{bearer}", client.bearer.encode())
    assert exchange(client.port, begun) == b""


def test_a_crowd_of_silent_connections_does_not_keep_the_page_out(served: Served) -> None:
    client = served.open()
    crowd = [socket.create_connection(("127.0.0.1", client.port), deadline()) for _ in range(100)]
    try:
        assert client.get("/api/review").status == 200
    finally:
        for one in crowd:
            one.close()


def test_random_bytes_are_answered_with_nothing_or_not_at_all(served: Served) -> None:
    client = served.open()
    seeds = random.Random(8)  # noqa: S311 - the same bytes every time
    for _ in range(60):
        garbage = seeds.randbytes(seeds.randrange(1, 3000))
        check_harmless(exchange(client.port, garbage, closes=True), client)
    assert client.get("/api/review").status == 200


PIECES = st.lists(
    st.sampled_from(
        [
            b"GET ", b"POST ", b"/api/base", b"/api/review", b"/", b" HTTP/1.1\r\n", b" HTTP/9.9",
            b"\r\n", b"\r\n\r\n", b"\n", b"Host: 127.0.0.1", b"Host: {host}\r\n", b"Transfer-",
            b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n",
            b"Authorization: Bearer x\r\n", b"Expect: 100-continue\r\n", b"Upgrade: websocket\r\n",
            b"Connection: upgrade\r\n", b"zz\r\n", b"\0", b"\xff" * 9,
            "\U0001f600\U00010348".encode(),
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"x" * 20_000,
        ]
    ),
    max_size=12,
)  # fmt: skip


@given(pieces=st.lists(PIECES, min_size=12, max_size=12))
def test_what_is_nearly_http_is_answered_with_nothing(
    served_once: PageClient, pieces: list[list[bytes]]
) -> None:
    for few in pieces:
        sent = b"".join(few).replace(b"{host}", served_once.host.encode())
        check_harmless(exchange(served_once.port, sent, closes=True), served_once)


@pytest.fixture
def served_once(base: Path, serve: Callable[..., Served]) -> PageClient:
    return serve(base).open()


def check_harmless(raw: bytes, client: PageClient) -> None:
    """See that an answer to a stranger holds nothing."""
    for secret in (CLIENT, ASIDE, client.bearer, "signoff", "uvicorn", "Traceback", "parser"):
        assert secret.lower().encode() not in raw.lower()
    raw = raw.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").removeprefix(b"HTTP/1.1 100 \r\n\r\n")
    if raw:
        answer = parse_answer(raw)
        assert answer.status in {400, 404}, raw
        assert answer.body == b"" or answer.body.startswith(b"HTTP/1.1 404"), raw
